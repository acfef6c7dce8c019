/**
 * The screens and their addresses. The address holds where the user is: filter, sorting, the open row, the open dialog. The
 * part of a screen that is shown first has no name in it: with one, it would be two places.
 */
import type { QueryClient } from "@tanstack/react-query";
import {
  createHashHistory,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { readTasksSearch, type TasksSearch } from "@/components/tasks/filters";
import { ProjectsScreen } from "@/features/projects/ProjectsScreen";
import { PromptsScreen } from "@/features/prompts/PromptsScreen";
import { parts } from "@/features/settings/parts";
import type { ComparedSegment, ReviewReason, RowFilter, RowSort } from "@/ipc/bindings";
import { projectQuery, projectsQuery, promptQuery, promptsQuery } from "@/ipc/queries";
import { type CellSearch, readCellSearch } from "@/lib/cells";
import { SORTED_BY } from "@/lib/results";
import { REASONS } from "@/lib/reviews";
import { BrokenScreen } from "./ErrorBoundary";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";
import { passOverDialogs } from "./steps";

type Unchecked = Record<string, unknown>;

/** `value` when it is one of `allowed`: an address may be typed by hand or stem from an older version. */
function oneOf<Value extends string>(value: unknown, ...allowed: readonly Value[]): Value | undefined {
  return allowed.find((one) => one === value);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

const DIALOGS = [
  ...parts,
  "bin",
  "keys",
  "create",
  "diagnostics",
  "from-label-studio",
  "guide",
  "import",
  "import-report",
  "licences",
  "media",
  "news",
  "pull",
  "push",
  "shortcuts",
  "spaces",
  "templates",
] as const;

export type DialogName = (typeof DIALOGS)[number];

/** Those that lead to something to read, which then lies over them: closing it goes on there. */
const BENEATH = ["about", "guide", "privacy"] as const satisfies readonly DialogName[];

/** What is only read. */
const READ = ["diagnostics", "licences", "news", "shortcuts"] as const satisfies readonly DialogName[];

export type DialogBeneath = (typeof BENEATH)[number];

type RootSearch = {
  dialog?: DialogName | undefined;
  /** What the dialog lies over, other than the screen. */
  over?: DialogBeneath | undefined;
  /** The project that the dialog "create" begins with, or that the others are about. */
  project?: string | undefined;
  /** The prompt that the dialog "bin" asks about: its name is taken. */
  prompt?: string | undefined;
};

const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Shell,
  validateSearch: (search: Unchecked): RootSearch => ({
    dialog: oneOf(search.dialog, ...DIALOGS),
    // Only beneath what is read: another dialog takes its place.
    over: oneOf(search.dialog, ...READ) && oneOf(search.over, ...BENEATH),
    project: text(search.project),
    prompt: text(search.prompt),
  }),
});

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/prompts" });
  },
});

type PromptsSearch = {
  q?: string | undefined;
  /** Only prompts of this space. */
  space?: string | undefined;
  folder?: string | undefined;
  sort?: "name" | "project" | "accuracy" | "updated" | undefined;
  desc?: boolean | undefined;
};

const promptsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/prompts",
  component: PromptsScreen,
  // Each screen's data is asked for while its code is fetched and it is drawn.
  loader: ({ context }) => void context.queryClient.prefetchQuery(promptsQuery()),
  validateSearch: (search: Unchecked): PromptsSearch => ({
    q: text(search.q),
    space: text(search.space),
    folder: text(search.folder),
    sort: oneOf(search.sort, "name", "project", "accuracy", "updated"),
    desc: typeof search.desc === "boolean" ? search.desc : undefined,
  }),
});

type PromptSearch = CellSearch & {
  /** Without one, the results. */
  tab?: "alignment" | "versions" | "compare" | "runs" | undefined;
  run?: string | undefined;
  version?: string | undefined;
  /** What it is compared with: a version, or "draft". */
  with?: string | undefined;
  task?: number | undefined;
  filter?: RowFilter | undefined;
  sort?: RowSort | undefined;
  q?: string | undefined;
  /** Those that are compared, the baseline first. */
  runs?: string[] | undefined;
  /** The one of them that the baseline is held against. */
  against?: string | undefined;
  /** Which of their tasks. */
  show?: Exclude<ComparedSegment, "all"> | undefined;
};

const promptRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/prompts/$promptId",
  // The editor is heavy; it has a chunk of its own, fetched when a link to a prompt is pointed at or has the focus.
  component: lazyRouteComponent(() => import("./PromptScreen"), "PromptScreen"),
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(promptQuery(params.promptId)),
  validateSearch: (search: Unchecked): PromptSearch => ({
    tab: oneOf(search.tab, "alignment", "versions", "compare", "runs"),
    run: text(search.run),
    version: text(search.version),
    with: text(search.with),
    task: positive(search.task),
    filter: oneOf(search.filter, "all", "needs_review", "changed", "wrong", "correct", "failed", "unscored"),
    sort: oneOf(
      search.sort,
      "position",
      ...SORTED_BY.flatMap((by) => [`${by}_ascending`, `${by}_descending`] as const),
    ),
    q: text(search.q),
    runs: Array.isArray(search.runs) ? search.runs.filter((one) => typeof one === "string") : undefined,
    against: text(search.against),
    show: oneOf(search.show, "fixed", "broken", "different", "same"),
    ...readCellSearch(search),
  }),
});

type ProjectsSearch = {
  q?: string | undefined;
  sort?: "name" | "tasks" | "updated" | undefined;
  desc?: boolean | undefined;
};

const projectsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/projects",
  component: ProjectsScreen,
  loader: ({ context }) => void context.queryClient.prefetchQuery(projectsQuery()),
  validateSearch: (search: Unchecked): ProjectsSearch => ({
    q: text(search.q),
    sort: oneOf(search.sort, "name", "tasks", "updated"),
    desc: typeof search.desc === "boolean" ? search.desc : undefined,
  }),
});

type ProjectSearch = TasksSearch & {
  /** Without one, the tasks. */
  tab?: "gold" | "labels" | "config" | "schema" | undefined;
  /** The place of the open task, counted from 1. */
  task?: number | undefined;
};

const projectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/projects/$projectId",
  component: lazyRouteComponent(() => import("@/features/projects/ProjectScreen"), "ProjectScreen"),
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(projectQuery(params.projectId)),
  validateSearch: (search: Unchecked): ProjectSearch => ({
    tab: oneOf(search.tab, "gold", "labels", "config", "schema"),
    task: positive(search.task),
    ...readTasksSearch(search),
  }),
});

/** Which tasks come before and after the open one. */
type LabelSearch = TasksSearch & {
  /** The place of the open task in the project, counted from 1. */
  task?: number | undefined;
  /** Its place among those tasks, counted from 1. */
  row?: number | undefined;
  /** The run whose prediction a new annotation begins with. */
  from?: string | undefined;
  /** The run whose prediction is decided about with it; without one it is `from`. */
  review?: string | undefined;
};

const labelRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/projects/$projectId/label",
  component: lazyRouteComponent(() => import("@/features/labeling/LabelScreen"), "LabelScreen"),
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(projectQuery(params.projectId)),
  validateSearch: (search: Unchecked): LabelSearch => ({
    task: positive(search.task),
    row: positive(search.row),
    from: text(search.from),
    review: text(search.review),
    ...readTasksSearch(search),
  }),
});

type ReviewSearch = {
  /** The project; `project` is that of a dialog. */
  of?: string | undefined;
  run?: string | undefined;
  /** Only what is in the queue for one of these. */
  reasons?: ReviewReason[] | undefined;
  /** The open row of the queue, counted from 1. */
  row?: number | undefined;
};

const reviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/review",
  component: lazyRouteComponent(() => import("@/features/reviews/ReviewScreen"), "ReviewScreen"),
  validateSearch: (search: Unchecked): ReviewSearch => {
    const { reasons } = search;
    const known = Array.isArray(reasons) ? REASONS.filter((reason) => reasons.includes(reason)) : [];
    return {
      of: text(search.of),
      run: text(search.run),
      reasons: known.length === 0 ? undefined : known,
      row: positive(search.row),
    };
  },
});

type ConfigSearch = {
  /** Without one, the preview. */
  part?: "classes" | "schema" | undefined;
  /** The place of the task that the preview shows, counted from 1. */
  task?: number | undefined;
};

const configRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/projects/$projectId/config",
  component: lazyRouteComponent(() => import("@/features/config-editor/ConfigScreen"), "ConfigScreen"),
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(projectQuery(params.projectId)),
  validateSearch: (search: Unchecked): ConfigSearch => ({
    part: oneOf(search.part, "classes", "schema"),
    task: positive(search.task),
  }),
});

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: rootRoute.addChildren([
      indexRoute,
      promptsRoute,
      promptRoute,
      projectsRoute,
      projectRoute,
      labelRoute,
      configRoute,
      reviewRoute,
    ]),
    history: passOverDialogs(createHashHistory()),
    context: { queryClient },
    defaultPreload: "intent",
    defaultPendingMs: 150,
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: ({ error, reset }: ErrorComponentProps) => <BrokenScreen error={error} onRetry={reset} />,
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}
