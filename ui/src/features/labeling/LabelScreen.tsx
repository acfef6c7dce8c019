/** Labeling one task after the other, by keyboard: what is made here is ground truth. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import {
  BadgeCheck,
  ChevronLeft,
  ChevronRight,
  Inbox,
  ListFilter,
  Plus,
  Redo2,
  Trash2,
  TriangleAlert,
  Undo2,
} from "lucide-react";
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { useCommand, useKeysHere } from "@/components/commands";
import { Loaded } from "@/components/Loaded";
import { heldWords } from "@/components/labeling/boxes";
import { LabelingEditor } from "@/components/labeling/editor/LabelingEditor";
import {
  type Entry,
  step as edited,
  type History,
  missing,
  newId,
  type Result,
  withoutHidden,
} from "@/components/labeling/editor/model";
import { Page } from "@/components/Page";
import { useDecide } from "@/components/reviews/decide";
import { filterText } from "@/components/tasks/filters";
import { useTaskSteps } from "@/components/tasks/useTaskSteps";
import { useTaskView } from "@/components/tasks/useTaskView";
import { Badge } from "@/components/ui/Badge";
import { Banner } from "@/components/ui/Banner";
import { Button, IconButton } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import { useWhileHere } from "@/components/useWhileHere";
import type { Annotation, OutlineNode, ProjectDetail, Region, TaskDetail } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { projectQuery, resultQuery, reviewRunsQuery, taskQuery, taskRowsQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { formatCount, formatNumber, sentence } from "@/lib/format";
import { runWords } from "@/lib/reviews";
import { AnnotationKeeper, type Kept } from "./keeper";

const route = getRouteApi("/projects/$projectId/label");

export function LabelScreen() {
  const { projectId } = route.useParams();
  const { task: number = 1, row: _, from: __, review: ___, ...tasks } = route.useSearch();
  const project = useQuery(projectQuery(projectId));
  const name = project.data?.summary.name ?? "Project";
  return (
    <Page
      title={`Task ${formatNumber(number)}`}
      above={[
        { label: "Projects", to: "/projects" },
        { label: name, to: "/projects/$projectId", params: { projectId }, search: tasks },
      ]}
    >
      <Loaded query={project} what="the project">
        {(project) => <LabelProject project={project} number={number} />}
      </Loaded>
    </Page>
  );
}

function LabelProject({ project, number }: { project: ProjectDetail; number: number }) {
  const { summary } = project;
  const { row: rowNumber, task: _, from, review = from, ...search } = route.useSearch();
  const navigate = useWhileHere(route.useNavigate());
  const rows = useQuery(taskRowsQuery(summary.id, null, number - 1, 1));
  const taskId = rows.data?.rows[0]?.id;
  const task = useQuery({ ...taskQuery(taskId ?? 0), enabled: taskId !== undefined });
  const result = useQuery({
    ...resultQuery(from ?? "", taskId ?? 0),
    enabled: from !== undefined && taskId !== undefined,
  });
  // Only names one of them.
  const runs = useQuery({ ...reviewRunsQuery(summary.id), enabled: from !== undefined, refetchInterval: false });
  const { view } = useTaskView(summary, search);
  const find = useTaskSteps(summary.id, view?.id ?? null);
  const step = async (by: 1 | -1, isSubmitted = false) => {
    const next = await find(number - 1, rowNumber === undefined ? undefined : rowNumber - 1, by);
    if (next === "end") {
      const end = by === 1 ? "That was the last task" : "That was the first task";
      toast(isSubmitted ? { kind: "done", title: `Saved. ${end}.` } : { title: end });
    }
    if (next === "end" || next === "unread") return;
    const to = { task: next.row.position + 1, row: next.index + 1, from: undefined, review: undefined };
    await navigate({ search: (old) => ({ ...old, ...to }), replace: true });
  };
  if (rows.data !== undefined && taskId === undefined) {
    return (
      <EmptyState icon={Inbox} heading="h1" title="There is no such task" className="h-full justify-center">
        “{summary.name}” has {formatCount(rows.data.total, "task")}.
      </EmptyState>
    );
  }
  if (rows.isError) {
    return (
      <Loaded query={rows} what="the task">
        {() => null}
      </Loaded>
    );
  }
  const words = [...(search.filters ?? []).map((filter) => filterText(filter, project))];
  if (search.q !== undefined) words.push(`contains “${search.q}”`);
  const shown = (start: Start | undefined) => (
    <Loaded query={task} what="the task">
      {(task) => {
        const key = `${task.row.id} ${from ?? ""}`;
        const filtered = words.length === 0 || view === undefined ? undefined : { count: view.total, words };
        const props = { project, task, number, filtered, onStep: step };
        return start === undefined ? (
          <LabelTask key={key} {...props} />
        ) : (
          <CorrectTask key={key} {...props} start={start} />
        );
      }}
    </Loaded>
  );
  if (from === undefined || review === undefined) return shown(undefined);
  const run = runs.data?.find(({ run_id }) => run_id === from);
  return (
    <Loaded query={result} what="the prediction">
      {({ row }) => shown({ prediction: row.prediction, review, of: run === undefined ? "a run" : runWords(run) })}
    </Loaded>
  );
}

/** What a run said of the task, for a new annotation to begin with. */
type Start = {
  /** `null` where it failed. */
  prediction: readonly Region[] | null;
  /** The run in words. */
  of: string;
  /** The run whose prediction is decided about by what is submitted. */
  review: string;
};

