import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import {
  ChartLine,
  ChevronsDownUp,
  ChevronsUpDown,
  Info,
  Play,
  PlayCircle,
  Repeat,
  RotateCw,
  Rows3,
  Rows4,
  X,
} from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useCommand } from "@/components/commands";
import { Loaded } from "@/components/Loaded";
import { RestingSearch } from "@/components/RestingSearch";
import { type Arrangement, isShown, keepArrangement, readArrangement } from "@/components/table/arrangement";
import { ColumnsMenu } from "@/components/table/ColumnsMenu";
import type { TableHandle } from "@/components/table/DataTable";
import { neighbour } from "@/components/table/neighbour";
import { useFocusBack } from "@/components/table/useFocusBack";
import { Banner } from "@/components/ui/Banner";
import { Button, IconButton } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { RunStatusBadge } from "@/components/ui/RunStatusBadge";
import { Segmented } from "@/components/ui/Segmented";
import { Select } from "@/components/ui/Select";
import { toast } from "@/components/ui/toast";
import { useIsLower } from "@/components/useIsLower";
import { LOW, useMediaQuery } from "@/components/useMediaQuery";
import { useMove } from "@/components/useMove";
import type { ResultRow, RowFilter, RowQuery, RowSort, RunSummary } from "@/ipc/bindings";
import { messageOf } from "@/ipc/client";
import {
  activeRunsQuery,
  preferencesQuery,
  projectQuery,
  resultQuery,
  resultRowsQuery,
  runQuery,
  runsQuery,
} from "@/ipc/queries";
import { type CellSearch, cellOf, cellWords, searchOf } from "@/lib/cells";
import { classes } from "@/lib/classes";
import { formatNumber, sentence } from "@/lib/format";
import { keep, readKept } from "@/lib/kept";
import { canResume, isAtWork, queueWords, runName, runOf, sameAsked } from "@/lib/runs";
import { BatchBanner, batchOut } from "./batch";
import { Cards } from "./Cards";
import { useResumeRun } from "./control";
import { ExportMenu } from "./ExportMenu";
import { ResultDrawer } from "./ResultDrawer";
import { ResultsTable } from "./ResultsTable";
import { RunAgainDialog } from "./RunAgainDialog";
import { RunNow } from "./RunNow";
import { isSortedBy, useResultColumns } from "./resultColumns";
import { useSegments } from "./segments";
import { useRunMetrics } from "./useRunMetrics";
import { ResumeWithStop, WayOut } from "./WayOut";

const route = getRouteApi("/prompts/$promptId");

/** How often the rows in sight are read again while a run is at work. */
const REFRESH_MS = 1000;

type ResultsTabProps = {
  promptId: string;
  promptName: string;
  projectId: string;
  /** Where an open result is shown: it needs more height than the table has. */
  drawer: HTMLElement | null;
};

export function ResultsTab({ promptId, ...rest }: ResultsTabProps) {
  const search = route.useSearch();
  return (
    <Loaded query={useQuery(runsQuery(promptId))} what="the runs">
      {(runs) => {
        const wanted = runs.find((run) => run.id === search.run) ?? runs[0];
        if (wanted !== undefined) {
          return <Results key={`${rest.projectId} ${wanted.id}`} known={wanted} runs={runs} {...rest} />;
        }
        return (
          <EmptyState icon={PlayCircle} title="No run yet">
            Run the prompt to see its answers here: on a sample to look at them, on the ground truth to learn how often
            they are right.
          </EmptyState>
        );
      }}
    </Loaded>
  );
}

type ResultsProps = Omit<ResultsTabProps, "promptId"> & { known: RunSummary; runs: readonly RunSummary[] };

