/** How far a run agrees with ground truth: overall, by control, by class, and how far its confidence can be relied on. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { CircleCheckBig, PlayCircle } from "lucide-react";
import { memo } from "react";
import { Histogram } from "@/components/charts/Histogram";
import { Reliability } from "@/components/charts/Reliability";
import { Loaded } from "@/components/Loaded";
import { Banner } from "@/components/ui/Banner";
import { Card, CardRow } from "@/components/ui/Cards";
import { EmptyState } from "@/components/ui/EmptyState";
import { Interval } from "@/components/ui/Interval";
import { RunStatusBadge } from "@/components/ui/RunStatusBadge";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { Select } from "@/components/ui/Select";
import { useMove } from "@/components/useMove";
import type { Calibration, CellFilter, ControlMetrics, LatencyMetrics, RunMetrics, RunSummary } from "@/ipc/bindings";
import { runMetricsQuery, runsQuery } from "@/ipc/queries";
import { searchOf } from "@/lib/cells";
import {
  accuracyWords,
  formatBounds,
  formatCoefficient,
  formatCost,
  formatCount,
  formatDuration,
  formatLatency,
  formatNumber,
  formatPercent,
  formatShare,
  smallSampleWords,
} from "@/lib/format";
import { isAtWork, runName } from "@/lib/runs";
import { ClassTable } from "./ClassTable";
import { ConfusionMatrix } from "./ConfusionMatrix";
import { ControlTable, Families } from "./Families";
import { type Measure, MeasureList } from "./MeasureList";

const route = getRouteApi("/prompts/$promptId");

export function AlignmentTab({ promptId, projectId }: { promptId: string; projectId: string }) {
  const search = route.useSearch();
  const move = useMove<typeof search>();
  return (
    <Loaded query={useQuery(runsQuery(promptId))} what="the runs">
      {(runs) => {
        // Unless one was chosen, the newest that has something to show here.
        const run = runs.find(({ id }) => id === search.run) ?? runs.find(({ scored }) => scored > 0) ?? runs[0];
        if (run === undefined) {
          return (
            <EmptyState icon={PlayCircle} title="No run yet">
              Run the prompt on the ground truth to learn how often its answers are right, and where they are wrong.
            </EmptyState>
          );
        }
        return (
          <ScrollRegion label="Alignment" className="h-full [container-type:size]">
            <div className="flex flex-col gap-4 px-4 pt-3 pb-6">
              <div className="flex items-center gap-2">
                <Select
                  label="Run"
                  value={run.id}
                  onChange={(id) => move({ run: id, task: undefined })}
                  options={runs.map((one) => ({ value: one.id, label: runName(one) }))}
                  className="max-w-96"
                />
                <RunStatusBadge status={run.status} />
              </div>
              <Measured key={run.id} run={run} projectId={projectId} />
            </div>
          </ScrollRegion>
        );
      }}
    </Loaded>
  );
}

function Measured({ run, projectId }: { run: RunSummary; projectId: string }) {
  return (
    <Loaded query={useQuery(runMetricsQuery(run.id, isAtWork(run)))} what="what the run shows">
      {(metrics) => (
        <>
          {metrics.accuracy === null ? <NotScored run={run} projectId={projectId} /> : <Overall metrics={metrics} />}
          {metrics.accuracy !== null && <Controls runId={run.id} controls={metrics.controls} />}
          <div className="grid grid-cols-[repeat(auto-fit,minmax(min(24rem,100%),1fr))] items-start gap-4">
            {metrics.calibration !== null && <Confidence of={metrics.calibration} />}
            {metrics.latency !== null && <Latency of={metrics.latency} />}
          </div>
        </>
      )}
    </Loaded>
  );
}

/** What is to be done where nothing can be compared. */
function NotScored({ run, projectId }: { run: RunSummary; projectId: string }) {
  const isGroundTruth = run.subset.kind.startsWith("ground-truth");
  return (
    <EmptyState
      icon={CircleCheckBig}
      title="Nothing to compare with"
      className="py-6"
      actions={
        <Link
          to="/projects/$projectId"
          params={{ projectId }}
          className="inline-flex h-8 items-center rounded-sm border border-primary-content/70 px-3 text-sm font-semibold text-primary-content hover:bg-primary-tint"
        >
          Open the project
        </Link>
      }
    >
      {run.done === 0
        ? "Answers are compared with ground truth as they arrive."
        : isGroundTruth
          ? "No answer of this run could be compared with its ground truth."
          : "No answered task of this run has ground truth. Mark some tasks as ground truth: their answers are scored at once, without asking again."}
    </EmptyState>
  );
}