type Correcting = {
  start: Start;
  /** Decides about the prediction by the annotation that was submitted, and goes back to where it was looked at. */
  onSubmitted: (annotationId: number) => Promise<void>;
  onBack: () => void;
};

type TaskProps = {
  project: ProjectDetail;
  task: TaskDetail;
  number: number;
  /** Opens the task before or after this one, or says that there is none. */
  onStep: (by: 1 | -1, isSubmitted?: boolean) => Promise<void>;
  /** Not all tasks are stepped through: how many, and which. */
  filtered: { count: number; words: string[] } | undefined;
};

/** What is submitted stands in the place of a prediction, which is decided about by that. */
function CorrectTask({ start, ...props }: TaskProps & { start: Start }) {
  const { decide } = useDecide(start.review);
  const { history } = useRouter();
  const navigate = route.useNavigate();
  const goBack = () => {
    if (history.canGoBack()) history.back();
    else void navigate({ to: "/review", search: { of: props.project.summary.id, run: start.review } });
  };
  // A failure is told; the annotation is kept, and submitting tries again.
  const submitted = async (annotation_id: number) => {
    if (await decide({ kind: "these", task_ids: [props.task.row.id] }, { kind: "correct", annotation_id })) goBack();
  };
  return <LabelTask {...props} correcting={{ start, onSubmitted: submitted, onBack: goBack }} />;
}

