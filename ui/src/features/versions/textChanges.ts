/**
 * Where two texts differ: by line, then by word in the lines that differ, then by character in the words that do. A long
 * text with few changes is compared in a fraction of the time that comparing it by character takes.
 */
import { Change, diff } from "@codemirror/merge";

/** Texts that have little in common are compared as far as this allows, so that the window does not stand still. */
const BUDGET_MS = 100;

type Compare = (a: string, b: string, timeout: number) => readonly Change[];

const LEVELS: readonly Compare[] = [
  (a, b, timeout) => tokenChanges(a, b, /[^\n]*\n|[^\n]+/g, timeout),
  (a, b, timeout) => tokenChanges(a, b, /\s+|\S+/g, timeout),
  (a, b, timeout) => diff(a, b, { timeout }),
];

/** The changes that make `b` of `a`, in order; UTF-16 offsets. */
export function textChanges(a: string, b: string): readonly Change[] {
  const until = performance.now() + BUDGET_MS;
  let changes: readonly Change[] = [new Change(0, a.length, 0, b.length)];
  for (const compare of LEVELS) {
    changes = changes.flatMap((change) => {
      const { fromA, toA, fromB, toB } = change;
      if (fromA === toA || fromB === toB) return [change];
      // No limit at all, if it were 0.
      const timeout = Math.max(1, until - performance.now());
      const inside = compare(a.slice(fromA, toA), b.slice(fromB, toB), timeout);
      return inside.map((one) => new Change(fromA + one.fromA, fromA + one.toA, fromB + one.fromB, fromB + one.toB));
    });
  }
  return changes;
}

/** Two texts compared by what `token` cuts them into: each token becomes one character, and those are compared. */
function tokenChanges(a: string, b: string, token: RegExp, timeout: number): readonly Change[] {
  const characters = new Map<string, string>();
  const [tokensA, tokensB] = [a.match(token) ?? [], b.match(token) ?? []];
  const [codedA, codedB] = [coded(tokensA, characters), coded(tokensB, characters)];
  if (codedA === undefined || codedB === undefined) return [new Change(0, a.length, 0, b.length)];
  const [endsA, endsB] = [ends(tokensA), ends(tokensB)];
  return diff(codedA, codedB, { timeout }).map(
    ({ fromA, toA, fromB, toB }) => new Change(at(endsA, fromA), at(endsA, toA), at(endsB, fromB), at(endsB, toB)),
  );
}

/** `undefined` where there are more different tokens than characters. */
function coded(tokens: readonly string[], characters: Map<string, string>): string | undefined {
  const SURROGATES = { from: 0xd800, to: 0xe000 };
  const parts: string[] = [];
  for (const token of tokens) {
    let character = characters.get(token);
    if (character === undefined) {
      const next = characters.size;
      const code = next < SURROGATES.from ? next : next + SURROGATES.to - SURROGATES.from;
      if (code > 0xffff) return undefined;
      character = String.fromCharCode(code);
      characters.set(token, character);
    }
    parts.push(character);
  }
  return parts.join("");
}

/** Where each token ends. */
function ends(tokens: readonly string[]): readonly number[] {
  let end = 0;
  return tokens.map((token) => {
    end += token.length;
    return end;
  });
}

/** Where the token of a number begins, which is where the one before it ends. */
function at(ends: readonly number[], index: number): number {
  return index === 0 ? 0 : (ends[index - 1] ?? 0);
}
