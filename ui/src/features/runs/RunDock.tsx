/**
 * The runs at work and in the queue, at the bottom of every screen; those that paused while the window was open; and those
 * that are offered to go on with: what a crash, or closing the program, broke off, and what waits together because its
 * connection refused one of them.
 */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleDashed, CirclePause, Minus, Pause, Play, Plus, RotateCw, Square, X } from "lucide-react";
import { Fragment, type ReactNode, useEffect, useRef, useState } from "react";
import { useCommand } from "@/components/commands";
import { Button, IconButton } from "@/components/ui/Button";
import { Progress } from "@/components/ui/Progress";
import type { RunProgress, RunSummary, RunWorker } from "@/ipc/bindings";
import { activeRunsQuery, offeredRunsQuery, promptsQuery } from "@/ipc/queries";
import { formatCount, formatEta, formatNumber, sentence } from "@/lib/format";
import { asksName, queueWords } from "@/lib/runs";
import { BatchLine, batchOut } from "./batch";
import { nextConcurrency, usePauseRun, useQueueRuns, useResumeRun, useRunConcurrency, useStopRun } from "./control";
import { pauseWords, usePausedHere } from "./pausedHere";
import { ResumeWithStop, WayOut } from "./WayOut";

/** The same each time, so that nothing is drawn anew for it. */
const NONE: readonly RunProgress[] = [];

/** Says how high the dock is, for what floats above it. */
function tellHeight(dock: HTMLElement): () => void {
  const { style } = document.documentElement;
  const observer = new ResizeObserver(() => style.setProperty("--dock-height", `${dock.offsetHeight}px`));
  observer.observe(dock);
  return () => {
    observer.disconnect();
    style.removeProperty("--dock-height");
  };
}

export function RunDock() {
  const runs = useQuery(activeRunsQuery()).data ?? NONE;
  const here = usePausedHere(runs);
  const offered = useQuery(offeredRunsQuery()).data ?? [];
  const held = offered.filter((run) => run.is_held);
  const refusing = new Set(held.map((run) => run.connection_id));
  const together = [...refusing].map((id) => held.filter((run) => run.connection_id === id));
  const interrupted = offered.filter((run) => !run.is_held);
  const prompts = useQuery({ ...promptsQuery(), enabled: runs.length + offered.length + here.paused.length > 0 }).data;
  const stop = useStopRun();
  const pause = usePauseRun();
  const first = runs.find(({ run, worker }) => run.status !== "queued" && worker.kind !== "silent");
  useCommand("run.stop", () => first !== undefined && stop.mutate(first.run.id), { enabled: first !== undefined });
  useCommand("run.pause", () => first !== undefined && pause.mutate(first.run.id), {
    enabled: first !== undefined && !first.is_pausing,
  });
  const paused = here.paused.filter((run) => !offered.some((other) => other.id === run.id));
  const nameOf = (run: RunSummary) => prompts?.find((prompt) => prompt.id === run.prompt_id)?.name ?? "Run";
  const news = <PauseNews paused={paused} nameOf={nameOf} />;
  if (runs.length + offered.length + paused.length === 0) return news;
  return (
    <>
      {news}
      <section ref={tellHeight} aria-label="Runs at work" className="max-h-40 overflow-y-auto border-t bg-surface">
        {runs.map((progress) => {
          const line = {
            prompt: nameOf(progress.run),
            onStop: () => stop.mutate(progress.run.id),
            stopping: stop.isPending && stop.variables === progress.run.id,
          };
          return progress.run.status === "queued" ? (
            <QueuedLine key={progress.run.id} run={progress.run} {...line} />
          ) : (
            <DockLine
              key={progress.run.id}
              progress={progress}
              onPause={() => pause.mutate(progress.run.id)}
              {...line}
            />
          );
        })}
        {paused.map((run) => (
          <PausedLine
            key={run.id}
            run={run}
            prompt={nameOf(run)}
            onStop={() => stop.mutate(run.id)}
            stopping={stop.isPending && stop.variables === run.id}
            onDismiss={() => here.dismiss(run.id)}
          />
        ))}
        {[...together, interrupted].map((alike) => (
          <Fragment key={alike[0]?.is_held === true ? alike[0].connection_id : "interrupted"}>
            {alike.length > 1 && <OfferHead runs={alike} />}
            {alike.map((run) => (
              <OfferLine
                key={run.id}
                run={run}
                prompt={nameOf(run)}
                onStop={() => stop.mutate(run.id)}
                stopping={stop.isPending && stop.variables === run.id}
              />
            ))}
          </Fragment>
        ))}
      </section>
    </>
  );
}

/** A line of its own where there is little room: why it is not faster, or not at work, is read, not guessed from its first words. */
const WHY =
  "order-last basis-full text-xs text-subtler tabular-nums select-text min-[1600px]:order-none min-[1600px]:min-w-0 min-[1600px]:basis-auto";

