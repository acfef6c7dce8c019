import type { RunSummary } from "@/ipc/bindings";
import { formatNumber } from "@/lib/format";

type Counts = Pick<RunSummary, "total" | "done" | "scored" | "correct" | "failed">;

/** What became of the tasks of a run, without what there is none of, and with what is left, in words. */
export function runParts({ total, done, scored, correct, failed }: Counts) {
  const all = [
    { kind: "correct", count: correct, name: "correct" },
    { kind: "wrong", count: scored - correct, name: "wrong" },
    { kind: "answered", count: done - scored - failed, name: "answered, not scored" },
    { kind: "failed", count: failed, name: "failed" },
  ] as const;
  const parts = all.filter(({ count }) => count > 0);
  const named = [...parts, { count: total - done, name: "left" }];
  return { parts, words: named.map(({ count, name }) => `${formatNumber(count)} ${name}`).join(", ") };
}
