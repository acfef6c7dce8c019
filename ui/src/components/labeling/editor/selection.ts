/** Places in a text as code points, which is how Label Studio counts, from what the page and the keyboard say. */

/** Text elements carry where they begin, in code points. */
export const START = "data-start";

/** The place of a point of the page's selection in the text under `root`, or null when it lies outside. */
export function placeOf(root: Element, node: Node, offset: number): number | null {
  if (!root.contains(node)) return null;
  // In an element the offset counts children; the text before that child decides.
  const element = node instanceof Element ? node : node.parentElement;
  const piece = element?.closest(`[${START}]`);
  if (piece === null || piece === undefined) {
    const child = node.childNodes[offset];
    const next = child instanceof Element ? child.getAttribute(START) : null;
    if (next !== null) return Number(next);
    const last = [...root.querySelectorAll(`[${START}]`)].at(-1);
    return last === undefined ? 0 : startOf(last) + count(last.textContent ?? "");
  }
  const before = node instanceof Text ? node.data.slice(0, offset) : offset === 0 ? "" : (piece.textContent ?? "");
  return startOf(piece) + count(before);
}

function startOf(element: Element): number {
  return Number(element.getAttribute(START));
}

function count(text: string): number {
  return Array.from(text).length;
}

/** Where the caret goes: to the next or previous character that a reader sees as one, or word. */
export function move(text: string, from: number, by: 1 | -1, unit: "grapheme" | "word"): number {
  const ends = endsOf(text, unit);
  if (by === 1) return ends.find((end) => end > from) ?? Array.from(text).length;
  return [0, ...ends].findLast((end) => end < from) ?? 0;
}

const segmenters = {
  grapheme: new Intl.Segmenter("en", { granularity: "grapheme" }),
  word: new Intl.Segmenter("en", { granularity: "word" }),
};

/** Where the units end, in code points. Of words only those that are words: the caret does not stop at blanks. */
function endsOf(text: string, unit: "grapheme" | "word"): number[] {
  const ends: number[] = [];
  let at = 0;
  for (const { segment, isWordLike } of segmenters[unit].segment(text)) {
    at += count(segment);
    if (unit === "grapheme" || isWordLike === true) ends.push(at);
  }
  return ends;
}

/** A selection without the blanks at its ends, which nobody means to mark. */
export function trimmed(text: string, start: number, end: number): { start: number; end: number; text: string } {
  const points = Array.from(text).slice(start, end);
  const isBlank = (point: string | undefined) => point !== undefined && /^\s$/u.test(point);
  let [from, to] = [0, points.length];
  while (from < to && isBlank(points[from])) from += 1;
  while (to > from && isBlank(points[to - 1])) to -= 1;
  return { start: start + from, end: start + to, text: points.slice(from, to).join("") };
}
