/** A run while it is at work or paused: how fast it is and why not faster, how it went of late, and why tasks failed. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Card, CardRow } from "@/components/ui/Cards";
import type { RunError, RunProgress, RunSummary } from "@/ipc/bindings";
import { runErrorsQuery, runMetricsQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { formatCount, formatEta, formatLatency, formatNumber, sentence } from "@/lib/format";
import { isAtWork } from "@/lib/runs";
import { batchOut } from "./batch";
import { spentOfLimit } from "./cost";
import { rates, usePace } from "./pace";
import { workerWords } from "./words";

// With what charts are drawn by, in a chunk of their own.
const Throughput = lazy(async () => ({ default: (await import("./Throughput")).Throughput }));

type RunNowProps = {
  run: RunSummary;
  /** While it is at work. */
  progress: RunProgress | undefined;
  /** The way of failing that the table shows, if it shows one. */
  shownError: string | undefined;
  onShowError: (code: string | undefined) => void;
  /** How it went and what failed are folded away. */
  isFolded: boolean;
};

export function RunNow({ run, progress, isFolded, ...errors }: RunNowProps) {
  return (
    <section aria-label="The run now" className="@container flex flex-col gap-2">
      {progress !== undefined && batchOut(run) === undefined && <Facts progress={progress} />}
      {!isFolded && <OfLate run={run} {...errors} />}
    </section>
  );
}

function OfLate({ run, shownError, onShowError }: Pick<RunNowProps, "run" | "shownError" | "onShowError">) {
  const isActive = isAtWork(run);
  const { readings, until } = usePace(run.id, isActive);
  const told = rates(readings, until);
  // While it is at work both have their room from the start: what comes in moves nothing below it.
  const isAwaited = isActive && batchOut(run) === undefined;
  return (
    <div className="grid gap-2 @3xl:auto-cols-fr @3xl:grid-flow-col">
      {told.length > 1 ? (
        <Suspense fallback={<div className="h-58 rounded-md border" />}>
          <Throughput rates={told} isAtWork={isActive} />
        </Suspense>
      ) : (
        isAwaited && (
          <p className="flex h-58 items-center justify-center rounded-md border p-3 text-sm text-subtler">
            The pace is drawn after some seconds.
          </p>
        )
      )}
      {(isAwaited || run.failed > 0) && <Errors run={run} shown={shownError} onShow={onShowError} />}
    </div>
  );
}

function Facts({ progress }: { progress: RunProgress }) {
  const { run, in_flight, concurrency, rate, eta_ms, waiting, worker, is_pausing } = progress;
  const latency = useQuery(runMetricsQuery(run.id, true)).data?.latency ?? null;
  const why = workerWords(worker) ?? waiting;
  const spent = spentOfLimit(run);
  return (
    <>
      <CardRow>
        <Card title="In flight" value={worker.kind === "here" ? formatNumber(in_flight) : "Not known"}>
          of {formatCount(concurrency, "request")} at once
        </Card>
        <Card title="Speed" value={rate === null ? "–" : `${formatNumber(Math.round(rate * 10) / 10)} a second`}>
          {eta_ms !== null && !is_pausing && `${formatEta(eta_ms)} left`}
        </Card>
        <Card title="Latency, p50" value={latency === null ? "–" : formatLatency(latency.p50_ms)}>
          {latency !== null && `p95 ${formatLatency(latency.p95_ms)}`}
        </Card>
        {spent !== undefined && <Card title="Spent of the money stop" value={spent} />}
      </CardRow>
      {why !== null && (
        <p className="text-sm select-text">
          <span className="font-semibold">{is_pausing ? "Pausing: " : "Why it is not faster: "}</span>
          {why}
        </p>
      )}
    </>
  );
}

type ErrorsProps = { run: RunSummary; shown: string | undefined; onShow: (code: string | undefined) => void };

/** How often failures are counted again while there are more than were counted. */
const COUNTED_MS = 1000;

function Errors({ run, shown, onShow }: ErrorsProps) {
  const counted = (errors: readonly RunError[] = []) => errors.reduce((sum, { count }) => sum + count, 0);
  const errors = useQuery({
    ...runErrorsQuery(run.id),
    refetchInterval: ({ state }) => isAtWork(run) && counted(state.data) < run.failed && COUNTED_MS,
  }).data;
  return (
    <section aria-label="Why tasks failed" className="flex h-58 min-w-0 flex-col rounded-md border p-3">
      <h3 className="text-sm font-semibold">Why tasks failed</h3>
      <ul className="scroll-area -mx-1.5 mt-1 min-h-0 flex-1 overscroll-auto">
        {errors?.map(({ code, count, message }) => (
          <li key={code}>
            <button
              type="button"
              aria-pressed={shown === code}
              title={shown === code ? "Show all results again" : "Show only these"}
              onClick={() => onShow(shown === code ? undefined : code)}
              className={classes(
                "flex w-full items-baseline gap-2 rounded-sm px-1.5 py-1 text-left text-sm hover:bg-surface-hover",
                shown === code && "bg-primary-tint",
              )}
            >
              <span className="min-w-8 text-right font-semibold text-negative-content tabular-nums">
                {formatNumber(count)}
              </span>
              <span className="line-clamp-2 min-w-0 flex-1 break-words">{sentence(message)}</span>
              <code className="shrink-0 text-2xs text-subtler">{code}</code>
            </button>
          </li>
        ))}
      </ul>
      <p className="mt-1 text-xs text-subtler">
        {run.failed === 0 ? "None so far." : "In the words of the last one of each kind. Press one to see its tasks."}
      </p>
    </section>
  );
}
