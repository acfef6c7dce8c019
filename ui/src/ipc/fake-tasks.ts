/** Tasks of the scripted world: views of them, their annotations, and the media that they name. */
import type {
  Annotation,
  AnnotationContent,
  DeletedAnnotation,
  JsonValue,
  MarkedTasks,
  MediaCheck,
  MediaInfo,
  Region,
  TaskDetail,
  TaskFilter,
  TaskQuery,
  TaskRow,
  TaskSelection,
  TaskSort,
  TaskView,
} from "./bindings";
import { Refused } from "./fake-refused";
import type { FakeState } from "./fake-state";

/** Tasks that a scripted view looks at; of a longer project it finds the first few at once and the others later. */
const LOOKED_AT = 20_000;

/** Views that stay open, as in Rust. */
const VIEWS_MAX = 4;

function passes(row: TaskRow, filter: TaskFilter): boolean {
  const contains = (value: JsonValue | undefined, text: string) =>
    (JSON.stringify(value) ?? "").toLowerCase().includes(text.toLowerCase());
  switch (filter.kind) {
    case "any_contains":
      return Object.values(row.data).some((value) => contains(value, filter.text));
    case "field_contains":
      return contains(row.data[filter.field], filter.text);
    case "ground_truth":
      return (row.ground_truth !== null) === filter.has;
    case "annotated":
      return row.annotation_count > 0 === filter.has;
    case "label":
      return (row.ground_truth ?? []).some(
        (region) => region.from_name === filter.control && JSON.stringify(region.value).includes(`"${filter.label}"`),
      );
    case "split":
      return row.ground_truth !== null && row.held_out === filter.held_out;
  }
}

function compare(one: TaskRow, other: TaskRow, sort: TaskSort | null): number {
  if (sort === null) return 0;
  const key = ({ data, position }: TaskRow) =>
    sort.by.kind === "position" ? String(position) : String(data[sort.by.field] ?? "");
  const order = key(one).localeCompare(key(other), "en", { numeric: true }) || one.position - other.position;
  return sort.descending ? -order : order;
}

