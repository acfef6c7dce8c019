/** One task after the other is decided about, by keyboard: the next one is open before Rust has kept the decision. */
import { getRouteApi } from "@tanstack/react-router";
import { BadgeCheck, Check, CheckCheck, ChevronDown, ChevronUp, Ellipsis, PencilLine, Undo2, X } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useState } from "react";
import { useCommand } from "@/components/commands";
import { MediaAhead } from "@/components/labeling/MediaAhead";
import { QueryProblem } from "@/components/QueryProblem";
import { useDecide } from "@/components/reviews/decide";
import { Button, IconButton } from "@/components/ui/Button";
import { CommandKbd } from "@/components/ui/Kbd";
import { Menu, MenuItem } from "@/components/ui/Menu";
import { Delayed, Skeleton } from "@/components/ui/Skeleton";
import { useWhileHere } from "@/components/useWhileHere";
import type { ProjectDetail, ReviewReason, ReviewRun, ReviewVerdict } from "@/ipc/bindings";
import type { CommandId } from "@/lib/commands";
import { formatNumber } from "@/lib/format";
import { type Decision, decidedWords } from "@/lib/reviews";
import { type Bulk, BulkDialog } from "./BulkDialog";
import { NothingLeft } from "./NothingLeft";
import { OpenItem } from "./OpenItem";
import { openAt, stillOpen } from "./open";
import { QueueList, Reasons } from "./QueueList";
import { ReasonChips } from "./ReasonChips";
import { Standing } from "./Standing";
import { ALL, NOTHING, type Selection, tasksOf } from "./selection";
import { useQueue } from "./useQueue";

const route = getRouteApi("/review");

const NO_REASONS: readonly ReviewReason[] = [];

type ReviewQueueProps = {
  project: ProjectDetail;
  runs: readonly ReviewRun[];
  run: ReviewRun;
  /** Whether the list had the keyboard before; the first time, it takes it. */
  hasFocused: RefObject<boolean>;
};