function Results({ known, runs, promptName, projectId, drawer }: ResultsProps) {
  const search = route.useSearch();
  const client = useQueryClient();
  const run = useQuery({ ...runQuery(known.id), initialData: known }).data;
  const metrics = useRunMetrics(run);
  const project = useQuery(projectQuery(projectId)).data;
  const progress = useQuery(activeRunsQuery()).data?.find((progress) => progress.run.id === run.id);
  const active = progress !== undefined;
  // All that the table is given holds still while the run counts on, or its rows would be drawn ten times a second.
  const {
    filter = "all",
    sort: order = "position",
    q = "",
    control,
    truth,
    predicted,
    class: name,
    outcome,
    error,
  } = search;
  const query: RowQuery = useMemo(() => {
    const cell = cellOf({ control, truth, predicted, class: name, outcome, error });
    return { filter, sort: order, search: q, cell };
  }, [filter, order, q, control, truth, predicted, name, outcome, error]);

  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => {
      void client.invalidateQueries({ queryKey: ["result-rows", run.id], refetchType: "active" });
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [active, client, run.id]);

  const columns = useResultColumns(project);
  const key = `touchstone.result-columns.${projectId}`;
  const [arrangement, setArrangement] = useState(() => readArrangement(key));
  /** Where the open result stands in the table, as far as it was opened or stepped to here. */
  const [place, setPlace] = useState<number>();
  const table = useRef<TableHandle<ResultRow>>(null);
  const change = useMove<typeof search>();
  const isOpen = search.task !== undefined;
  useFocusBack(isOpen, table);
  const above = useRef<HTMLDivElement>(null);
  /** How high what is above the table was when a result was opened: what gets narrower beside it is not to move the rows. */
  const [held_px, hold] = useState<number>();
  const hasNow = run.status === "in_progress" || run.status === "paused";
  const around = useRef<HTMLDivElement>(null);
  const isLow = useMediaQuery(LOW);
  const isShort = useIsLower(around, hasNow ? NOW_PX : NUMBERS_PX) || isLow;
  /** Two rows, and the tools besides, have no room: the tools scroll with what is said above the table. */
  const isTight = useIsLower(around, TIGHT_PX);
  const { isFolded, fold } = useFold(hasNow, isShort);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is said, and where, makes another height
  useEffect(() => {
    if (!isOpen) return;
    const letGo = () => hold(undefined);
    // The first call says what it has now.
    let isFirst = true;
    const observer = new ResizeObserver(() => {
      if (!isFirst) letGo();
      isFirst = false;
    });
    if (around.current !== null) observer.observe(around.current);
    return () => {
      observer.disconnect();
      letGo();
    };
  }, [isOpen, hasNow, isFolded, isShort]);
  const open = useCallback(
    (task: number, index: number) => {
      if (!isOpen) hold(above.current?.offsetHeight);
      setPlace(index);
      change({ task });
    },
    [change, isOpen],
  );
  const arrange = useCallback(
    (next: Arrangement) => {
      setArrangement(next);
      keepArrangement(key, next);
      // An order that no head tells of would be a riddle.
      const sorted = columns.find((column) => isSortedBy(column, order));
      if (sorted !== undefined && !isShown(sorted, next)) change({ sort: undefined });
    },
    [key, columns, order, change],
  );
  const sort = useCallback((sort: RowSort) => change({ sort: sort === "position" ? undefined : sort }), [change]);
  const clear = useCallback(() => change({ filter: undefined, q: undefined, ...searchOf(null) }), [change]);
  const notes = isShort && isFolded && run.notes.length > 0 ? run.notes.join(" ") : undefined;
  const queued = queueWords(run);
  const resume = useResumeRun();
  const [isRunningAgain, setRunningAgain] = useState(false);
  /** The result before or after the open one, in the order of the table. */
  const find = async (by: 1 | -1) => {
    const { task } = search;
    if (task === undefined) return undefined;
    // A place that is not known is guessed: in the project's order a sample, or everything, has it exactly.
    const near = place ?? client.getQueryData(resultQuery(run.id, task).queryKey)?.row.position ?? 0;
    const read = (offset: number, limit: number) => client.fetchQuery(resultRowsQuery(run.id, query, offset, limit));
    return neighbour<ResultRow>((row) => row.task_id === task, by, near, read);
  };
  const step = async (by: 1 | -1) => {
    try {
      const next = await find(by);
      if (next !== undefined) open(next.row.task_id, next.index);
    } catch (error) {
      toast({ kind: "failed", title: "The next result could not be read", description: messageOf(error) });
    }
  };
  /** What is decided about leaves the rows that need a review: the one after it is open next, or at the end the one before. */
  const decideThenStep = async (decide: () => Promise<boolean>) => {
    const [after, before] = await Promise.all([find(1), find(-1)]).catch(() => []);
    if (!(await decide())) return;
    if (after !== undefined) open(after.row.task_id, after.index - 1);
    else if (before !== undefined) open(before.row.task_id, before.index);
  };
  const close = () => change({ task: undefined });

  const tools = (
    <Filters run={run} runs={runs} query={query} onChange={change} onAgain={() => setRunningAgain(true)}>
      <ColumnsMenu
        columns={columns}
        arrangement={arrangement}
        onChange={arrange}
        onResize={(id, by) => table.current?.resizeBy(id, by)}
        onFit={(id) => table.current?.fit(id)}
      />
    </Filters>
  );

  return (
    // With less than what all of it needs at least, as under messages in a window of the least height, it scrolls as a whole.
    <div ref={around} className="@container flex h-full min-h-40 flex-col">
      {/* What does not fit scrolls by itself: the table below keeps its rows, and nothing scrolls around it. */}
      <div
        ref={above}
        style={isOpen ? { height: held_px } : undefined}
        className={classes(
          "scroll-area flex min-h-11 flex-col px-4",
          isShort && isFolded ? "gap-1.5 py-1.5" : "gap-2 pt-3 pb-2",
        )}
      >
        <div className="flex shrink-0 flex-wrap items-center gap-2">
          <Select
            label="Run"
            value={run.id}
            onChange={(id) => change({ run: id, task: undefined })}
            options={runs.map((one) => ({ value: one.id, label: runName(one) }))}
            className="max-w-96"
          />
          <RunStatusBadge status={run.status} />
          {/* What was noted of the run, in what is left of the line where there is no room for lines of its own. */}
          <p className="min-w-0 flex-1 truncate text-xs text-subtle select-text" title={notes}>
            {notes}
          </p>
          {queued !== undefined && (
            <Button icon={Play} onClick={() => resume.mutate(run.id)} waiting={resume.isPending}>
              Start now
            </Button>
          )}
          {canResume(run) && (
            <Button icon={RotateCw} onClick={() => resume.mutate(run.id)} waiting={resume.isPending}>
              Resume
            </Button>
          )}
          {canResume(run) && <ResumeWithStop run={run} />}
          {/* Beside an open result the numbers are in short anyway. */}
          {(hasNow || !isOpen) && (
            <IconButton
              icon={isFolded ? (hasNow ? ChartLine : ChevronsUpDown) : ChevronsDownUp}
              label={foldWords(hasNow, isFolded)}
              aria-expanded={!isFolded}
              onClick={() => fold(!isFolded)}
              className={hasNow || isShort ? "" : "@min-[58rem]:hidden"}
            />
          )}
          <ExportMenu run={run} promptName={promptName} isLinked={project?.summary.link != null} />
        </div>
        {isTight && <div className="shrink-0">{tools}</div>}
        <BatchBanner run={run} />
        {queued !== undefined && (
          <Banner title={queued}>
            Runs that ask the same connection go one after the other. Start it now to have it at work beside them.
          </Banner>
        )}
        {run.reason !== null && !isAtWork(run) && (
          <Banner
            kind={run.status === "paused" ? "warning" : "negative"}
            title={sentence(run.reason)}
            actions={<WayOut run={run} />}
          >
            {formatNumber(run.done - run.failed)} of {formatNumber(run.total)} tasks are answered and kept.
          </Banner>
        )}
        {run.reason === null && run.status === "paused" && batchOut(run) === undefined && (
          <Banner kind="warning" title="Paused by hand">
            {formatNumber(run.done - run.failed)} of {formatNumber(run.total)} tasks are answered and kept. Resume to go
            on with the others.
          </Banner>
        )}
        <div className="flex shrink-0 grow flex-col gap-2">
          {/* Where there is no room for it, it is left to the bar of the runs at work, which says the most of it. */}
          {hasNow && !(isShort && isFolded) && (
            <RunNow
              run={run}
              progress={progress}
              isFolded={isFolded}
              shownError={error}
              onShowError={(code) =>
                change({
                  filter: code === undefined ? undefined : "failed",
                  q: undefined,
                  ...searchOf(code === undefined ? null : { kind: "error", code }),
                })
              }
            />
          )}
          <Cards
            run={run}
            hasTruth={(project?.summary.ground_truth_count ?? 0) > 0}
            metrics={metrics}
            short={isShort && isFolded ? "always" : isFolded || isOpen ? "narrow" : undefined}
          />
          {run.notes.length > 0 && notes === undefined && (
            <ul className="flex flex-col gap-0.5 text-xs text-subtle select-text">
              {run.notes.map((note) => (
                <li key={note} className="flex items-start gap-1.5">
                  <Info aria-hidden className="mt-px size-3.5 shrink-0" />
                  {note}
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
      {!isTight && <div className="shrink-0 px-4 pb-2">{tools}</div>}
      <div className="min-h-29 flex-1 border-t">
        <ResultsTable
          ref={table}
          runId={run.id}
          columns={columns}
          arrangement={arrangement}
          query={query}
          task={search.task}
          shown={search.task === undefined ? undefined : place}
          onOpen={open}
          onSort={sort}
          onArrange={arrange}
          onClear={clear}
        />
      </div>
      {isRunningAgain && (
        <RunAgainDialog
          run={runOf(
            run.prompt_id,
            { kind: "custom" },
            {
              ...sameAsked(run),
              picked: {
                kind: "results",
                run_id: run.id,
                filter: query.filter,
                search: query.search,
                cell: query.cell,
              },
            },
          )}
          onStarted={(id) => change({ run: id, task: undefined, filter: undefined, q: undefined, ...searchOf(null) })}
          onClose={() => setRunningAgain(false)}
        />
      )}
      {search.task !== undefined &&
        drawer !== null &&
        createPortal(
          <ResultDrawer
            runId={run.id}
            taskId={search.task}
            outline={project?.outline}
            projectId={projectId}
            onClose={close}
            onStep={(by) => void step(by)}
            {...(query.filter === "needs_review" && { onDecide: decideThenStep })}
          />,
          drawer,
        )}
    </div>
  );
}

/** Whether pace and failures were folded away on this machine, and whether the numbers of a run without were said in short. */
const NOW_FOLDED = "touchstone.run-now-folded";
const NUMBERS_FOLDED = "touchstone.run-numbers-folded";

/** With less height, what is said above the table in full would be cut: of a run at work its pace too, or its numbers alone. */
const NOW_PX = 400;
const NUMBERS_PX = 288;
/** A line above the table, one of tools, the head and two rows. */
const TIGHT_PX = 204;

/** What is said of the run above its results, in full or in short. Where it is low it is in short at first, whatever was chosen. */
function useFold(hasNow: boolean, isShort: boolean) {
  const key = hasNow ? NOW_FOLDED : NUMBERS_FOLDED;
  const [folded, setFolded] = useState<Readonly<Record<string, boolean>>>(() =>
    Object.fromEntries([NOW_FOLDED, NUMBERS_FOLDED].map((key) => [key, readKept(key) === true])),
  );
  const [foldedShort, setFoldedShort] = useState<Readonly<Record<string, boolean>>>({});
  const fold = (isFolded: boolean) => {
    if (isShort) {
      setFoldedShort((old) => ({ ...old, [key]: isFolded }));
    } else {
      setFolded((old) => ({ ...old, [key]: isFolded }));
      keep(key, isFolded);
    }
  };
  return { isFolded: isShort ? foldedShort[key] !== false : folded[key] === true, fold };
}

function foldWords(hasNow: boolean, isFolded: boolean): string {
  if (hasNow) return isFolded ? "Show pace and failures" : "Hide pace and failures";
  return isFolded ? "Show the numbers in full" : "Show the numbers in short";
}

type FiltersProps = {
  run: RunSummary;
  runs: readonly RunSummary[];
  query: RowQuery;
  onChange: (part: { filter?: RowFilter | undefined; q?: string | undefined } & CellSearch) => void;
  onAgain: () => void;
  /** What else the table is changed by. */
  children: ReactNode;
};

function Filters({ run, runs, query, onChange, onAgain, children }: FiltersProps) {
  const input = useRef<HTMLInputElement>(null);
  const compact = useQuery(preferencesQuery()).data?.compact_rows ?? false;
  useCommand("screen.find", () => input.current?.focus());
  const { options, more, since } = useSegments(run, runs);
  const show = (filter: RowFilter) => onChange({ filter: filter === "all" ? undefined : filter });
  return (
    <div className="@container flex min-h-8.5 flex-wrap items-center gap-2">
      <Segmented
        label="Which results"
        value={query.filter}
        onChange={show}
        options={options}
        more={more}
        isRoomy
        countRoom={formatNumber(run.total).length}
        className="@max-3xl:hidden"
      />
      {/* All of them in the width of one. */}
      <Select
        label="Which results"
        value={query.filter}
        onChange={show}
        options={[...options, ...more].map(({ value, label, count, title, disabledReason }) => ({
          value,
          label: count === undefined ? label : `${label} (${count})`,
          hint: disabledReason ?? title,
          disabled: disabledReason !== undefined,
        }))}
        className="w-48 @3xl:hidden"
      />
      {query.filter === "changed" && since !== undefined && (
        <p className="text-sm text-subtler @max-3xl:sr-only">{since}</p>
      )}
      {query.cell !== null && <FilterChip words={cellWords(query.cell)} onRemove={() => onChange(searchOf(null))} />}
      <RestingSearch
        ref={input}
        label="Search in the data"
        value={query.search}
        onChange={(text) => onChange({ q: text === "" ? undefined : text })}
        className="ml-auto max-w-60 min-w-0 flex-[1_1_7rem]"
      />
      {children}
      <IconButton
        icon={Repeat}
        label="Run these tasks again"
        disabledReason={run.done === 0 ? "There is no result yet" : undefined}
        onClick={onAgain}
      />
      <IconButton
        icon={compact ? Rows3 : Rows4}
        label={compact ? "Comfortable rows" : "Compact rows"}
        command="app.rows"
      />
    </div>
  );
}

/** A filter that was set elsewhere, and the way to be rid of it. */
function FilterChip({ words, onRemove }: { words: string; onRemove: () => void }) {
  return (
    <span className="inline-flex h-8 max-w-80 items-center rounded-sm border border-primary-border bg-primary-tint text-sm">
      <span className="min-w-0 truncate pr-1 pl-2.5" title={words} dir="auto">
        {words}
      </span>
      <button
        type="button"
        aria-label={`Remove the filter “${words}”`}
        onClick={onRemove}
        className="flex h-full w-7 shrink-0 items-center justify-center rounded-r-sm text-subtler hover:bg-surface-hover hover:text-content"
      >
        <X aria-hidden className="size-3.5" />
      </button>
    </span>
  );
}
