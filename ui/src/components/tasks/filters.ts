/** Which of a project's tasks a screen shows and in which order, as its address keeps it and as people read it. */
import { labelOf } from "@/components/labeling/regions";
import type { OutlineNode, ProjectDetail, TaskFilter, TaskQuery, TaskSort } from "@/ipc/bindings";

export type TasksSearch = {
  /** What some value of the data must contain. */
  q?: string | undefined;
  filters?: TaskFilter[] | undefined;
  sort?: TaskSort | undefined;
};

/** The parts of an address that say this; whatever else stands there is left out, for it may be typed by hand. */
export function readTasksSearch(search: Record<string, unknown>): TasksSearch {
  const { q, filters, sort } = search;
  const read = Array.isArray(filters) ? filters.filter(isFilter) : [];
  return {
    q: typeof q === "string" && q !== "" ? q : typeof q === "number" ? String(q) : undefined,
    filters: read.length === 0 ? undefined : read,
    sort: isSort(sort) ? sort : undefined,
  };
}

function isFilter(value: unknown): value is TaskFilter {
  if (!isObject(value)) return false;
  switch (value.kind) {
    case "field_contains":
      return typeof value.field === "string" && typeof value.text === "string";
    case "any_contains":
      return typeof value.text === "string";
    case "ground_truth":
    case "annotated":
      return typeof value.has === "boolean";
    case "label":
      return typeof value.control === "string" && typeof value.label === "string";
    case "split":
      return typeof value.held_out === "boolean";
    default:
      return false;
  }
}

function isSort(value: unknown): value is TaskSort {
  if (!isObject(value) || typeof value.descending !== "boolean" || !isObject(value.by)) return false;
  return value.by.kind === "position" || (value.by.kind === "field" && typeof value.by.field === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

export function queryOf({ q, filters = [], sort }: TasksSearch): TaskQuery {
  return { filters: q === undefined ? filters : [...filters, { kind: "any_contains", text: q }], sort: sort ?? null };
}

/** All tasks in the project's order. */
export function isWhole({ filters, sort }: TaskQuery): boolean {
  return filters.length === 0 && sort === null;
}

/** "text contains “late”", "has ground truth", "sentiment is Positive" */
export function filterText(filter: TaskFilter, project: ProjectDetail): string {
  switch (filter.kind) {
    case "field_contains":
      return `${filter.field} contains “${filter.text}”`;
    case "any_contains":
      return `any field contains “${filter.text}”`;
    case "ground_truth":
      return filter.has ? "has ground truth" : "no ground truth";
    case "annotated":
      return filter.has ? "annotated" : "not annotated";
    case "label":
      return `${filter.control} is ${valueName(project, filter.control, filter.label)}`;
    case "split":
      return filter.held_out ? "held-out ground truth" : "dev ground truth";
  }
}

function valueName(project: ProjectDetail, control: string, value: string): string {
  const found = controlsOf(project).find(({ name }) => name === control);
  return found?.values?.find((one) => one.value === value)?.label ?? value;
}

export type FilteredControl = {
  name: string;
  tag: string;
  /** What its regions can say, if that is a list. */
  values: { value: string; label: string }[] | null;
};

/** The controls whose values can be filtered by, in the config's order. */
export function controlsOf(project: ProjectDetail): FilteredControl[] {
  return project.outline.nodes.flatMap((node) =>
    node.kind === "control" && node.name !== null ? [{ name: node.name, tag: node.tag, values: valuesOf(node) }] : [],
  );
}

function valuesOf({ tag, classes, paths, max_rating: stars }: OutlineNode): FilteredControl["values"] {
  if (tag === "Pairwise") return ["left", "right"].map((value) => ({ value, label: value }));
  if (stars !== null && tag === "Rating") {
    return Array.from({ length: stars }, (_, index) => ({ value: String(index + 1), label: String(index + 1) }));
  }
  if (paths.length > 0) {
    return paths.flatMap((path) => {
      const value = path.at(-1);
      return value === undefined ? [] : [{ value, label: path.join(" › ") }];
    });
  }
  return classes.length === 0 ? null : classes.map((one) => ({ value: labelOf(one), label: one.value }));
}

/** What a press on the head of a column does: ascending, descending, and then the project's order again. */
export function nextSort(sort: TaskSort | undefined, by: TaskSort["by"]): TaskSort | undefined {
  if (sort === undefined || !isSameKey(sort.by, by)) {
    // In the project's order the table is already ascending.
    return { by, descending: by.kind === "position" };
  }
  return sort.descending ? undefined : { by, descending: true };
}

export function sortDirection(sort: TaskSort | undefined, by: TaskSort["by"]): "ascending" | "descending" | "none" {
  if (sort === undefined) return by.kind === "position" ? "ascending" : "none";
  return !isSameKey(sort.by, by) ? "none" : sort.descending ? "descending" : "ascending";
}

function isSameKey(one: TaskSort["by"], other: TaskSort["by"]): boolean {
  return one.kind === "field" && other.kind === "field" ? one.field === other.field : one.kind === other.kind;
}
