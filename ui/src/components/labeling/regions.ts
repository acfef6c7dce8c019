/** Reading Label Studio regions: what a control says of a task, and where its spans stand. */
import type { JsonValue, Outline, OutlineClass, OutlineNode, Region } from "@/ipc/bindings";

/** For a class that the config does not know. */
const UNKNOWN_COLOUR = "#A49F95";

/** Between the steps of a path, as in metrics. */
const PATH_STEP = " / ";

/** Of the class itself; of a path, that of the class at its end. */
export function colourOf(node: OutlineNode | undefined, value: string): string {
  const classThat = (isIt: (name: string) => boolean) =>
    node?.classes.find((known) => isIt(labelOf(known)) || isIt(known.value));
  const known = classThat((name) => name === value) ?? classThat((name) => value.endsWith(PATH_STEP + name));
  return known?.colour ?? UNKNOWN_COLOUR;
}

/** What a region calls a class: its alias, if it has one. */
export function labelOf({ alias, value }: OutlineClass): string {
  return alias ?? value;
}

/** The class names of a region, whatever its control: `choices`, `labels`, …; a path of a taxonomy is one. */
export function classesOf(region: Region): string[] {
  const named = region.value[region.type] ?? region.value.labels ?? region.value.choices;
  const word = (name: JsonValue) => (typeof name === "string" ? name : JSON.stringify(name));
  return Array.isArray(named)
    ? named.map((name) => (Array.isArray(name) ? name.map(word).join(PATH_STEP) : word(name)))
    : [];
}

export type Span = {
  start: number;
  end: number;
  labels: string[];
  /** Of its first label, in the config of its own control. */
  colour: string;
};

/** A region's place in a text, in code points, or `null` when it has none. */
export function spanOf(region: Region, outline?: Outline): Span | null {
  const { start, end } = region.value;
  if (region.type !== "labels" || typeof start !== "number" || typeof end !== "number") return null;
  const labels = classesOf(region);
  const control = outline?.nodes.find((node) => node.name === region.from_name);
  return { start, end, labels, colour: colourOf(control, labels[0] ?? "") };
}

/** A run of text under the same spans. */
export type Piece = { text: string; spans: Span[]; start: number };

/** Cuts a text at the ends of its spans. Offsets are code points, as Label Studio counts them, not UTF-16 units. */
export function piecesOf(text: string, spans: readonly Span[]): Piece[] {
  const points = Array.from(text);
  const cuts = new Set([0, points.length]);
  for (const { start, end } of spans) {
    cuts.add(Math.min(Math.max(0, start), points.length));
    cuts.add(Math.min(Math.max(0, end), points.length));
  }
  const ordered = [...cuts].sort((a, b) => a - b);
  return ordered.slice(0, -1).map((start, index) => {
    const end = ordered[index + 1] ?? start;
    return {
      text: points.slice(start, end).join(""),
      spans: spans.filter((span) => span.start <= start && span.end >= end),
      start,
    };
  });
}

/** What a region that is no span says, as text: "Positive", "4 of 5", "left". */
export function valueText(region: Region, text?: string): string {
  const span = spanOf(region);
  if (span !== null) {
    const quote = typeof region.value.text === "string" ? region.value.text : quoteOf(text, span);
    return `${span.labels.join(", ")}: “${quote}”`;
  }
  const names = classesOf(region);
  if (names.length > 0) return names.join(", ");
  if (region.type === "pairwise") return sideText(region.value.selected);
  if (region.type === "ranker") return rankText(region.value.ranker);
  return Object.values(region.value).map(plain).join(", ");
}

/** Which of two is better, in words; `left` is the first. */
export function sideText(side: JsonValue | undefined): string {
  return side === "right" ? "The second is better" : "The first is better";
}

/** "rank: 1. a, 2. b": the items of each list, the best first. */
function rankText(ranked: JsonValue | undefined): string {
  const lists = ranked !== null && typeof ranked === "object" && !Array.isArray(ranked) ? Object.entries(ranked) : [];
  return lists
    .map(([name, items]) => {
      const places = Array.isArray(items) ? items.map((item, index) => `${index + 1}. ${plain(item)}`) : [];
      return `${name}: ${places.join(", ")}`;
    })
    .join("; ");
}

function quoteOf(text: string | undefined, { start, end }: Span): string {
  return text === undefined ? `${start}–${end}` : Array.from(text).slice(start, end).join("");
}

export function plain(value: JsonValue): string {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A text as it is; of a file that stands in the data itself (`data:`) only its type, for the rest of it says nothing. */
export function withoutBytes(text: string): string {
  const [, type] = /^data:([\w.+-]+\/[\w.+-]+)[^,\s]{0,100},/.exec(text) ?? [];
  return type === undefined ? text : `data:${type}…`;
}

/** How much of a task a cell of a table has room for, in letters. */
const CELL_LETTERS = 400;

/** As much of a value as a cell of a table can show. */
export function inShort(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  const text = Array.isArray(value) ? value.map(inShort).join(", ") : withoutBytes(plain(value));
  return text.slice(0, CELL_LETTERS).replace(/\s+/g, " ");
}

/** The value that a config names: the key spelled exactly so, else step by step (`rec.body`, `items[0]`). */
export function valueAt(data: { [key in string]: JsonValue }, path: string): JsonValue | undefined {
  if (data[path] !== undefined) return data[path];
  let value: JsonValue | undefined = data;
  for (const step of path.split(/[.[\]]+/).filter((step) => step !== "")) {
    if (value === null || typeof value !== "object") return undefined;
    value = Array.isArray(value) ? value[Number(step)] : value[step];
  }
  return value;
}

/** A task in a cell: the values that the labeling interface shows; of one without them, all of its data. */
export function dataText(data: { [key in string]: JsonValue }, keys: readonly string[]): string {
  const shown = keys.filter((key) => data[key] !== undefined);
  const values = (shown.length > 0 ? shown : Object.keys(data)).map((key) => inShort(data[key]));
  return values.join(" · ").slice(0, CELL_LETTERS);
}

/** The field of the data that an object shows; `null` where it shows a text of its own. */
export function fieldOf(node: OutlineNode): string | null {
  return node.variable === null ? null : (node.value?.replace(/^\$/, "") ?? node.variable);
}

/** It shows pictures or documents, which Rust reads. */
export function isMediaObject(node: OutlineNode): boolean {
  return ["image", "pdf"].includes(node.tag.toLowerCase());
}