function LabelTask({ project, task, number, correcting, onStep, filtered }: TaskProps & { correcting?: Correcting }) {
  const start = correcting?.start;
  const { task_count: total } = project.summary;
  const outline = task.outline ?? project.outline;
  const client = useQueryClient();
  const first = start === undefined ? firstOf(task.annotations) : undefined;
  const [kept, setKept] = useState<Kept>(() => (start === undefined ? keptOf(first) : draftOf(start)));
  // The very list that is kept: an annotation that is only looked at is no edited one.
  const [history, dispatch] = useReducer(edited, kept, ({ id, result }): History => {
    const isDraft = id === null && result.length > 0;
    return { past: isDraft ? [[]] : [], present: result, future: [], mark: null };
  });
  const [problem, setProblem] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  /** The result without a mark that was to be submitted: the next time it is. */
  const [empty, setEmpty] = useState<Result | null>(null);
  const [adding, setAdding] = useState(first === undefined);
  const store = useCallback((next: TaskDetail) => client.setQueryData(taskQuery(next.row.id).queryKey, next), [client]);
  const keeper = useRef<AnnotationKeeper>(null);
  const keeperFor = useCallback(
    (kept: Kept) => {
      const own: AnnotationKeeper = new AnnotationKeeper(
        task.row.id,
        kept,
        (next, saved) => {
          if (next !== undefined) store(next);
          else void client.invalidateQueries(taskQuery(task.row.id));
          // One that was left meanwhile is kept all the same, and is no longer what is shown.
          if (keeper.current !== own) return;
          setKept(saved);
          setAdding(saved.id === null);
          setProblem(null);
        },
        (error) => keeper.current === own && setProblem(messageOf(error)),
      );
      return own;
    },
    [task.row.id, store, client],
  );
  /** Of annotations that were left, until their last edit is kept. */
  const unkept = useRef(new Set<AnnotationKeeper>());
  const flushAll = useCallback(
    () => Promise.all([keeper.current, ...unkept.current].map((keeper) => keeper?.flush())),
    [],
  );
  const editor = useRef<HTMLDivElement>(null);
  keeper.current ??= keeperFor(kept);
  const { present } = history;
  useEffect(() => keeper.current?.edit(present), [present]);
  useEffect(
    () => () =>
      void flushAll().catch((error: unknown) =>
        toast({
          kind: "failed",
          title: `The last edit of task ${formatNumber(number)} was not kept`,
          description: messageOf(error),
        }),
      ),
    [number, flushAll],
  );

  const lacking = useMemo(() => missing(present, outline.nodes), [present, outline]);
  const asksEmpty = empty === present;
  /** What was typed and does not fit is nowhere but in its field. */
  const wrongField = () => {
    const wrong = editor.current?.querySelectorAll<HTMLElement>("[aria-invalid=true]") ?? [];
    // One that is hidden cannot be mended.
    return [...wrong].find((field) => field.offsetParent !== null) ?? null;
  };
  const leaveAnyway = (by: 1 | -1) => ({
    label: "Leave anyway",
    run: () => {
      for (const left of unkept.current) left.drop();
      keeper.current?.drop();
      void onStep(by);
    },
  });
  const step = (by: 1 | -1) => {
    const wrong = wrongField();
    if (wrong !== null) {
      wrong.focus();
      toast({ kind: "failed", title: "What this field holds does not fit", action: leaveAnyway(by) });
      return;
    }
    void flushAll().then(
      () => onStep(by),
      (error: unknown) =>
        toast({
          kind: "failed",
          title: "The last edit could not be kept",
          description: messageOf(error),
          action: leaveAnyway(by),
        }),
    );
  };
  const submit = () => {
    setAsked(true);
    if (lacking.length > 0) return;
    const wrong = wrongField();
    if (wrong !== null) {
      wrong.focus();
      return;
    }
    const shown = withoutHidden(present, outline.nodes);
    // Ground truth that says nothing makes predictions wrong: it is meant, or it is none. It was meant where it was kept so,
    // as what is emptied is no ground truth until that is asked for.
    const wasEmpty = kept.groundTruth && kept.result.length === 0;
    const isMeant = asksEmpty || wasEmpty;
    if (shown.length === 0 && !isMeant) {
      setEmpty(present);
      return;
    }
    keeper.current?.edit(shown);
    void keeper.current
      ?.mark(true)
      // What could not be kept is told above the task.
      .then(
        () => submitted(keeper.current?.shown.id),
        () => {},
      );
  };
  const submitted = (id: number | null | undefined) => {
    if (correcting === undefined) return onStep(1, true);
    return id === null || id === undefined ? undefined : correcting.onSubmitted(id);
  };
  const take = (annotation: Annotation | undefined) => {
    // At once: a key that is pressed before the last edit is kept is meant for the one that was taken.
    const left = keeper.current;
    // One whose last edit could not be kept has more than the annotation that is stored.
    const waiting = [...unkept.current].find(
      (keeper) => keeper.shown.id !== null && keeper.shown.id === annotation?.id,
    );
    const next = waiting?.shown ?? keptOf(annotation);
    keeper.current = waiting ?? keeperFor(next);
    dispatch({ kind: "load", result: next.result });
    setKept(next);
    setAsked(false);
    setAdding(annotation === undefined);
    setProblem(null);
    if (left === null) return;
    unkept.current.add(left);
    const keepLeft = (): void =>
      void left.flush().then(
        () => unkept.current.delete(left),
        (error: unknown) =>
          toast({
            kind: "failed",
            title: "The last edit of the other annotation was not kept",
            description: messageOf(error),
            action: { label: "Try again", run: keepLeft },
          }),
      );
    keepLeft();
  };
  const notRestored = (error: unknown) =>
    toast({ kind: "failed", title: "The annotation was not brought back", description: messageOf(error) });
  const removeAnnotation = async (annotation: Annotation) => {
    try {
      const own = keeper.current?.shown.id === annotation.id ? keeper.current : null;
      await keeper.current?.flush();
      // Everything was taken back, and it went with that.
      if (own !== null && own.shown.id === null) return;
      const deleted = await ipc.deleteAnnotation(annotation.id);
      // Only now: until it is gone, what was not kept of it may still be.
      for (const left of unkept.current) {
        if (left.shown.id !== annotation.id) continue;
        left.drop();
        unkept.current.delete(left);
      }
      const rest = await client.fetchQuery({ ...taskQuery(task.row.id), staleTime: 0 });
      // Another one may have been taken meanwhile, and edited.
      if (keeper.current?.shown.id === annotation.id) {
        keeper.current.drop();
        const next = firstOf(rest.annotations);
        const kept = keptOf(next);
        keeper.current = keeperFor(kept);
        dispatch({ kind: "load", result: kept.result });
        setKept(kept);
        setAdding(next === undefined);
      }
      toast({
        title: "The annotation is deleted",
        action: { label: "Undo", run: () => void ipc.restoreAnnotation(deleted).then(store, notRestored) },
      });
    } catch (error) {
      toast({ kind: "failed", title: "The annotation could not be deleted", description: messageOf(error) });
    }
  };

  useCommand("label.submit", submit);
  // Without anything to take back the keys are those of the field that has the focus.
  useKeysHere("label.undo", "label.redo");
  useCommand("label.undo", () => dispatch({ kind: "undo" }), { enabled: history.past.length > 0 });
  useCommand("label.redo", () => dispatch({ kind: "redo" }), { enabled: history.future.length > 0 });
  useCommand("task.previous", () => step(-1));
  useCommand("task.next", () => step(1));

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b px-4 py-2">
        <h1 className="mr-1 min-w-0 truncate font-semibold">
          Task {formatNumber(number)} <span className="font-normal text-subtler">of {formatNumber(total)}</span>
        </h1>
        {filtered !== undefined && (
          <Badge icon={ListFilter} title={filtered.words.join("\n")}>
            {formatCount(filtered.count, "task")} filtered
          </Badge>
        )}
        {task.annotations.some(({ id, counts }) => id === kept.id && counts) && (
          <Badge tone="positive" icon={BadgeCheck}>
            Ground truth
          </Badge>
        )}
        <div className="flex-1" />
        <IconButton icon={Undo2} label="Undo" command="label.undo" disabled={history.past.length === 0} />
        <IconButton icon={Redo2} label="Redo" command="label.redo" disabled={history.future.length === 0} />
        <IconButton icon={ChevronLeft} label="Previous task" command="task.previous" />
        <IconButton icon={ChevronRight} label="Next task" command="task.next" />
        <Button variant="primary" look="filled" icon={BadgeCheck} command="label.submit">
          {start === undefined ? "Submit and go on" : "Submit and go back"}
        </Button>
        {asksEmpty && (
          <div role="alert" className="flex w-full flex-wrap items-center justify-end gap-x-3 gap-y-1 text-sm">
            <TriangleAlert aria-hidden className="size-4 shrink-0 text-warning-content" />
            Nothing is marked. Submit again to save it as empty.
            <Button size="small" onClick={submit}>
              Save as empty
            </Button>
          </div>
        )}
      </div>
      <div className="@container flex min-h-0 flex-1">
        <ScrollRegion label="The task" className="min-w-0 flex-1 px-4 py-4 [scrollbar-gutter:stable]">
          <div className="mx-auto flex min-h-full max-w-3xl flex-col gap-4">
            {correcting !== undefined && kept.id === null && (
              <Banner
                title={
                  correcting.start.prediction === null
                    ? `There is no answer of ${correcting.start.of}`
                    : `Begun with the answer of ${correcting.start.of}`
                }
                actions={
                  <Button
                    size="small"
                    onClick={() => {
                      keeper.current?.drop();
                      correcting.onBack();
                    }}
                  >
                    Back without it
                  </Button>
                }
              >
                {correcting.start.prediction === null
                  ? "What you submit becomes ground truth, and the review of this task is done."
                  : "Nothing of it is kept yet. What you submit becomes ground truth, and the review of this task is done."}
              </Banner>
            )}
            {problem !== null && (
              <Banner kind="negative" role="alert" title="This could not be kept">
                {sentence(problem)}
              </Banner>
            )}
            {asked && lacking.length > 0 && (
              <Banner kind="warning" role="alert" title="Something is still to be answered" inSight>
                <Lacking nodes={lacking} />
              </Banner>
            )}
            <div ref={editor} className="flex grow flex-col">
              <LabelingEditor
                taskId={task.row.id}
                outline={outline}
                data={task.row.data}
                result={present}
                onEdit={(result, mark) =>
                  dispatch(mark === undefined ? { kind: "edit", result } : { kind: "edit", result, mark })
                }
              />
            </div>
          </div>
        </ScrollRegion>
        <Annotations
          annotations={task.annotations}
          current={kept.id}
          adding={adding}
          onOpen={take}
          onRemove={(annotation) => void removeAnnotation(annotation)}
          onMark={(groundTruth) => void keeper.current?.mark(groundTruth).catch(() => {})}
        />
      </div>
    </div>
  );
}

