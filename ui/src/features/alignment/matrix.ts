/** A confusion matrix as far as it can be looked at. */
import type { Confusion } from "@/ipc/bindings";

/** With more classes than this the rest is one. */
const CLASSES_MAX = 30;

/** How much of its colour the deepest cell has, in percent: on more its number could not be read. */
export const DEPTH_MAX = 70;

export type MatrixClass = {
  /** `""`: nothing was chosen. */
  label: string;
  /** How many classes it stands for, where it is all the others. */
  others?: number;
};

export type Matrix = { classes: MatrixClass[]; counts: number[][] };

/** The classes that occur most, true or predicted, in their own order; all others, if there are more, are the last one. */
export function condensed({ labels, counts }: Confusion, max = CLASSES_MAX): Matrix {
  // That nothing was chosen is no class like the others: it stays.
  const size = (at: number) =>
    labels[at] === "" ? Number.POSITIVE_INFINITY : sum(counts[at] ?? []) + sum(counts.map((row) => row[at] ?? 0));
  if (labels.length <= max) return { classes: labels.map((label) => ({ label })), counts };
  const kept = labels
    .map((_, at) => at)
    .sort((a, b) => size(b) - size(a) || a - b)
    .slice(0, max)
    .sort((a, b) => a - b);
  const place = labels.map((_, at) => (kept.includes(at) ? kept.indexOf(at) : kept.length));
  const merged = Array.from({ length: kept.length + 1 }, () => new Array<number>(kept.length + 1).fill(0));
  for (const [truth, row] of counts.entries()) {
    const into = merged[place[truth] ?? kept.length];
    for (const [predicted, count] of row.entries()) {
      const at = place[predicted] ?? kept.length;
      if (into !== undefined) into[at] = (into[at] ?? 0) + count;
    }
  }
  const classes = kept.map((at) => ({ label: labels[at] ?? "" }));
  return { classes: [...classes, { label: "other", others: labels.length - kept.length }], counts: merged };
}

/** Rows by their share, so that a rare class is seen as well as a common one. Of an empty row all are zero. */
export function rowShares(counts: readonly (readonly number[])[]): number[][] {
  return counts.map((row) => {
    const total = sum(row);
    return row.map((count) => (total === 0 ? 0 : count / total));
  });
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
