import { Card, CardRow, type Short } from "@/components/ui/Cards";
import type { RunMetrics, RunSummary } from "@/ipc/bindings";
import {
  accuracyWords,
  formatBounds,
  formatCount,
  formatDuration,
  formatLatency,
  formatNumber,
  formatPercent,
} from "@/lib/format";
import { costParts, requestWords, tokenWords } from "./cost";

type CardsProps = {
  run: RunSummary;
  /** Whether any task of its project has ground truth. */
  hasTruth: boolean;
  /** Until they are read, cards say less. */
  metrics?: RunMetrics | undefined;
  short?: Short | undefined;
};

/** What a run showed, in numbers that say how sure they are. */
export function Cards({ run, hasTruth, metrics, short }: CardsProps) {
  const { accuracy } = run;
  const cost = costParts(run);
  const owned = run.cached > 0 ? `${formatCount(run.cached, "answer")} reused` : requestWords(run);
  const tokens = run.prompt_tokens + run.completion_tokens;
  return (
    <CardRow
      short={short}
      // In the wide one two lines are always there, so that what is measured later moves nothing.
      className={short === "always" ? undefined : "@4xl:[&_dd>:last-child]:min-h-8"}
    >
      <Card
        title="Accuracy"
        term="accuracy"
        value={accuracy === null ? "Not scored" : formatPercent(accuracy.value)}
        interval={accuracy === null ? undefined : formatBounds(accuracy)}
      >
        {accuracy === null ? unscoredWords(run, hasTruth) : accuracyWords(accuracy)}
      </Card>
      <Card
        title="Mean score"
        term="meanScore"
        value={run.mean_score === null ? "Not scored" : formatPercent(run.mean_score)}
        interval={run.mean_score !== null && metrics?.mean_score ? formatBounds(metrics.mean_score) : undefined}
      >
        {run.mean_score !== null && metrics?.mean_score && formatBounds(metrics.mean_score)}
      </Card>
      <Card
        title="Failed"
        term="failed"
        value={formatNumber(run.failed)}
        tone={run.failed > 0 ? "negative" : undefined}
      >
        {run.failed > 0 &&
          (run.accuracy_with_failed === null
            ? "not counted as wrong"
            : `${formatPercent(run.accuracy_with_failed)} if counted as wrong`)}
      </Card>
      <Card title="Tokens" value={formatNumber(tokens)}>
        {tokens > 0 && <Words of={tokenWords(run)} />}
      </Card>
      <Card title="Cost" value={cost.known}>
        <Words of={[...cost.beside, owned]} />
      </Card>
      <Card title="Time" term="latency" value={run.started_at === null ? "–" : formatDuration(run.wall_ms)}>
        <Words of={timeWords(run, metrics)} />
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

function timeWords({ retries, done, total }: RunSummary, metrics: RunMetrics | undefined): string[] {
  const words = [];
  if (metrics?.latency)
    words.push(`p50 ${formatLatency(metrics.latency.p50_ms)}, p95 ${formatLatency(metrics.latency.p95_ms)}`);
  if (retries > 0) words.push(formatCount(retries, "retry", "retries"));
  else if (done < total) words.push(`${formatNumber(done)} of ${formatNumber(total)}`);
  return words;
}

/** Beside each other where there is room, and broken between them where there is none. */
function Words({ of }: { of: readonly string[] }) {
  return of.map((words) => (
    <span key={words} className="mr-1 inline-block not-last:after:content-[',']">
      {words}
    </span>
  ));
}