/** What is still to be answered, in the words of the config where it has some. */
function Lacking({ nodes }: { nodes: readonly OutlineNode[] }) {
  const without = nodes.filter(({ required_message: words }) => words === null);
  return (
    <>
      {nodes.map(({ name, required_message: words }) => words !== null && <p key={name}>{words}</p>)}
      {without.length > 0 && <p>{without.map(({ name }) => `“${name}”`).join(", ")} must have an answer.</p>}
    </>
  );
}

/** The annotation to begin with: the ground truth that counts, else the newest that is no skipped task. */
function firstOf(annotations: readonly Annotation[]): Annotation | undefined {
  return (
    annotations.find(({ counts }) => counts) ??
    annotations.findLast(({ was_cancelled }) => !was_cancelled) ??
    annotations.at(-1)
  );
}

function resultOf(annotation: Annotation | undefined): Result {
  return (annotation?.result ?? []).filter(
    (entry): entry is Entry => typeof entry === "object" && entry !== null && !Array.isArray(entry),
  );
}

function keptOf(annotation: Annotation | undefined): Kept {
  return {
    id: annotation?.id ?? null,
    result: resultOf(annotation),
    groundTruth: annotation?.ground_truth ?? false,
  };
}

/** A prediction as an annotation that was not begun yet; its regions have ids of their own. */
function draftOf({ prediction }: Start): Kept {
  const result = (prediction ?? []).map(({ id: _, ...region }): Entry => ({ ...region, id: newId() }));
  return { id: null, result, groundTruth: false };
}

