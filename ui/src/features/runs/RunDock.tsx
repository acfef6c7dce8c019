/**
 * The runs at work and in the queue, at the bottom of every screen, and those that rest: what paused while the window was open,
 * and what paused for a reason before, also because the program ended. Each is there once, whatever becomes of it.
 */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import {
  ChevronDown,
  ChevronUp,
  CircleDashed,
  CirclePause,
  Minus,
  Pause,
  Play,
  Plus,
  RotateCw,
  Square,
  X,
} from "lucide-react";
import { type ComponentProps, type ReactNode, useEffect, useRef, useState } from "react";
import { useCommand } from "@/components/commands";
import { Button, IconButton } from "@/components/ui/Button";
import { useSpoken } from "@/components/ui/useSpoken";
import { LOW, useMediaQuery } from "@/components/useMediaQuery";
import type { RunProgress, RunSummary } from "@/ipc/bindings";
import { activeRunsQuery, promptsQuery } from "@/ipc/queries";
import { formatCount, formatEta, formatNumber, sentence } from "@/lib/format";
import { asksName, isAtWork, queueWords } from "@/lib/runs";
import { BatchLine, batchOut } from "./batch";
import { nextConcurrency, usePauseRun, useQueueRuns, useResumeRun, useRunConcurrency, useStopRun } from "./control";
import { spentOfLimit } from "./cost";
import { useRecordedPaces } from "./pace";
import { RunBar } from "./RunBar";
import { useRestingRuns } from "./resting";
import { ResumeWithStop, WayOut } from "./WayOut";
import { pauseWords, workerWords } from "./words";

/** The same each time, so that nothing is drawn anew for it. */
const NONE: readonly RunProgress[] = [];

/** Rows of the dock before the others are folded away; in a low window the screen above it needs the room. */
const ROWS = 3;
const ROWS_LOW = 2;

/** A row of the dock. */
type Row =
  | { kind: "progress"; key: string; progress: RunProgress }
  | { kind: "together"; key: string; runs: readonly RunSummary[] }
  | { kind: "resting"; key: string; run: RunSummary }
  | { kind: "queued"; key: string; run: RunSummary };

/** What is at work comes first, then what somebody has to see to, and last what goes on by itself. */
function rowsOf(active: readonly RunProgress[], resting: readonly RunSummary[]): Row[] {
  const held = resting.filter((run) => run.is_held);
  const together = [...new Set(held.map((run) => run.connection_id))].map((id) =>
    held.filter((run) => run.connection_id === id),
  );
  const interrupted = resting.filter((run) => run.is_interrupted && !run.is_held);
  const others = resting.filter((run) => !run.is_interrupted && !run.is_held);
  const isQueued = ({ run }: RunProgress) => run.status === "queued";
  const row = (run: RunSummary): Row => ({ kind: "resting", key: run.id, run });
  return [
    ...active
      .filter((progress) => !isQueued(progress))
      .map((progress): Row => ({ kind: "progress", key: progress.run.id, progress })),
    ...[...together, interrupted].flatMap((runs): Row[] => {
      const key = `together ${runs[0]?.is_held === true ? runs[0].connection_id : ""}`;
      return [...(runs.length > 1 ? [{ kind: "together", key, runs } as const] : []), ...runs.map(row)];
    }),
    ...others.map(row),
    ...active.filter(isQueued).map(({ run }): Row => ({ kind: "queued", key: run.id, run })),
  ];
}

