import { Card, CardRow } from "@/components/ui/Cards";
import type { RunSummary } from "@/ipc/bindings";
import { formatCount, formatDuration, formatInterval, formatNumber, formatPercent } from "@/lib/format";
import { costParts, requestWords, tokenWords } from "./cost";

/** What a run showed, in numbers that say how sure they are. `hasTruth` says whether any task of its project has ground truth. */
export function Cards({ run, hasTruth }: { run: RunSummary; hasTruth: boolean }) {
  const { accuracy } = run;
  const cost = costParts(run);
  const owned = run.cached > 0 ? `${formatCount(run.cached, "answer")} owned already` : requestWords(run);
  const tokens = run.prompt_tokens + run.completion_tokens;
  return (
    <CardRow className="grid-cols-3 @4xl:grid-cols-[1.8fr_0.7fr_1.25fr_1.45fr_1.35fr_1fr]">
      <Card title="Accuracy" value={accuracy === null ? "Not scored" : formatPercent(accuracy.value)}>
        {accuracy === null
          ? unscoredWords(run, hasTruth)
          : `${formatNumber(accuracy.correct)} of ${formatNumber(accuracy.scored)} correct, likely ${formatInterval(accuracy.low, accuracy.high)}`}
      </Card>
      <Card title="Mean score" value={run.mean_score === null ? "–" : formatPercent(run.mean_score)} />
      <Card title="Failed" value={formatNumber(run.failed)} tone={run.failed > 0 ? "negative" : undefined}>
        {run.failed > 0 &&
          (run.accuracy_with_failed === null
            ? "not counted as wrong"
            : `${formatPercent(run.accuracy_with_failed)} if counted as wrong`)}
      </Card>
      <Card title="Tokens" value={formatNumber(tokens)}>
        {tokens > 0 && <Lines of={tokenWords(run)} />}
      </Card>
      <Card title="Cost" value={cost.known}>
        <Lines of={[...cost.beside, owned]} />
      </Card>
      <Card title="Time" value={formatDuration(run.wall_ms)}>
        {run.retries > 0
          ? formatCount(run.retries, "retry", "retries")
          : run.done < run.total && `${formatNumber(run.done)} of ${formatNumber(run.total)}`}
      </Card>
    </CardRow>
  );
}

/** Why a run has no accuracy, or none yet. */
function unscoredWords(run: RunSummary, hasTruth: boolean): string {
  const { subset, done, failed, total, accuracy_with_failed } = run;
  const isTruth = subset.kind.startsWith("ground-truth");
  // Of these tasks each has ground truth.
  if (isTruth && done > failed) return "no answer could be compared with its ground truth";
  // What is left may have ground truth, unless nothing in the project has; which tasks a run covers, only Rust knows.
  if (done < total && (isTruth || hasTruth)) return "no task with ground truth was answered yet";
  // Without ground truth among the failed there would be nothing to count them in.
  if (isTruth || accuracy_with_failed !== null) return "no task with ground truth was answered";
  return "no task of this run has ground truth";
}

function Lines({ of }: { of: readonly string[] }) {
  return of.map((words) => (
    <span key={words} className="block">
      {words}
    </span>
  ));
}