type AnnotationsProps = {
  annotations: readonly Annotation[];
  current: number | null;
  /** A new one is begun that is not kept yet. */
  adding: boolean;
  onOpen: (annotation: Annotation | undefined) => void;
  onRemove: (annotation: Annotation) => void;
  onMark: (groundTruth: boolean) => void;
};

/** All that people said of the task. */
function Annotations({ annotations, current, adding, onOpen, onRemove, onMark }: AnnotationsProps) {
  return (
    <aside
      aria-label="Annotations"
      className="scroll-area flex w-64 shrink-0 flex-col gap-2 border-l py-4 pr-4 pl-3 @max-2xl:w-48"
    >
      <div className="flex items-center">
        <h2 className="flex-1 text-xs font-semibold text-subtler">Annotations</h2>
        <Button size="small" look="string" icon={Plus} disabled={adding} onClick={() => onOpen(undefined)}>
          New
        </Button>
      </div>
      <ul className="flex flex-col gap-2">
        {annotations.map((annotation) => (
          <li
            key={annotation.id}
            className={classes(
              "flex flex-col gap-1.5 rounded-sm border px-2 py-2 text-sm",
              annotation.id === current && "border-primary-content bg-primary-tint",
            )}
          >
            <div className="flex items-start gap-1">
              <button
                type="button"
                aria-current={annotation.id === current}
                onClick={() => onOpen(annotation)}
                className="min-w-0 flex-1 rounded-sm text-left"
              >
                <span className="block truncate font-medium" dir="auto">
                  {annotation.completed_by ?? "Unknown"}
                </span>
                <span className="flex text-xs text-subtler">
                  <span className="truncate" dir="auto">
                    {heldWords(resultOf(annotation) as unknown as Region[])}
                  </span>
                  {annotation.created_at !== null && (
                    <span className="shrink-0 whitespace-pre">
                      , <RelativeTime iso={annotation.updated_at ?? annotation.created_at} />
                    </span>
                  )}
                </span>
              </button>
              <IconButton
                icon={Trash2}
                size="small"
                label={`Delete the annotation of ${annotation.completed_by ?? "an unknown person"}`}
                onClick={() => onRemove(annotation)}
              />
            </div>
            <div className="flex flex-wrap items-center gap-1">
              {annotation.ground_truth && !annotation.was_cancelled && (
                <Badge size="small" tone={annotation.counts ? "positive" : "neutral"}>
                  {annotation.counts ? "Ground truth" : "Older ground truth"}
                </Badge>
              )}
              {annotation.was_cancelled && <Badge size="small">skipped</Badge>}
              {annotation.faults.length > 0 && (
                <Badge size="small" tone="warning" title={annotation.faults.map((words) => sentence(words)).join("\n")}>
                  does not fit the config
                </Badge>
              )}
              {annotation.id === current && (
                <Button size="small" look="string" onClick={() => onMark(!annotation.ground_truth)}>
                  {annotation.ground_truth ? "Remove the mark" : "Mark as ground truth"}
                </Button>
              )}
            </div>
          </li>
        ))}
        {adding && (
          <li className="rounded-sm border border-dashed border-primary-content px-2 py-2 text-sm text-subtler">
            A new annotation
          </li>
        )}
      </ul>
    </aside>
  );
}
