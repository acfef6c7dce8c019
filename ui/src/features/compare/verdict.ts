/** What a comparison says of two runs, in a sentence. */
import type { PairedVerdict } from "@/ipc/bindings";
import { formatCount, formatNumber, formatPoints, formatPointsBounds, formatPointsPlain } from "@/lib/format";

type Names = { run: string; baseline: string };

/** "v4 is better than v3 by 3.2 points (0.4 to 6.1), likely real: 31 fixed, 15 broken." */
export function verdictWords(pair: PairedVerdict, shared: number, { run, baseline }: Names): string {
  const { verdict, difference, fixed, broken, more_tasks_needed: more } = pair;
  if (difference === null || shared === 0) {
    return `Cannot tell ${run} from ${baseline}: no task that both have answered has ground truth.`;
  }
  if (answeredAlike(pair)) {
    return `${run} and ${baseline} answered alike on ${shared === 1 ? "the one task" : `all ${formatNumber(shared)} tasks`}.`;
  }
  const counts = `${formatNumber(fixed)} fixed, ${formatNumber(broken)} broken`;
  switch (verdict) {
    case "better":
    case "worse": {
      const { value, low, high } = difference;
      const range = verdict === "better" ? { value, low, high } : { value: -value, low: -high, high: -low };
      return `${run} is ${verdict} than ${baseline} by ${formatPointsPlain(range.value)} points ${formatPointsBounds(range)}, likely real: ${counts}.`;
    }
    case "same":
      return `${run} and ${baseline} do equally well: ${counts}, a difference of ${between(pair)}.`;
    case "cannot_tell": {
      const told = `Cannot tell whether ${run} is better than ${baseline}: ${counts} of ${formatNumber(shared)}, a difference of ${between(pair)}.`;
      if (more !== null)
        return `${told} About ${formatCount(rounded(more), "more ground truth is", "more ground truths are")} needed.`;
      // Nothing speaks for either: no number of tasks is known to do.
      return fixed === broken ? told : `${told} More ground truth is needed.`;
    }
  }
}

/** There is nothing to tell apart, and so nothing to test. */
export function answeredAlike({ different }: PairedVerdict): boolean {
  return different === 0;
}

/** Neither is known to be better: nor is a part of what changed, however large it looks. */
export function isOpen({ verdict }: PairedVerdict): boolean {
  return verdict === "cannot_tell" || verdict === "same";
}

/** "+1.0 points (−1.4 to 3.4)" */
function between({ difference }: PairedVerdict): string {
  if (difference === null) return "";
  return `${formatPoints(difference.value)} points ${formatPointsBounds(difference)}`;
}

/** A number that is estimated, to two digits: 117 is about 120. */
function rounded(count: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  return Math.ceil(count / step) * step;
}

/** A probability as it is written: "0.021", and "< 0.001" of what is less. */
export function probabilityWords(p: number): string {
  return p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`;
}
