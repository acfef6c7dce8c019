/** What can be said of each run against the baseline, in a sentence that comes before all numbers. */
import { CircleHelp, Equal, type LucideIcon, TrendingDown, TrendingUp } from "lucide-react";
import { Term } from "@/components/ui/Term";
import type { Comparison, PairedVerdict, Verdict } from "@/ipc/bindings";
import { classes } from "@/lib/classes";
import { formatCount, formatNumber } from "@/lib/format";
import type { Named } from "./CompareTab";
import { answeredAlike, probabilityWords, verdictWords } from "./verdict";

const LOOKS: Record<Verdict, { icon: LucideIcon; box: string; mark: string }> = {
  better: { icon: TrendingUp, box: "border-positive-border bg-positive-tint", mark: "text-positive-content" },
  worse: { icon: TrendingDown, box: "border-negative-border bg-negative-tint", mark: "text-negative-content" },
  cannot_tell: { icon: CircleHelp, box: "border-warning-border bg-warning-tint", mark: "text-warning-content" },
  same: { icon: Equal, box: "border-primary-border bg-primary-tint", mark: "text-primary-content" },
};

type VerdictsProps = {
  comparison: Comparison;
  runs: readonly Named[];
  /** The run that the rest of the page is about. */
  chosen: string;
  onChoose: (runId: string) => void;
};

export function Verdicts({ comparison: { pairs, shared, answered }, runs, chosen, onChoose }: VerdictsProps) {
  const nameOf = (id: string) => runs.find(({ run }) => run.id === id)?.name ?? "";
  const tasks =
    shared === answered
      ? `On ${formatCount(shared, "task")} that all have answered and that have ground truth`
      : `On ${formatNumber(shared)} tasks with ground truth, of ${formatNumber(answered)} that all have answered`;
  return (
    <div className="flex flex-col gap-1.5">
      {pairs.map((pair) => {
        const isAlike = answeredAlike(pair) && pair.difference !== null;
        const { icon: Icon, box, mark } = LOOKS[isAlike ? "same" : pair.verdict];
        const words = verdictWords(pair, shared, { run: nameOf(pair.run_id), baseline: nameOf(pair.baseline_id) });
        const line = (
          <>
            <Icon aria-hidden className={classes("mt-0.5 size-4 shrink-0", mark)} />
            <span className="min-w-0 flex-1 select-text" dir="auto">
              <span className="block font-semibold">{words}</span>
              {pairs.length === 1 && (
                <span className="block text-xs text-subtle">
                  {tasks}. {!isAlike && <Term of="verdict">{testWords(pair, 1)}</Term>}
                </span>
              )}
            </span>
          </>
        );
        const look = classes("flex w-full items-start gap-2.5 rounded-md border px-3 py-2 text-left text-sm", box);
        if (pairs.length === 1) {
          return (
            <div key={pair.run_id} role="status" aria-label="Verdict" className={look}>
              {line}
            </div>
          );
        }
        return (
          <button
            key={pair.run_id}
            type="button"
            aria-pressed={pair.run_id === chosen}
            title={isAlike ? undefined : testWords(pair, pairs.length)}
            onClick={() => onChoose(pair.run_id)}
            className={classes(look, "py-1.5", pair.run_id === chosen && "inset-ring-2 inset-ring-focus")}
          >
            {line}
          </button>
        );
      })}
      {pairs.length > 1 && (
        <p className="text-xs text-subtler">
          {tasks}; corrected for {formatCount(pairs.length, "comparison")} (Holm). What is below is about the one that
          is chosen.
        </p>
      )}
    </div>
  );
}

/** "McNemar's exact test: p = 0.021." */
function testWords({ mcnemar_p, adjusted_p }: PairedVerdict, comparisons: number): string {
  const adjusted = comparisons === 1 ? "" : `, p ${probabilityWords(adjusted_p)} after Holm's correction`;
  return `McNemar's exact test: p ${probabilityWords(mcnemar_p)}${adjusted}.`;
}