export function ReviewQueue({ project, runs, run, hasFocused }: ReviewQueueProps) {
  const { of, run: pinned, row = 1, reasons = NO_REASONS } = route.useSearch();
  const navigate = useWhileHere(route.useNavigate());
  const queue = useQueue(run, reasons);
  const { total, counts, rowAt, window } = queue;
  const [known, setOpen] = useState(() => openAt(row - 1));
  const open = queue.isPending ? known : stillOpen(known, rowAt, total);
  if (open !== known) setOpen(open);
  const { index, item } = open;
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [bulk, setBulk] = useState<Bulk>();
  const { decide, isDeciding, undo, decisions } = useDecide(run.run_id, {
    isQuiet: true,
    onUndone: ({ tasks }) => {
      const [only, ...more] = tasks.kind === "these" ? tasks.task_ids : [];
      if (only !== undefined && more.length === 0) setOpen((now) => ({ ...now, wanted: only }));
    },
  });
  const last = decisions.at(-1);
  const next = rowAt(index + 1);

  const { showRow, scroller } = window;
  // The row that is open stays in sight, and in the address; with the run, or a newer one would take its place.
  useEffect(() => showRow(index), [index, showRow]);
  const [projectId, runId] = [project.summary.id, run.run_id];
  useEffect(() => {
    if (of === projectId && pinned === runId && row === index + 1) return;
    const place = { of: projectId, run: runId, row: index === 0 ? undefined : index + 1 };
    void navigate({ search: (old) => ({ ...old, ...place }), replace: true });
  }, [projectId, runId, index, of, pinned, row, navigate]);
  const isThere = total > 0;
  useEffect(() => {
    // Also where the last decision was taken back: the list that had the keyboard was gone meanwhile.
    if (!isThere || (hasFocused.current && document.activeElement !== document.body)) return;
    hasFocused.current = true;
    scroller.current?.focus({ preventScroll: true });
  }, [isThere, scroller, hasFocused]);

  const show = (next: number) => setOpen(openAt(Math.min(Math.max(0, next), Math.max(0, total - 1))));
  const choose = (next: readonly ReviewReason[]) => {
    setSelection(NOTHING);
    setOpen(openAt(0));
    void navigate({
      search: (old) => ({ ...old, reasons: next.length === 0 ? undefined : [...next], row: undefined }),
      replace: true,
    });
  };
  const countOf = (chosen: Selection) => (chosen.kind === "all" ? total : chosen.items.size);
  const selected = countOf(selection);
  const failedOfAll = reasons.length === 0 || reasons.includes("failed") ? (counts?.failed ?? 0) : 0;
  const askAbout = (verdict: Bulk["verdict"], chosen: Selection) =>
    setBulk({
      verdict,
      tasks: tasksOf(chosen, reasons),
      count: countOf(chosen),
      failed:
        chosen.kind === "all"
          ? failedOfAll
          : [...chosen.items.values()].filter(({ prediction }) => prediction === null).length,
    });
  const judge = (verdict: Bulk["verdict"]) => {
    if (selected > 0) {
      askAbout(verdict, selection);
      return;
    }
    if (item === null) return;
    void decide({ kind: "these", task_ids: [item.task_id] }, verdict);
    setOpen(openAt(index));
  };
  const judgeMany = async ({ tasks }: Bulk, verdict: ReviewVerdict) => {
    if (await decide(tasks, verdict)) {
      setSelection(NOTHING);
      setOpen(openAt(0));
    }
    setBulk(undefined);
  };
  const correct = (from: string) => {
    if (item === null) return;
    void navigate({
      to: "/projects/$projectId/label",
      params: { projectId: project.summary.id },
      search: { task: item.position + 1, from, review: run.run_id },
    });
  };

  const idle = selected > 0 || item !== null;
  const unanswered =
    selected === 0 && item !== null && item.prediction === null
      ? { disabledReason: "There is no answer to accept." }
      : {};
  useCommand("review.accept", () => judge({ kind: "accept", ground_truth: true }), { enabled: idle, ...unanswered });
  useCommand("review.accept-annotation", () => judge({ kind: "accept", ground_truth: false }), {
    enabled: idle,
    ...unanswered,
  });
  useCommand("review.reject", () => judge({ kind: "reject" }), { enabled: idle });
  useCommand("review.correct", () => correct(run.run_id), { enabled: item !== null });
  useCommand("review.undo", () => undo(), { enabled: last !== undefined });
  useCommand("review.accept-all", () => askAbout({ kind: "accept", ground_truth: true }, ALL), { enabled: isThere });
  useCommand("review.reject-all", () => askAbout({ kind: "reject" }, ALL), { enabled: isThere });
  useCommand("result.next", () => show(index + 1), { enabled: isThere });
  useCommand("result.previous", () => show(index - 1), { enabled: isThere });

  return (
    <>
      <div className="@container shrink-0 border-b">
        <div className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2 low:min-h-0 low:py-1.5">
          <ReasonChips counts={counts} chosen={reasons} onChoose={choose} />
          <div className="ml-auto flex items-center gap-3">
            <Standing decided={run.decided} left={total} isFiltered={reasons.length > 0} isGrowing={queue.isGrowing} />
            {isThere && (
              <Menu align="end" trigger={<Button iconAfter={ChevronDown}>All {formatNumber(total)}</Button>}>
                <MenuItem
                  icon={CheckCheck}
                  hint="As ground truth, or as annotations only"
                  onClick={() => askAbout({ kind: "accept", ground_truth: true }, ALL)}
                >
                  Accept all {formatNumber(total - failedOfAll)}…
                </MenuItem>
                <MenuItem
                  icon={X}
                  hint="They leave the queue; nothing is annotated"
                  onClick={() => askAbout({ kind: "reject" }, ALL)}
                >
                  Reject all {formatNumber(total)}…
                </MenuItem>
              </Menu>
            )}
          </div>
        </div>
      </div>
      {queue.failed !== undefined ? (
        <QueryProblem
          title="The queue could not be read"
          error={queue.failed.error}
          onRetry={() => void queue.failed?.refetch()}
        />
      ) : !isThere && !queue.isPending ? (
        <NothingLeft
          run={run}
          isGrowing={queue.isGrowing}
          isFiltered={reasons.length > 0}
          undo={last !== undefined && <UndoButton last={last} />}
          onShowAll={() => choose(NO_REASONS)}
        />
      ) : (
        <div className="flex min-h-0 flex-1">
          <div className="flex w-[clamp(220px,36%,340px)] shrink-0 flex-col border-r">
            <QueueList
              queue={queue}
              current={index}
              variables={project.variables}
              selection={selection}
              onSelect={setSelection}
              onOpen={show}
            />
            <div className="flex h-9 items-center border-t bg-surface px-1.5">
              {last === undefined ? (
                <p
                  className="truncate px-1.5 text-xs text-subtler"
                  title="Space selects, Shift with arrows selects several"
                >
                  Space selects, Shift with arrows selects several
                </p>
              ) : (
                <UndoButton last={last} />
              )}
            </div>
          </div>
          <section aria-label="Decision" className="flex min-w-0 flex-1 flex-col">
            {selected > 0 ? (
              <Bar title={`${formatNumber(selected)} selected`}>
                <DecideButton command="review.accept" icon={BadgeCheck} isFirst>
                  Accept
                </DecideButton>
                <DecideButton command="review.reject" icon={X}>
                  Reject
                </DecideButton>
                <IconButton icon={X} label="Select nothing" onClick={() => setSelection(NOTHING)} />
              </Bar>
            ) : (
              <Bar
                title={item === null ? "Task" : `Task ${formatNumber(item.position + 1)}`}
                beside={item !== null && <Reasons item={item} />}
                steps={
                  <span className="flex">
                    <IconButton icon={ChevronUp} size="small" label="Previous task" command="result.previous" />
                    <IconButton icon={ChevronDown} size="small" label="Next task" command="result.next" />
                  </span>
                }
              >
                <DecideButton
                  command="review.accept"
                  icon={BadgeCheck}
                  isFirst
                  disabledReason={unanswered.disabledReason}
                >
                  Accept
                </DecideButton>
                <DecideButton command="review.correct" icon={PencilLine}>
                  Correct
                </DecideButton>
                <DecideButton command="review.reject" icon={X}>
                  Reject
                </DecideButton>
                <Menu align="end" trigger={<IconButton icon={Ellipsis} label="More decisions" />}>
                  <MenuItem
                    icon={Check}
                    command="review.accept-annotation"
                    disabledReason={unanswered.disabledReason}
                    onClick={() => judge({ kind: "accept", ground_truth: false })}
                  >
                    Accept as an annotation only
                  </MenuItem>
                </Menu>
              </Bar>
            )}
            {item === null ? (
              <Delayed>
                <div role="status" aria-label="Reading the task" className="flex flex-col gap-2 p-5">
                  <Skeleton className="h-24" />
                  <Skeleton className="h-10 w-2/3" />
                </div>
              </Delayed>
            ) : (
              <OpenItem key={item.task_id} item={item} project={project} run={run} runs={runs} onCorrect={correct} />
            )}
            {next !== undefined && (
              <MediaAhead key={next.task_id} outline={project.outline} data={next.data} taskId={next.task_id} />
            )}
          </section>
        </div>
      )}
      {bulk !== undefined && (
        <BulkDialog
          {...bulk}
          isGrowing={queue.isGrowing}
          waiting={isDeciding}
          onDecide={(verdict) => void judgeMany(bulk, verdict)}
          onClose={() => setBulk(undefined)}
        />
      )}
    </>
  );
}

