/** The numbers of a comparison: what each run has, how classes changed, what it costs, and how versions went. */
import { useQuery } from "@tanstack/react-query";
import { Line, type LineSeries } from "@/components/charts/Line";
import { Scatter } from "@/components/charts/Scatter";
import { Loaded } from "@/components/Loaded";
import { Interval } from "@/components/ui/Interval";
import { MoreBeside } from "@/components/ui/MoreBeside";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { Term } from "@/components/ui/Term";
import type { Accuracy, ComparedRun, Comparison, PairedVerdict, RunSummary, VersionScore } from "@/ipc/bindings";
import { runsQuery, versionScoresQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { formatCost, formatDuration, formatLatency, formatNumber, formatPercent, formatPoints } from "@/lib/format";
import { modelLabel } from "@/lib/models";
import type { TermName } from "@/lib/terms";
import { ClassChanges } from "./ClassChanges";
import type { Named } from "./CompareTab";
import { Delta } from "./Delta";
import { isOpen } from "./verdict";

type OverviewProps = { promptId: string; runs: readonly Named[]; comparison: Comparison; pair: PairedVerdict };

export function Overview({ promptId, runs, comparison, pair }: OverviewProps) {
  return (
    <ScrollRegion label="Overview" className="h-full">
      <div className="flex flex-col gap-4 px-4 py-3">
        <MetricsTable runs={runs} comparison={comparison} />
        <div className="grid grid-cols-[repeat(auto-fit,minmax(min(24rem,100%),1fr))] items-start gap-4">
          {pair.per_class.length > 0 && <ClassChanges changes={pair.per_class} runs={runs} pair={pair} />}
          <CostAgainstAccuracy runs={runs} comparison={comparison} />
          <Versions promptId={promptId} />
        </div>
      </div>
    </ScrollRegion>
  );
}

const HEADS: readonly { title: string; term?: TermName; also?: TermName }[] = [
  { title: "Run" },
  { title: "Accuracy", term: "accuracy", also: "difference" },
  { title: "Mean score", term: "meanScore", also: "difference" },
  { title: "Macro F1", term: "macroF1", also: "difference" },
  { title: "Cost of a task" },
  { title: "p95", term: "latency" },
  { title: "Failed", term: "failed" },
];

function MetricsTable({ runs, comparison }: { runs: readonly Named[]; comparison: Comparison }) {
  const { pairs } = comparison;
  const [baseline] = comparison.runs;
  return (
    <MoreBeside className="shrink-0">
      <ScrollRegion label="Metrics of the runs" className="overscroll-auto rounded-md border">
        <table aria-label="Metrics" className="w-full text-left text-sm">
          <thead className="bg-surface text-xs text-subtle">
            <tr>
              {HEADS.map(({ title, term, also }, index) => (
                <th key={title} scope="col" className={classes("h-8 px-3 font-semibold", index > 0 && "text-right")}>
                  {term === undefined ? (
                    title
                  ) : (
                    <Term of={term} also={also}>
                      {title}
                    </Term>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y border-t">
            {comparison.runs.map((one, index) => {
              const pair = pairs.find(({ run_id }) => run_id === one.run_id);
              const from = (metric: (of: ComparedRun) => number | null) => {
                const [now, before] = [metric(one), baseline === undefined ? null : metric(baseline)];
                return index === 0 || now === null || before === null ? null : now - before;
              };
              return (
                <tr
                  key={one.run_id}
                  className="align-top [&>td]:px-3 [&>td]:py-1.5 [&>td]:text-right [&>td]:tabular-nums"
                >
                  <th scope="row" className="max-w-60 px-3 py-1.5 font-semibold" dir="auto">
                    {runs[index]?.name}
                    <span className="block truncate text-xs font-normal text-subtler">
                      {index === 0 && "Baseline, "}
                      {runs[index] !== undefined && modelLabel(runs[index].run)}
                    </span>
                  </th>
                  <td>
                    <Interval of={one.accuracy} />
                    <Delta
                      of={pair?.difference?.value ?? null}
                      words={(value) => `${formatPoints(value)} points`}
                      range={pair?.difference ?? undefined}
                    />
                  </td>
                  <td>
                    <Interval of={one.mean_score} />
                    <Delta
                      of={pair?.score_difference?.value ?? null}
                      words={(value) => `${formatPoints(value)} points`}
                      range={pair?.score_difference ?? undefined}
                    />
                  </td>
                  <td>
                    {one.macro_f1 === null ? "–" : formatPercent(one.macro_f1)}
                    <Delta
                      of={from(({ macro_f1 }) => macro_f1)}
                      words={(value) => `${formatPoints(value)} points`}
                      isOpen={pair !== undefined && isOpen(pair)}
                    />
                  </td>
                  <td>
                    {one.cost_per_task_usd === null ? "not known" : formatCost(one.cost_per_task_usd)}
                    <Delta
                      of={from(({ cost_per_task_usd }) => cost_per_task_usd)}
                      words={(value) => signed(value, formatCost)}
                      isLessBetter
                    />
                  </td>
                  <td>
                    {one.p95_ms === null ? "–" : formatLatency(one.p95_ms)}
                    <Delta
                      of={from(({ p95_ms }) => p95_ms)}
                      words={(value) => signed(value, formatDuration)}
                      isLessBetter
                    />
                  </td>
                  <td>
                    {formatNumber(one.failed)}
                    <Delta
                      of={from(({ failed }) => failed)}
                      words={(value) => signed(value, formatNumber)}
                      isLessBetter
                    />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </ScrollRegion>
    </MoreBeside>
  );
}

function signed(value: number, format: (amount: number) => string): string {
  return `${value > 0 ? "+" : "\u2212"}${format(Math.abs(value))}`;
}

function CostAgainstAccuracy({ runs, comparison }: { runs: readonly Named[]; comparison: Comparison }) {
  const points = comparison.runs.flatMap((one, index) => {
    const name = runs[index]?.name;
    if (one.accuracy === null || one.cost_per_task_usd === null || name === undefined) return [];
    const isBest = comparison.frontier.includes(one.run_id);
    return [{ id: one.run_id, name, x: one.cost_per_task_usd, y: one.accuracy, isBest }];
  });
  const unknown = comparison.runs.filter(({ cost_per_task_usd }) => cost_per_task_usd === null).length;
  // What all of them give away needs no picture.
  if (points.length < 2 || points.every(({ x }) => x === 0)) return null;
  return (
    <Scatter
      title="Cost against accuracy"
      summary={`Filled ones are on the frontier: none of the others is better for less.${unknown === 0 ? "" : ` The cost of ${formatNumber(unknown)} is not known.`}`}
      xName="Cost of a task"
      yName="Accuracy"
      points={points}
      format={formatCost}
    />
  );
}

function Versions({ promptId }: { promptId: string }) {
  const runs = useQuery(runsQuery(promptId)).data ?? [];
  return (
    <Loaded query={useQuery(versionScoresQuery(promptId))} what="the accuracies of the versions">
      {(scores) => {
        const scored = scores.filter((one): one is Scored => one.accuracy !== null);
        const versions = [...new Set(scored.map(({ version }) => version))].sort((a, b) => a - b);
        if (versions.length < 2) return null;
        const series = seriesOf(scored, runs);
        return (
          <Line
            title="Accuracy by version"
            summary="The latest run of each version, over the tasks that it had. Where those differ, compare the versions to tell."
            xName="Version"
            yName="Accuracy"
            xs={versions.map((version) => `v${version}`)}
            series={series}
          />
        );
      }}
    </Loaded>
  );
}

type Scored = VersionScore & { accuracy: Accuracy };

/** More models than this are not told apart. */
const SERIES_MAX = 4;

/** A line for each model, the one that was run last first. */
function seriesOf(scores: readonly Scored[], runs: readonly RunSummary[]): LineSeries[] {
  const nameOf = ({ run_id, model }: Scored) => {
    const run = runs.find(({ id }) => id === run_id);
    return run === undefined ? model : modelLabel(run);
  };
  const names = [...new Set(scores.toReversed().map(nameOf))].slice(0, SERIES_MAX);
  return names.map((name) => ({
    name,
    points: scores
      .filter((one) => nameOf(one) === name)
      .sort((a, b) => a.version - b.version)
      .map(({ version, accuracy }) => ({ x: `v${version}`, y: accuracy })),
  }));
}