type LineProps = { run: RunSummary; prompt: string; children: ReactNode };

/** What is the same for every line. */
function Line({ run, prompt, children }: LineProps) {
  // What tells it from others of its version comes first: there may be no room for the rest.
  const version = [asksName(run), `version ${run.version_number}`].filter((words) => words !== "").join(", ");
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-x-3 px-4 py-1.5 text-sm min-[1600px]:flex-nowrap">
      <Link
        to="/prompts/$promptId"
        params={{ promptId: run.prompt_id }}
        search={{ tab: "results", run: run.id }}
        className="max-w-56 truncate font-semibold hover:underline max-[1199px]:max-w-40"
        dir="auto"
      >
        {prompt}
      </Link>
      <span className="max-w-80 shrink-0 truncate text-xs text-subtler max-[1199px]:max-w-32" title={version}>
        {version}
      </span>
      {children}
    </div>
  );
}

type DockLineProps = {
  progress: RunProgress;
  prompt: string;
  onPause: () => void;
  onStop: () => void;
  stopping: boolean;
};

function DockLine({ progress, prompt, onPause, onStop, stopping }: DockLineProps) {
  const { run, rate, eta_ms, waiting, is_pausing, worker } = progress;
  const batch = batchOut(run);
  const share = run.total === 0 ? 0 : run.done / run.total;
  return (
    <Line run={run} prompt={prompt}>
      <Progress label={`Progress of ${prompt}`} share={share} className="min-w-24 flex-1" />
      <span className="whitespace-nowrap tabular-nums">
        {formatNumber(run.done)} of {formatNumber(run.total)}
      </span>
      {run.failed > 0 && (
        <span className="whitespace-nowrap text-negative-content">{formatNumber(run.failed)} failed</span>
      )}
      <span className={WHY}>
        {batch === undefined ? (
          [is_pausing ? "" : speed(rate, eta_ms), workerWords(worker) ?? waiting ?? ""]
            .filter((words) => words !== "")
            .join(" · ")
        ) : (
          <BatchLine batch={batch} waiting={waiting} />
        )}
      </span>
      {/* Nobody is there who would obey. */}
      {worker.kind !== "silent" && (
        <>
          {/* A vendor takes its own time for a batch. */}
          {batch === undefined && <Limit progress={progress} prompt={prompt} />}
          <Button size="small" icon={Pause} onClick={onPause} waiting={is_pausing} command="run.pause">
            {is_pausing ? "Pausing" : "Pause"}
          </Button>
          <Button size="small" icon={Square} onClick={onStop} waiting={stopping} command="run.stop">
            Stop
          </Button>
        </>
      )}
      <Announcement prompt={prompt} share={share} />
    </Line>
  );
}

/** How many requests the run may have in flight. */
function Limit({ progress, prompt }: { progress: RunProgress; prompt: string }) {
  const change = useRunConcurrency(progress.run.id);
  const now = change.isPending ? change.variables : progress.concurrency;
  const [fewer, more] = [nextConcurrency(now, -1), nextConcurrency(now, 1)];
  return (
    <fieldset className="flex shrink-0 items-center" aria-label={`Requests at once of ${prompt}`}>
      <IconButton
        icon={Minus}
        size="small"
        label="Fewer requests at once"
        disabledReason={fewer === undefined ? "One at a time is the least" : undefined}
        onClick={() => fewer !== undefined && change.mutate(fewer)}
      />
      <span className="min-w-14 text-center text-xs whitespace-nowrap text-subtle tabular-nums">
        {formatNumber(now)} at once
      </span>
      <IconButton
        icon={Plus}
        size="small"
        label="More requests at once"
        disabledReason={more === undefined ? "More at once are never asked" : undefined}
        onClick={() => more !== undefined && change.mutate(more)}
      />
    </fieldset>
  );
}

type StillLineProps = { run: RunSummary; prompt: string; onStop: () => void; stopping: boolean };

function QueuedLine({ run, prompt, onStop, stopping }: StillLineProps) {
  const start = useResumeRun();
  return (
    <Line run={run} prompt={prompt}>
      <CircleDashed aria-hidden className="size-4 shrink-0 text-subtle" />
      <span className="min-w-0 flex-1 truncate">{queueWords(run)}</span>
      <Button size="small" icon={Play} onClick={() => start.mutate(run.id)} waiting={start.isPending}>
        Start now
      </Button>
      <Button size="small" icon={Square} onClick={onStop} waiting={stopping}>
        Stop
      </Button>
    </Line>
  );
}