function Overall({ metrics }: { metrics: RunMetrics }) {
  const { accuracy, mean_score, failed, unscored, if_failed_wrong, latency, cost } = metrics;
  const warning = accuracy === null ? undefined : smallSampleWords(accuracy);
  // Nothing was asked, so there is nothing that a task cost.
  const isOwned = cost.per_task_usd === null && cost.total_usd !== null;
  return (
    <>
      {warning !== undefined && (
        <Banner title={warning}>More ground truth, and a run over it, make the interval narrower.</Banner>
      )}
      <CardRow>
        <Card title="Accuracy" term="accuracy" value={accuracy === null ? "Not scored" : formatPercent(accuracy.value)}>
          {accuracy !== null && accuracyWords(accuracy)}
        </Card>
        <Card
          title="Mean score"
          term="meanScore"
          value={mean_score === null ? "Not scored" : formatPercent(mean_score.value)}
        >
          {mean_score !== null && formatBounds(mean_score)}
        </Card>
        <Card title="Failed" term="failed" value={formatNumber(failed)} tone={failed > 0 ? "negative" : undefined}>
          {failed === 0
            ? "every task was answered"
            : if_failed_wrong === null
              ? "not counted as wrong"
              : `not counted as wrong; accuracy ${formatShare(if_failed_wrong)} if they were`}
        </Card>
        <Card title="Not scored" term="unscored" value={formatNumber(unscored)}>
          {unscored > 0 && "answered, without ground truth"}
        </Card>
        <Card title="Cost of a task" value={isOwned ? "–" : formatCost(cost.per_task_usd)}>
          {isOwned ? "every answer was reused" : cost.total_usd !== null && `${formatCost(cost.total_usd)} in all`}
        </Card>
        <Card title="Time of an answer" value={latency === null ? "–" : formatLatency(latency.p50_ms)}>
          {latency !== null && `median; ${formatPercent(0.95, 0)} within ${formatLatency(latency.p95_ms)}`}
        </Card>
      </CardRow>
    </>
  );
}

type ControlsProps = { runId: string; controls: readonly ControlMetrics[] };

/** Drawn again only when they were read anew: a run at work counts on ten times a second. */
const Controls = memo(function Controls({ runId, controls }: ControlsProps) {
  const search = route.useSearch();
  const move = useMove<typeof search>();
  const control = controls.find(({ name }) => name === search.control) ?? controls[0];
  const open = (cell: CellFilter) =>
    move({ ...searchOf(cell), tab: undefined, run: runId, task: undefined, filter: undefined, q: undefined });
  if (control === undefined) return null;
  const { name, tag, accuracy, compared, classes } = control;
  return (
    <>
      {controls.length > 1 && (
        <ControlTable
          controls={controls}
          chosen={name}
          onChoose={(next) => move({ ...searchOf(null), control: next })}
        />
      )}
      <section aria-label={`Control ${name}`} className="flex min-w-0 flex-col gap-4">
        <h2 className="flex items-baseline gap-2 border-b pb-1 text-base font-semibold">
          <span dir="auto">{name}</span>
          <span className="text-xs font-normal text-subtler">
            {tag}, compared in {formatCount(compared, "task")}
          </span>
          <span className="flex-1" />
          {controls.length > 1 && (
            <span className="text-sm font-normal">
              Exactly right: <Interval of={accuracy} />
            </span>
          )}
        </h2>
        {classes !== null && <MeasureList of={classMeasures(classes)} />}
        <Families control={control} />
        {classes !== null && (
          <div className="@container">
            <div className="grid gap-4 @7xl:grid-cols-[minmax(0,6fr)_minmax(0,5fr)]">
              <ClassTable key={`classes of ${name}`} control={name} perClass={classes.per_class} onOpen={open} />
              {classes.confusion !== null && (
                <ConfusionMatrix key={`matrix of ${name}`} control={name} confusion={classes.confusion} onOpen={open} />
              )}
            </div>
          </div>
        )}
      </section>
    </>
  );
});