export function RunDock() {
  const active = useQuery(activeRunsQuery()).data ?? NONE;
  const { runs: resting, isNews, dismiss } = useRestingRuns(active);
  useRecordedPaces(active);
  const prompts = useQuery({ ...promptsQuery(), enabled: active.length + resting.length > 0 }).data;
  const [isOpen, setOpen] = useState(false);
  const most = useMediaQuery(LOW) ? ROWS_LOW : ROWS;
  const stop = useStopRun();
  const pause = usePauseRun();
  const first = active.find(({ run, worker }) => run.status !== "queued" && worker.kind !== "silent");
  useCommand("run.stop", () => first !== undefined && stop.mutate(first.run.id), { enabled: first !== undefined });
  useCommand("run.pause", () => first !== undefined && pause.mutate(first.run.id), {
    enabled: first !== undefined && !first.is_pausing,
  });
  const nameOf = (run: RunSummary) => prompts?.find((prompt) => prompt.id === run.prompt_id)?.name ?? "Run";
  const news = <PauseNews paused={resting.filter(isNews)} nameOf={nameOf} />;
  const rows = rowsOf(active, resting);
  if (rows.length === 0) return news;
  const isFolded = rows.length > most && !isOpen;
  const drawn = (row: Row) => {
    if (row.kind === "together") return <TogetherLine key={row.key} runs={row.runs} />;
    const run = row.kind === "progress" ? row.progress.run : row.run;
    const line = {
      run,
      prompt: nameOf(run),
      onStop: () => stop.mutate(run.id),
      stopping: stop.isPending && stop.variables === run.id,
    };
    if (row.kind === "queued") return <QueuedLine key={row.key} {...line} />;
    if (row.kind === "resting") return <RestingLine key={row.key} onDismiss={() => dismiss(run)} {...line} />;
    return <DockLine key={row.key} progress={row.progress} onPause={() => pause.mutate(run.id)} {...line} />;
  };
  return (
    <>
      {news}
      <section aria-label="Runs at work" className="@container border-t bg-surface">
        <div className="scroll-area max-h-[40dvh]">{(isFolded ? rows.slice(0, most) : rows).map(drawn)}</div>
        {rows.length > most && (
          <Button
            look="string"
            size="small"
            icon={isFolded ? ChevronUp : ChevronDown}
            aria-expanded={!isFolded}
            onClick={() => setOpen(isFolded)}
            className="mx-2 mb-1"
          >
            {isFolded ? moreWords(rows.slice(most)) : "Show fewer"}
          </Button>
        )}
      </section>
    </>
  );
}

/** "4 more runs, 2 of them paused" */
function moreWords(rows: readonly Row[]): string {
  const runs = rows.filter(({ kind }) => kind !== "together");
  const paused = runs.filter(({ kind }) => kind === "resting").length;
  const words = formatCount(runs.length, "more run");
  if (paused === 0) return words;
  return paused === runs.length ? `${words}, paused` : `${words}, ${formatNumber(paused)} of them paused`;
}

/** A line of its own where there is little room: why it is not faster, or not at work, is read, not guessed from its first words. */
const WHY =
  "order-last basis-full text-xs text-subtler tabular-nums select-text @min-[85rem]:order-none @min-[85rem]:min-w-0 @min-[85rem]:basis-auto";

/** Where the words of such buttons would take a line of their own, their tips have them. */
function BriefButton({ children, ...rest }: ComponentProps<typeof Button>) {
  return (
    <Button size="small" className="@max-[37.5rem]:gap-0" {...rest}>
      <span className="@max-[37.5rem]:sr-only">{children}</span>
    </Button>
  );
}

type LineProps = { run: RunSummary; prompt: string; children: ReactNode };

/** What is the same for every line. */
function Line({ run, prompt, children }: LineProps) {
  // What tells it from others of its version comes first: there may be no room for the rest.
  const version = [asksName(run), `version ${run.version_number}`].filter((words) => words !== "").join(", ");
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1.5 text-sm @min-[85rem]:flex-nowrap">
      <Link
        to="/prompts/$promptId"
        params={{ promptId: run.prompt_id }}
        search={{ run: run.id }}
        title={prompt}
        className="max-w-56 truncate font-semibold hover:underline @max-[60rem]:max-w-40 @max-[47.75rem]:max-w-24"
        dir="auto"
      >
        {prompt}
      </Link>
      <span
        className="max-w-80 shrink-0 truncate text-xs text-subtler @max-[60rem]:max-w-32 @max-[57rem]:sr-only"
        title={version}
      >
        {version}
      </span>
      {children}
    </div>
  );
}

type StillLineProps = { run: RunSummary; prompt: string; onStop: () => void; stopping: boolean };

type DockLineProps = StillLineProps & { progress: RunProgress; onPause: () => void };

