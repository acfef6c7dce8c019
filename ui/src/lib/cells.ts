/** What a table counts together as the address keeps it: Alignment, and the failures of a run, lead with it to Results, which show its tasks. */
import type { CellFilter, ClassOutcome } from "@/ipc/bindings";

export type CellSearch = {
  control?: string | undefined;
  /** Of a confusion matrix; empty for what was not chosen. */
  truth?: string | undefined;
  predicted?: string | undefined;
  /** Of a table of classes. */
  class?: string | undefined;
  outcome?: ClassOutcome | undefined;
  /** Of the ways in which tasks failed. */
  error?: string | undefined;
};

const OUTCOMES: readonly ClassOutcome[] = ["tp", "fp", "fn"];

/** The parts of an address that name a cell; whatever else stands there is left out, for it may be typed by hand. */
export function readCellSearch(search: Record<string, unknown>): CellSearch {
  const text = (value: unknown) =>
    typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
  return {
    control: text(search.control),
    truth: text(search.truth),
    predicted: text(search.predicted),
    class: text(search.class),
    outcome: OUTCOMES.find((one) => one === search.outcome),
    error: text(search.error),
  };
}

/** The cell that an address names whole; a part of one is none. */
export function cellOf({ control, truth, predicted, class: name, outcome, error }: CellSearch): CellFilter | null {
  if (error !== undefined) return { kind: "error", code: error };
  if (control === undefined) return null;
  if (truth !== undefined && predicted !== undefined) return { kind: "confusion", control, truth, predicted };
  if (name !== undefined && outcome !== undefined) return { kind: "class", control, class: name, outcome };
  return null;
}

/** The address of a cell: all parts of another one are taken away. */
export function searchOf(cell: CellFilter | null): CellSearch {
  const none = {
    control: undefined,
    truth: undefined,
    predicted: undefined,
    class: undefined,
    outcome: undefined,
    error: undefined,
  };
  if (cell === null) return none;
  if (cell.kind === "error") return { ...none, error: cell.code };
  const { kind: _, ...parts } = cell;
  return { ...none, ...parts };
}

/** "topic: Billing, answered as Delivery", "topic: Billing, missed" */
export function cellWords(cell: CellFilter): string {
  if (cell.kind === "error") return `failed: ${cell.code}`;
  if (cell.kind === "class") return `${cell.control}: ${className(cell.class)}, ${outcomeWords[cell.outcome]}`;
  const truth = className(cell.truth);
  if (cell.truth === cell.predicted) return `${cell.control}: ${truth}, and answered so`;
  return `${cell.control}: ${truth}, answered as ${className(cell.predicted)}`;
}

/** What each outcome means, of a class. */
export const outcomeWords: Record<ClassOutcome, string> = {
  tp: "found",
  fp: "answered wrongly",
  fn: "missed",
};

/** A class as it is called on screen; the one without a name is that nothing was chosen. */
export function className(label: string): string {
  return label === "" ? "nothing chosen" : label;
}