function UndoButton({ last }: { last: Decision }) {
  return (
    <Button size="small" look="string" icon={Undo2} command="review.undo" className="max-w-full min-w-0">
      <span className="truncate">Undo: {decidedWords(last.verdict, last)}</span>
      <CommandKbd command="review.undo" className="ml-0.5 opacity-80" />
    </Button>
  );
}

type BarProps = {
  /** What is decided about. */
  title: string;
  /** Where there is room for it. */
  beside?: ReactNode;
  steps?: ReactNode;
  children: ReactNode;
};

/** What is decided about, and what can be decided. */
function Bar({ title, beside, steps, children }: BarProps) {
  return (
    <div className="@container shrink-0 border-b">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2 low:py-1.5">
        <div className="flex flex-[1_0_auto] items-center gap-2">
          <div role="status">
            {/* As wide as most, so that a number of more digits moves nothing. */}
            <h2 className="min-w-20 font-semibold whitespace-nowrap tabular-nums">{title}</h2>
          </div>
          {steps}
          {beside !== undefined && <span className="hidden @4xl:block">{beside}</span>}
        </div>
        <div className="flex flex-wrap items-center gap-1.5 @sm:gap-2">{children}</div>
      </div>
    </div>
  );
}

type DecideButtonProps = {
  command: CommandId;
  icon: typeof Check;
  isFirst?: boolean;
  disabledReason?: string | undefined;
  children: string;
};

/** A button that shows its key: who decides about hundreds soon uses nothing else. */
function DecideButton({ command, icon, isFirst = false, disabledReason, children }: DecideButtonProps) {
  return (
    <Button
      variant={isFirst ? "primary" : "neutral"}
      look={isFirst ? "filled" : "outlined"}
      icon={icon}
      command={command}
      disabledReason={disabledReason}
      className="@max-sm:px-2.5"
    >
      {children}
      <CommandKbd command={command} className="ml-0.5 hidden opacity-80 @lg:inline-flex" />
    </Button>
  );
}