function DockLine({ progress, run, prompt, onPause, onStop, stopping }: DockLineProps) {
  const { rate, eta_ms, waiting, is_pausing, worker } = progress;
  const batch = batchOut(run);
  const share = run.total === 0 ? 0 : run.done / run.total;
  return (
    <Line run={run} prompt={prompt}>
      <Done run={run} prompt={prompt} />
      {run.failed > 0 && (
        <span className="whitespace-nowrap text-negative-content">{formatNumber(run.failed)} failed</span>
      )}
      <span className={WHY}>
        {batch === undefined ? (
          [spentOfLimit(run) ?? "", is_pausing ? "" : speed(rate, eta_ms), workerWords(worker) ?? waiting ?? ""]
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
          <BriefButton icon={Pause} onClick={onPause} waiting={is_pausing} command="run.pause">
            {is_pausing ? "Pausing" : "Pause"}
          </BriefButton>
          <BriefButton icon={Square} onClick={onStop} waiting={stopping} command="run.stop">
            Stop
          </BriefButton>
        </>
      )}
      <Announcement prompt={prompt} share={share} />
    </Line>
  );
}

function Done({ run, prompt }: { run: RunSummary; prompt: string }) {
  return (
    <>
      <RunBar label={`Progress of ${prompt}`} run={run} className="min-w-24 flex-1 @max-[47.75rem]:min-w-8" />
      <span className="whitespace-nowrap tabular-nums">
        {formatNumber(run.done)} of {formatNumber(run.total)}
      </span>
    </>
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
        disabledReason={more === undefined ? "This is the most at once" : undefined}
        onClick={() => more !== undefined && change.mutate(more)}
      />
    </fieldset>
  );
}

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

/** What can be done with all that rest for the same reason. */
function TogetherLine({ runs }: { runs: readonly RunSummary[] }) {
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

/** A run that is paused: why, and what helps. */
function RestingLine({ run, prompt, onStop, stopping, onDismiss }: StillLineProps & { onDismiss: () => void }) {
  const resume = useResumeRun();
  if (isAtWork(run)) {
    // Somebody goes on with it; how, is told in a moment.
    return (
      <Line run={run} prompt={prompt}>
        <Done run={run} prompt={prompt} />
      </Line>
    );
  }
  const brief = briefly(run);
  return (
    <Line run={run} prompt={prompt}>
      <CirclePause aria-hidden className="size-4 shrink-0 text-warning-content" />
      {brief === undefined ? (
        <>
          <span className="flex-1 whitespace-nowrap tabular-nums">
            Paused at {formatNumber(run.done)} of {formatNumber(run.total)}
          </span>
          <span className={WHY}>{sentence(pauseWords(run))}</span>
        </>
      ) : (
        <span className="min-w-0 flex-1 truncate" title={run.reason ?? undefined}>
          {brief}
        </span>
      )}
      <Button size="small" icon={RotateCw} onClick={() => resume.mutate(run.id)} waiting={resume.isPending}>
        Resume
      </Button>
      {/* What helps all that wait together is said once, above them. */}
      {!run.is_held && <WayOut run={run} size="small" />}
      <ResumeWithStop run={run} size="small" />
      <Button size="small" icon={Square} onClick={onStop} waiting={stopping}>
        Stop
      </Button>
      <IconButton icon={X} size="small" label="Dismiss" onClick={onDismiss} />
    </Line>
  );
}

/** What is to be said of runs that mostly come by the dozen, in one line. */
function briefly(run: RunSummary): string | undefined {
  if (run.is_held) return run.reason ?? undefined;
  if (!run.is_interrupted) return undefined;
  if (run.started_at === null) return "Queued when the program ended. Nothing of it was asked.";
  const done = `${formatNumber(run.done)} of ${formatNumber(run.total)}`;
  return `Broken off at ${done} when the program ended. What was answered is kept.`;
}

/** Tells a screen reader that a run has paused, and why; once for each time, and no longer than it is so. */
function PauseNews({ paused, nameOf }: { paused: readonly RunSummary[]; nameOf: (run: RunSummary) => string }) {
  const told = useRef<ReadonlySet<string>>(new Set());
  const [spoken, say] = useSpoken();
  useEffect(() => {
    const news = paused.filter((run) => !told.current.has(run.id));
    const isLess = paused.length - news.length < told.current.size;
    told.current = new Set(paused.map(({ id }) => id));
    if (news.length > 0 || isLess) say(news.map((run) => `${nameOf(run)} paused: ${pauseWords(run)}`).join(" "));
  });
  return spoken;
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
  const [spoken, say] = useSpoken();
  useEffect(() => {
    if (tenth <= told.current) return;
    told.current = tenth;
    say(`${prompt}: ${tenth * 10} percent done`);
  }, [prompt, tenth, say]);
  return spoken;
}
