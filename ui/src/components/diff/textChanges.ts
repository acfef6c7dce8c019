/**
 * Where two texts differ: by line, then by word and character in the lines that do. A long text with few changes is
 * compared in a fraction of the time that comparing it by character takes, and one with many does not hold up the page.
 */
import { Change, diff } from "@codemirror/merge";
import { coded, numbered } from "./coded";
import { pairedLines } from "./pairedLines";

/** For pairing repeated lines, and again for what differs in lines that do: after that, whole lines are told. */
const BUDGET_MS = 100;

/** Longer stretches are compared by word before they are by character. */
const CHARS_MAX = 2_000;

/** The changes that make `b` of `a`, in order; UTF-16 offsets. */
export function textChanges(a: string, b: string): readonly Change[] {
  const changes = lineChanges(a, b);
  const until = performance.now() + BUDGET_MS;
  return changes.flatMap((change) => refined(change, a, b, until));
}

function lineChanges(a: string, b: string): Change[] {
  const [linesA, linesB] = [a.split("\n"), b.split("\n")];
  const changes: Change[] = [];
  let [fromA, fromB] = [0, 0];
  let [lineA, lineB] = [0, 0];
  /** The offset behind `line`, whose line end belongs to it. */
  const behind = (lines: readonly string[], from: number, first: number, line: number) => {
    let at = from;
    for (let index = first; index < line; index++) at += (lines[index]?.length ?? 0) + 1;
    return at;
  };
  const differ = (toA: number, toB: number) => {
    if (fromA < toA || fromB < toB) changes.push(new Change(fromA, toA, fromB, toB));
  };
  for (const [nextA, nextB] of pairedLines(linesA, linesB, performance.now() + BUDGET_MS)) {
    const [toA, toB] = [behind(linesA, fromA, lineA, nextA), behind(linesB, fromB, lineB, nextB)];
    differ(toA, toB);
    const length = (linesA[nextA]?.length ?? 0) + 1;
    [fromA, fromB, lineA, lineB] = [toA + length, toB + length, nextA + 1, nextB + 1];
  }
  differ(a.length, b.length);
  return changes;
}

function refined(change: Change, a: string, b: string, until: number): readonly Change[] {
  const { fromA, toA, fromB, toB } = change;
  // 0 would be no limit at all.
  const timeout = until - performance.now();
  if (fromA === toA || fromB === toB || timeout < 1) return [change];
  const inside = [a.slice(fromA, toA), b.slice(fromB, toB)] as const;
  const compare = toA - fromA + toB - fromB > CHARS_MAX ? byWord : byCharacter;
  return compare(...inside, until).map(
    (one) => new Change(fromA + one.fromA, fromA + one.toA, fromB + one.fromB, fromB + one.toB),
  );
}

function byCharacter(a: string, b: string, until: number): readonly Change[] {
  return diff(a, b, { timeout: Math.max(1, until - performance.now()) });
}

/** Each word becomes one character, and those are compared. */
function byWord(a: string, b: string, until: number): readonly Change[] {
  const known = new Map<string, number>();
  const [wordsA, wordsB] = [a.match(/\s+|\S+/g) ?? [], b.match(/\s+|\S+/g) ?? []];
  const [codedA, codedB] = [coded(numbered(wordsA, known)), coded(numbered(wordsB, known))];
  if (codedA === undefined || codedB === undefined) return [new Change(0, a.length, 0, b.length)];
  const [endsA, endsB] = [ends(wordsA), ends(wordsB)];
  return byCharacter(codedA, codedB, until).flatMap(({ fromA, toA, fromB, toB }) => {
    const change = new Change(at(endsA, fromA), at(endsA, toA), at(endsB, fromB), at(endsB, toB));
    const isShort = change.toA - change.fromA + change.toB - change.fromB <= CHARS_MAX;
    return isShort ? refined(change, a, b, until) : [change];
  });
}

/** Where each word ends. */
function ends(words: readonly string[]): readonly number[] {
  let end = 0;
  return words.map((word) => {
    end += word.length;
    return end;
  });
}

/** Where the word of a number begins, which is where the one before it ends. */
function at(ends: readonly number[], index: number): number {
  return index === 0 ? 0 : (ends[index - 1] ?? 0);
}