/** What can be done with all that are offered for the same reason. */
function OfferHead({ runs }: { runs: readonly RunSummary[] }) {
  const queue = useQueueRuns();
  const isHeld = runs[0]?.is_held === true;
  const on = runs[0]?.connection_name ?? "its connection";
  const words = isHeld
    ? `${formatCount(runs.length, "run")} wait: “${on}” refused one, and the others were queued behind it. Resume any, and the others follow.`
    : `${formatCount(runs.length, "run")} were broken off, or still queued, when the program ended.`;
  return (
    <div className="flex h-10 items-center gap-3 px-4 text-sm">
      <span className="min-w-0 flex-1 truncate" title={words}>
        {words}
      </span>
      {isHeld && (
        <Button size="small" command="go.keys">
          API Keys
        </Button>
      )}
      <Button
        size="small"
        icon={RotateCw}
        onClick={() => queue.mutate(runs.map(({ id }) => id))}
        waiting={queue.isPending}
      >
        Resume all
      </Button>
    </div>
  );
}

function OfferLine({ run, prompt, onStop, stopping }: StillLineProps) {
  const resume = useResumeRun();
  return (
    <Line run={run} prompt={prompt}>
      <CirclePause aria-hidden className="size-4 shrink-0 text-warning-content" />
      <span className="min-w-0 flex-1 truncate" title={run.reason ?? undefined}>
        {run.is_held
          ? run.reason
          : run.started_at === null
            ? "Queued when the program ended. Nothing of it was asked."
            : `Broken off at ${formatNumber(run.done)} of ${formatNumber(run.total)} when the program ended. What was answered is kept.`}
      </span>
      <Button size="small" icon={RotateCw} onClick={() => resume.mutate(run.id)} waiting={resume.isPending}>
        Resume
      </Button>
      <Button size="small" icon={Square} onClick={onStop} waiting={stopping}>
        Stop
      </Button>
    </Line>
  );
}

/** A run that paused in this window: why, and what helps. */
function PausedLine({ run, prompt, onStop, stopping, onDismiss }: StillLineProps & { onDismiss: () => void }) {
  const resume = useResumeRun();
  return (
    <Line run={run} prompt={prompt}>
      <CirclePause aria-hidden className="size-4 shrink-0 text-warning-content" />
      <span className="flex-1 whitespace-nowrap tabular-nums">
        Paused at {formatNumber(run.done)} of {formatNumber(run.total)}
      </span>
      <span className={WHY}>{sentence(pauseWords(run))}</span>
      <Button size="small" icon={RotateCw} onClick={() => resume.mutate(run.id)} waiting={resume.isPending}>
        Resume
      </Button>
      {run.reason !== null && <WayOut run={run} size="small" />}
      <ResumeWithStop run={run} size="small" />
      <Button size="small" icon={Square} onClick={onStop} waiting={stopping}>
        Stop
      </Button>
      <IconButton icon={X} size="small" label="Dismiss" onClick={onDismiss} />
    </Line>
  );
}

/** Tells a screen reader that a run has paused, and why; once for each time. */
function PauseNews({ paused, nameOf }: { paused: readonly RunSummary[]; nameOf: (run: RunSummary) => string }) {
  const told = useRef<ReadonlySet<string>>(new Set());
  const [text, setText] = useState("");
  useEffect(() => {
    const news = paused.filter((run) => !told.current.has(run.id));
    told.current = new Set(paused.map(({ id }) => id));
    if (news.length > 0) setText(news.map((run) => `${nameOf(run)} paused: ${pauseWords(run)}`).join(" "));
  });
  return (
    <span className="sr-only" role="status">
      {text}
    </span>
  );
}

/** What is to be known of a program that is at work on a run and is not this one. */
function workerWords(worker: RunWorker): string | undefined {
  switch (worker.kind) {
    case "here":
      return undefined;
    case "elsewhere":
      return "At work in another program, which does not say what it waits for.";
    case "silent":
      return `Was at work in a program that does not answer; it can be resumed in ${Math.ceil(worker.gone_in_ms / 1000)} s.`;
  }
}

function speed(rate: number | null, eta: number | null): string {
  const parts = [];
  if (rate !== null) parts.push(`${formatNumber(Math.round(rate * 10) / 10)} a second`);
  if (eta !== null) parts.push(`${formatEta(eta)} left`);
  return parts.join(", ");
}

/** Tells a screen reader at every tenth, not at every task. */
function Announcement({ prompt, share }: { prompt: string; share: number }) {
  const tenth = Math.floor(share * 10);
  const told = useRef(0);
  const [text, setText] = useState("");
  useEffect(() => {
    if (tenth <= told.current) return;
    told.current = tenth;
    setText(`${prompt}: ${tenth * 10} percent done`);
  }, [prompt, tenth]);
  return (
    <span className="sr-only" role="status">
      {text}
    </span>
  );
}
