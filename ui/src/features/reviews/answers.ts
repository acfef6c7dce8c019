/** What other runs said of a task: each answer once, and what of it is not what this run said. */
import type { JsonValue, Region, ReviewOther } from "@/ipc/bindings";

export type Answer = { prediction: Region[]; runIds: string[] };

/** Answers that are the same but for the ids and the order of their regions, those that most runs gave first. */
export function answersOf(others: readonly ReviewOther[]): Answer[] {
  const answers = new Map<string, Answer>();
  for (const { run_id, prediction } of others) {
    const key = prediction.map(canonical).sort().join();
    const known = answers.get(key);
    if (known === undefined) answers.set(key, { prediction, runIds: [run_id] });
    else known.runIds.push(run_id);
  }
  return [...answers.values()].sort((one, other) => other.runIds.length - one.runIds.length);
}

export type Difference = { more: Region[]; less: Region[] };

/**
 * What `theirs` has that `own` has not, and the other way round. What is only chosen otherwise is told once, as what they chose;
 * a mark is at a place, so that another one does not stand for it.
 */
export function differenceOf(own: readonly Region[], theirs: readonly Region[]): Difference {
  const lacking = (regions: readonly Region[], others: readonly Region[]) => {
    const known = new Set(others.map(canonical));
    return regions.filter((region) => !known.has(canonical(region)));
  };
  const more = lacking(theirs, own);
  const instead = new Set(more.filter((region) => !isPlaced(region)).map(({ from_name }) => from_name));
  return { more, less: lacking(own, theirs).filter(({ from_name }) => !instead.has(from_name)) };
}

function isPlaced({ value }: Region): boolean {
  return value.start !== undefined || value.x !== undefined;
}

function canonical({ id: _, ...region }: Region): string {
  return JSON.stringify(ordered(region as unknown as JsonValue));
}

/** The same with the keys of objects in one order. */
function ordered(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, part]) => [key, ordered(part ?? null)]),
  );
}