function classMeasures(of: NonNullable<ControlMetrics["classes"]>): Measure[] {
  return [
    { name: "Macro F1", term: "macroF1", value: formatPercent(of.macro_f1), hint: "Each class counts the same" },
    { name: "Weighted F1", value: formatPercent(of.weighted_f1), hint: "Each class by its support" },
    { name: "Micro F1", value: formatPercent(of.micro_f1), hint: "Each decision counts the same" },
    ...(of.kappa === null
      ? []
      : [
          {
            name: "Cohen's kappa",
            term: "kappa" as const,
            value: formatCoefficient(of.kappa),
            hint: "Agreement beyond chance",
          },
        ]),
    ...(of.alpha === null
      ? []
      : [
          {
            name: "Krippendorff's alpha",
            value: formatCoefficient(of.alpha),
            hint: "Agreement beyond chance, when neither side counts as the truth",
          },
        ]),
  ];
}

function Confidence({ of: { bins, ece, auroc, coverage } }: { of: Calibration }) {
  const told =
    auroc === null ? "" : ` Confidence tells right from wrong by ${formatCoefficient(auroc)} (AUROC; 0.50 is chance).`;
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <Reliability
        title="Calibration"
        summary={`Confidence is ${formatPercent(ece)} off on average (ECE).${told} On the dashed line it would be as right as it is sure.`}
        bins={bins}
      />
      {coverage.length > 0 && (
        <table aria-label="Coverage" className="w-full text-left text-sm">
          <thead className="text-xs text-subtle">
            <tr className="border-b">
              {["To have right", "Take answers at least so sure", "Which are of all"].map((title) => (
                <th key={title} scope="col" className="h-7 px-3 text-right font-semibold">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y">
            {coverage.map(({ accuracy, coverage, threshold }) => (
              <tr key={accuracy} className="[&>td]:px-3 [&>td]:py-1 [&>td]:text-right [&>td]:tabular-nums">
                <td>{formatPercent(accuracy)}</td>
                <td>{coverage === 0 ? "–" : formatPercent(threshold)}</td>
                <td>{coverage === 0 ? "none reaches it" : formatPercent(coverage)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Latency({ of: { p50_ms, p95_ms, p99_ms, bins } }: { of: LatencyMetrics }) {
  return (
    <Histogram
      title="Time of an answer"
      summary={`Half of the answers came within ${within(p50_ms)}, 95 of 100 within ${within(p95_ms)}, 99 within ${within(p99_ms)}. Reused answers count by the time that they took when they were asked for.`}
      counted="answers"
      xName="Time from request to answer"
      bins={bins.map(({ up_to_ms, count }, index) => ({ low: bins[index - 1]?.up_to_ms ?? 0, high: up_to_ms, count }))}
      marks={[
        { value: p50_ms, words: `p50 ${formatLatency(p50_ms)}` },
        { value: p95_ms, words: `p95 ${formatLatency(p95_ms)}` },
        { value: p99_ms, words: `p99 ${formatLatency(p99_ms)}` },
      ]}
      format={formatDuration}
    />
  );
}

/** Whatever was too fast to be measured came within the least that is. */
function within(ms: number): string {
  return formatDuration(Math.max(1, ms));
}