export function taskCommands({ send, nextId, last, project }: FakeState) {
  const annotated = new Map<string, Annotation[]>();
  const taskDetail = (taskId: number): TaskDetail => {
    last.task = taskId;
    const target = project(last.project);
    const position = taskId - 1;
    const first: Annotation = {
      id: 1,
      result: target.truth(position),
      ground_truth: true,
      counts: true,
      was_cancelled: false,
      created_at: "2026-11-02T09:00:00.000Z",
      updated_at: null,
      completed_by: "ben@example.org",
      faults: [],
    };
    const given = position < target.summary.ground_truth_count ? [first] : [];
    const annotations = annotated.get(`${last.project} ${taskId}`) ?? given;
    const newest = annotations.findLast(({ ground_truth }) => ground_truth);
    return {
      row: {
        id: taskId,
        position,
        data: target.task(position),
        annotation_count: annotations.length,
        ground_truth: (newest?.result as Region[] | undefined) ?? null,
        held_out: newest !== undefined && position % 2 === 0,
      },
      project_id: last.project,
      meta: null,
      outline: null,
      annotations: annotations.map((annotation) => ({ ...annotation, counts: annotation === newest })),
    };
  };
  /** The positions of the tasks of each open view. */
  const views = new Map<string, number[]>();
  let endCheck: (canceled: boolean) => void = () => {};
  const taskRow = (position: number): TaskRow => {
    if (annotated.size > 0 && annotated.has(`${last.project} ${position + 1}`)) return taskDetail(position + 1).row;
    const target = project(last.project);
    const scored = position < target.summary.ground_truth_count;
    return {
      id: position + 1,
      position,
      data: target.task(position),
      annotation_count: scored ? 1 : 0,
      ground_truth: scored ? target.truth(position) : null,
      held_out: scored && position % 2 === 0,
    };
  };
  /** The positions of the tasks in these rows of a view. */
  const placesOf = (viewId: string | null, from: number, to: number): number[] => {
    if (viewId === null) return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
    const positions = views.get(viewId);
    if (positions === undefined) throw new Refused("not_found", "This view of tasks is gone.");
    return positions.slice(from, to);
  };
  const keepAnnotations = (taskId: number, annotations: Annotation[]): TaskDetail => {
    annotated.set(`${last.project} ${taskId}`, annotations);
    send.changed({ kind: "annotations", project_id: last.project });
    return taskDetail(taskId);
  };
  const foundOf = (projectId: string, { filters, sort }: TaskQuery): TaskRow[] => {
    last.project = projectId;
    const total = Math.min(project(projectId).summary.task_count, LOOKED_AT);
    const looked = Array.from({ length: total }, (_, position) => taskRow(position));
    const found = looked.filter((row) => filters.every((filter) => passes(row, filter)));
    if (sort !== null) found.sort((one, other) => compare(one, other, sort));
    return found;
  };

  return {
    // A task's number is its place in whichever project was looked at last: enough for one project at a time.
    getTask: (taskId: number) => taskDetail(taskId),
    saveAnnotation: (taskId: number, content: AnnotationContent) => {
      const task = taskDetail(taskId);
      const old = task.annotations.find(({ id }) => id === content.id);
      const id = old?.id ?? 1 + Math.max(0, ...task.annotations.map((annotation) => annotation.id));
      const now = new Date().toISOString();
      const next: Annotation = {
        ...(old ?? { was_cancelled: false, created_at: now, completed_by: "ann", faults: [] }),
        id,
        result: content.result,
        ground_truth: content.ground_truth,
        counts: false,
        updated_at: old === undefined ? null : now,
      };
      return keepAnnotations(taskId, [...task.annotations.filter((annotation) => annotation.id !== id), next]);
    },
    deleteAnnotation: (annotationId: number): DeletedAnnotation => {
      const { annotations } = taskDetail(last.task);
      keepAnnotations(
        last.task,
        annotations.filter(({ id }) => id !== annotationId),
      );
      return {
        task_id: last.task,
        result: JSON.stringify(annotations.find(({ id }) => id === annotationId)?.result ?? []),
        ground_truth: false,
        was_cancelled: false,
        created_at: null,
        source: null,
      };
    },
    restoreAnnotation: (gone: DeletedAnnotation) => taskDetail(gone.task_id),
    setGroundTruth: (projectId: string, { view_id, ranges }: TaskSelection, mark: boolean): MarkedTasks => {
      last.project = projectId;
      const marked: MarkedTasks = { changed: 0, unannotated: 0 };
      const positions = ranges.flatMap(({ from, to }) => placesOf(view_id, from, to));
      for (const id of positions.map((position) => position + 1)) {
        const { annotations } = taskDetail(id);
        if (annotations.length === 0 && mark) marked.unannotated += 1;
        const wrong = mark
          ? annotations.slice(-1).filter(({ ground_truth }) => !ground_truth)
          : annotations.filter(({ ground_truth }) => ground_truth);
        if (wrong.length === 0) continue;
        marked.changed += 1;
        const next = annotations.map((one) => (wrong.includes(one) ? { ...one, ground_truth: mark } : one));
        annotated.set(`${projectId} ${id}`, next);
      }
      send.changed({ kind: "annotations", project_id: projectId });
      return marked;
    },
    openTasks: (projectId: string, query: TaskQuery): TaskView => {
      const target = project(projectId);
      last.project = projectId;
      const { task_count: total } = target.summary;
      if (query.filters.length === 0 && query.sort === null) return { view_id: null, total, total_is_final: true };
      const found = foundOf(projectId, query);
      const id = nextId("view");
      views.set(
        id,
        found.map(({ position }) => position),
      );
      for (const old of [...views.keys()].slice(0, -VIEWS_MAX)) views.delete(old);
      const isLong = total > LOOKED_AT;
      if (isLong) setTimeout(() => send.taskView({ view_id: id, total: found.length, total_is_final: true }), 700);
      return { view_id: id, total: isLong ? Math.min(50, found.length) : found.length, total_is_final: !isLong };
    },
    firstToLabel: (projectId: string, query: TaskQuery): number | null => {
      const found = foundOf(projectId, query);
      return (found.find((row) => passes(row, { kind: "annotated", has: false })) ?? found[0])?.position ?? null;
    },
    taskRows: (projectId: string, viewId: string | null, offset: number, limit: number) => {
      const { task_count: all } = project(projectId).summary;
      last.project = projectId;
      const total = viewId === null ? all : (views.get(viewId)?.length ?? 0);
      return { total, rows: placesOf(viewId, offset, Math.min(offset + limit, total)).map(taskRow) };
    },

    mediaInfo: (taskId: number, variable: string): MediaInfo[] => {
      const value = project(last.project).task(taskId - 1)[variable];
      const sources = Array.isArray(value) ? value : value === undefined ? [] : [value];
      return sources.map((source, index) => {
        const isGone = String(source).includes("gone");
        const whole = {
          kind: "image" as const,
          mime: "image/png",
          bytes: 183_204,
          width: 960,
          height: 540,
          problem: null,
        };
        const unusable = {
          kind: null,
          mime: null,
          bytes: null,
          width: null,
          height: null,
          problem: "there is no such file",
        };
        return { index, source: String(source), ...(isGone ? unusable : whole) };
      });
    },
    checkMedia: (projectId: string): Promise<MediaCheck> | MediaCheck => {
      const { task_count: tasks } = project(projectId).summary;
      send.mediaProgress({ project_id: projectId, tasks: Math.ceil(tasks / 2), total: tasks, faulty_tasks: 1 });
      const fault = {
        task_id: 3,
        position: 2,
        object: "image",
        source: "file:///pictures/gone.jpg",
        problem: "there is no such file",
      };
      const check = { tasks, pieces: tasks, faulty_tasks: 1, faults: [fault], canceled: false };
      return new Promise((resolve) => {
        endCheck = (canceled) => resolve({ ...check, canceled });
        setTimeout(() => endCheck(false), 400);
      });
    },
    cancelMediaCheck: () => {
      endCheck(true);
      return null;
    },
  };
}
