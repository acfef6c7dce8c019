/**
 * Lines that two texts share, by the patience of Bram Cohen: lines that are there once on both sides hold the texts
 * together, and what is between two of them is compared in the same way. The time grows with the length of the texts and
 * hardly with how much of them differs. Where no line is there once, the library compares them while there is time.
 */
import { diff } from "@codemirror/merge";
import { coded, numbered } from "./coded";

type Pair = readonly [a: number, b: number];
type Range = { fromA: number; toA: number; fromB: number; toB: number };

/** The depth to which repeated lines are compared exactly: the library's time grows with its square. */
const DEPTH_MAX = 500;

/**
 * The places of lines that stay, ascending on both sides. A last line has no line end, and pairs with a last one only.
 * Once it is `until`, in milliseconds of `performance.now()`, repeated lines are no longer compared.
 */
export function pairedLines(a: readonly string[], b: readonly string[], until: number): Pair[] {
  const known = new Map<string, number>();
  const [numbersA, numbersB] = [numbered(a.slice(0, -1), known), numbered(b.slice(0, -1), known)];
  const pairs: Pair[] = [];
  const open: Range[] = [{ fromA: 0, toA: numbersA.length, fromB: 0, toB: numbersB.length }];
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    let { fromA, toA, fromB, toB } = range;
    while (fromA < toA && fromB < toB && numbersA[fromA] === numbersB[fromB]) pairs.push([fromA++, fromB++]);
    while (fromA < toA && fromB < toB && numbersA[toA - 1] === numbersB[toB - 1]) pairs.push([--toA, --toB]);
    const held = rising(sharedOnce(numbersA, numbersB, { fromA, toA, fromB, toB }));
    if (held.length === 0) {
      pairs.push(...repeated(numbersA, numbersB, { fromA, toA, fromB, toB }, until));
      continue;
    }
    for (const [index, [atA, atB]] of held.entries()) {
      const [nextA, nextB] = held[index + 1] ?? [toA, toB];
      pairs.push([atA, atB]);
      open.push({ fromA: atA + 1, toA: nextA, fromB: atB + 1, toB: nextB });
    }
    const [firstA, firstB] = held[0] ?? [toA, toB];
    open.push({ fromA, toA: firstA, fromB, toB: firstB });
  }
  pairs.sort((one, other) => one[0] - other[0]);
  if (a.at(-1) === b.at(-1)) pairs.push([a.length - 1, b.length - 1]);
  return pairs;
}

/** Pairs of a range in which no line is there once on both sides. */
function repeated(a: readonly number[], b: readonly number[], range: Range, until: number): Pair[] {
  const { fromA, toA, fromB, toB } = range;
  const timeout = until - performance.now();
  const [codedA, codedB] = [coded(a.slice(fromA, toA)), coded(b.slice(fromB, toB))];
  if (fromA === toA || fromB === toB || timeout < 1 || codedA === undefined || codedB === undefined) return [];
  const pairs: Pair[] = [];
  let [atA, atB] = [fromA, fromB];
  const stay = (untilA: number) => {
    while (atA < untilA) pairs.push([atA++, atB++]);
  };
  for (const change of diff(codedA, codedB, { scanLimit: DEPTH_MAX, timeout })) {
    stay(fromA + change.fromA);
    [atA, atB] = [fromA + change.toA, fromB + change.toB];
  }
  stay(toA);
  return pairs;
}

/** Lines that are there once on both sides of a range, by their places in `a`. */
function sharedOnce(a: readonly number[], b: readonly number[], { fromA, toA, fromB, toB }: Range): Pair[] {
  const TWICE = -1;
  const places = (lines: readonly number[], from: number, to: number) => {
    const found = new Map<number, number>();
    for (let at = from; at < to; at++) {
      const line = lines[at] ?? TWICE;
      found.set(line, found.has(line) ? TWICE : at);
    }
    return found;
  };
  if (fromA === toA || fromB === toB) return [];
  const inB = places(b, fromB, toB);
  const shared: Pair[] = [];
  for (const [line, atA] of places(a, fromA, toA)) {
    const atB = inB.get(line);
    if (atA !== TWICE && atB !== undefined && atB !== TWICE) shared.push([atA, atB]);
  }
  return shared.sort((one, other) => one[0] - other[0]);
}

/** The longest run of pairs that ascend on both sides. */
function rising(pairs: readonly Pair[]): Pair[] {
  /** For each length, the pair that ends a run of it earliest in `b`; and for each pair, the one before it in its run. */
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  for (const [index, [, atB]] of pairs.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.[1] ?? 0) < atB) low = middle + 1;
      else high = middle;
    }
    before.push(low === 0 ? undefined : ends[low - 1]);
    ends[low] = index;
  }
  const run: Pair[] = [];
  for (let index = ends.at(-1); index !== undefined; index = before[index]) {
    const pair = pairs[index];
    if (pair !== undefined) run.push(pair);
  }
  return run.reverse();
}
