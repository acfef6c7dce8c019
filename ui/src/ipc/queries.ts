/** One query per reading command. Rust says what a write changed; `events.ts` turns that into invalidation. */
import { keepPreviousData, QueryClient, queryOptions, replaceEqualDeep, skipToken } from "@tanstack/react-query";
import { type Decision, withoutTasks } from "@/lib/reviews";
import { isAtWork, laterOf } from "@/lib/runs";
import type {
  ClassRename,
  ComparedQuery,
  DraftContent,
  ImportTarget,
  NewRun,
  PushOptions,
  ReviewReason,
  RowQuery,
  RunProgress,
  RunSummary,
  TaskQuery,
  TaskViewProgress,
} from "./bindings";
import { IpcFailure, ipc } from "./client";

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The data lives in this machine: never stale by time, never "offline", never retried behind the user's back.
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        networkMode: "always",
        retry: false,
        refetchOnWindowFocus: false,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

export const appInfoQuery = () => queryOptions({ queryKey: ["app-info"], queryFn: () => ipc.appInfo() });

export const preferencesQuery = () => queryOptions({ queryKey: ["preferences"], queryFn: () => ipc.preferences() });

export const projectsQuery = () => queryOptions({ queryKey: ["projects"], queryFn: () => ipc.listProjects() });

export const projectQuery = (projectId: string) =>
  queryOptions({ queryKey: ["project", projectId], queryFn: () => ipc.getProject(projectId) });

/** A filtered and sorted view of a project's tasks, opened anew by each table that shows it. */
export const taskViewQuery = (projectId: string, query: TaskQuery) =>
  queryOptions({
    queryKey: ["task-view", projectId, query],
    queryFn: () => ipc.openTasks(projectId, query),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });

/** How far Rust has come with a view; events bring it, and it is there even where they come before the view's own id. */
export const taskViewProgressQuery = (viewId: string) =>
  queryOptions<TaskViewProgress>({ queryKey: ["task-view-progress", viewId], queryFn: skipToken });

/** A page of a view, or with `null` of all tasks in the project's order. */
export const taskRowsQuery = (projectId: string, viewId: string | null, offset: number, limit: number) =>
  queryOptions({
    queryKey: ["task-rows", projectId, viewId, offset, limit],
    queryFn: async ({ client }) => {
      try {
        const page = await ipc.taskRows(projectId, viewId, offset, limit);
        const found = viewId === null ? undefined : client.getQueryData(taskViewProgressQuery(viewId).queryKey)?.total;
        // More was found while this page was on its way, and the event that told of it is over.
        const isOld = page.rows.length < limit && offset + page.rows.length < Math.min(found ?? 0, offset + limit);
        return isOld ? await ipc.taskRows(projectId, viewId, offset, limit) : page;
      } catch (error) {
        // Only so many views stay open: one that was closed for others is opened again.
        if (viewId !== null && error instanceof IpcFailure && error.code === "not_found") {
          await client.invalidateQueries({ queryKey: ["task-view", projectId] });
        }
        throw error;
      }
    },
    // A dragged scrollbar passes many pages, each of them hundreds of kilobytes.
    gcTime: 20_000,
  });

export const taskQuery = (taskId: number) =>
  queryOptions({ queryKey: ["task", taskId], queryFn: () => ipc.getTask(taskId) });

export const importIssuesQuery = (projectId: string, limit: number) =>
  queryOptions({
    queryKey: ["import-issues", projectId, limit],
    queryFn: () => ipc.importIssues(projectId, 0, limit),
    staleTime: 0,
  });

/** Read anew each time: files change behind our back. */
/** What the files are, for a project that is there, or for a new one with this config unless a file brings one. */
export const importPlanQuery = (paths: readonly string[], target: ImportTarget | null) =>
  queryOptions({
    queryKey: ["import-plan", paths, target],
    queryFn: () => ipc.planImport([...paths], target),
    staleTime: 0,
    gcTime: 0,
  });

/** The tags that configs are written with; they never change while the program runs. */
export const configTagsQuery = () =>
  queryOptions({ queryKey: ["config-tags"], queryFn: ipc.configTags, staleTime: Number.POSITIVE_INFINITY });

export const configTemplatesQuery = () =>
  queryOptions({ queryKey: ["config-templates"], queryFn: ipc.configTemplates, staleTime: Number.POSITIVE_INFINITY });

/** What a config says and what is wrong with it; the answer names the text that it is about. */
export const configCheckQuery = (xml: string) =>
  queryOptions({
    queryKey: ["config-check", xml],
    queryFn: async () => ({ xml, ...(await ipc.checkConfig(xml)) }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
  });

/** What a field of a task names, each looked at. A file may change meanwhile, so this is asked for anew. */
export const mediaInfoQuery = (taskId: number, variable: string) =>
  queryOptions({
    queryKey: ["media-info", taskId, variable],
    queryFn: () => ipc.mediaInfo(taskId, variable),
    staleTime: 0,
    gcTime: 20_000,
  });

export const localApiQuery = () => queryOptions({ queryKey: ["settings", "local-api"], queryFn: ipc.localApi });

export const settingsQuery = () => queryOptions({ queryKey: ["settings"], queryFn: ipc.settings });

/** The workspace file and what lies beside it; others make backups too. */
export const workspaceFileQuery = () =>
  queryOptions({ queryKey: ["workspace-file"], queryFn: () => ipc.workspaceFile() });

export const crashReportQuery = () => queryOptions({ queryKey: ["crash-report"], queryFn: () => ipc.crashReport() });

export const contactsQuery = () => queryOptions({ queryKey: ["contacts"], queryFn: () => ipc.listContacts() });

export const configImpactQuery = (projectId: string, xml: string, renames: ClassRename[]) =>
  queryOptions({
    queryKey: ["config-impact", projectId, xml, renames],
    queryFn: () => ipc.configImpact(projectId, xml, renames),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });

export const connectionsQuery = () => queryOptions({ queryKey: ["connections"], queryFn: () => ipc.listConnections() });

/** The model servers on a port of this computer, or on the usual ones. What answers there changes behind our back. */
export const localServersQuery = (port: number | null) =>
  queryOptions({
    queryKey: ["local-servers", port],
    queryFn: () => ipc.findLocalServers(port === null ? [] : [port]),
    gcTime: 0,
  });

export const spacesQuery = () => queryOptions({ queryKey: ["spaces"], queryFn: () => ipc.listSpaces() });

export const serversQuery = () => queryOptions({ queryKey: ["servers"], queryFn: () => ipc.labelStudioServers() });

/** How many projects of a server come at once. */
export const SERVER_PAGE_ROWS = 100;

/** Projects of a server whose title holds `search`. Others work there too, so what was read grows old. */
export const serverProjectsQuery = (serverId: string, search: string, offset: number) =>
  queryOptions({
    queryKey: ["server-projects", serverId, search, offset],
    queryFn: async () => {
      const { total, projects } = await ipc.serverProjects(serverId, search, offset / SERVER_PAGE_ROWS + 1);
      return { total, rows: projects };
    },
    staleTime: 30_000,
    gcTime: 60_000,
  });

/** One of them with what lists do not tell. */
export const serverProjectQuery = (serverId: string, remoteId: number) =>
  queryOptions({
    queryKey: ["server-projects", serverId, { project: remoteId }],
    queryFn: () => ipc.serverProject(serverId, remoteId),
    staleTime: 30_000,
    gcTime: 60_000,
  });

/** What pulling would change. Made anew each time: both sides go on. */
export const pullPlanQuery = (serverId: string, remoteId: number) =>
  queryOptions({
    queryKey: ["pull-plan", serverId, remoteId],
    queryFn: () => ipc.planPull(serverId, remoteId),
    staleTime: 0,
    gcTime: 0,
  });

/** What giving a run back would write; made anew each time too. */
export const pushPlanQuery = (runId: string, options: PushOptions) =>
  queryOptions({
    queryKey: ["push-plan", runId, options],
    queryFn: () => ipc.planPush(runId, options),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });

/** How often what is being given back is read again. */
const PUSHES_MS = 1000;

/** What is being given back to servers, waits for it, or failed. */
export const pushesQuery = () =>
  queryOptions({
    queryKey: ["pushes"],
    queryFn: () => ipc.pushes(),
    refetchInterval: ({ state }) => state.data?.some((push) => push.state === "under_way") === true && PUSHES_MS,
  });

export const promptsQuery = () => queryOptions({ queryKey: ["prompts"], queryFn: () => ipc.listPrompts() });

export const promptQuery = (promptId: string) =>
  queryOptions({ queryKey: ["prompt", promptId], queryFn: () => ipc.getPrompt(promptId) });

export const requestPreviewQuery = (promptId: string, content: DraftContent, position: number) =>
  queryOptions({
    queryKey: ["request-preview", promptId, content, position],
    queryFn: () => ipc.previewRequest(promptId, content, position),
    placeholderData: keepPreviousData,
    gcTime: 30_000,
  });

/** Versions that hold `search` in their message or content, newest first. */
export const versionRowsQuery = (promptId: string, search: string, offset: number, limit: number) =>
  queryOptions({
    queryKey: ["versions", promptId, search, offset, limit],
    queryFn: () => ipc.listVersions(promptId, search, offset, limit),
    gcTime: 60_000,
  });

export const labelMovesQuery = (promptId: string) =>
  queryOptions({ queryKey: ["versions", promptId, "label-moves"], queryFn: () => ipc.listLabelMoves(promptId) });

/** The prompts whose name, description or text holds `text`. */
export const foundPromptsQuery = (text: string) =>
  queryOptions({
    queryKey: ["prompts", "found", text],
    queryFn: () => ipc.findPrompts(text),
    enabled: text !== "",
    placeholderData: keepPreviousData,
    gcTime: 10_000,
  });

export const deletedPromptsQuery = () =>
  queryOptions({ queryKey: ["prompts", "deleted"], queryFn: () => ipc.listDeletedPrompts() });

export const versionQuery = (versionId: string) =>
  queryOptions({ queryKey: ["version", versionId], queryFn: () => ipc.getVersion(versionId) });

/** Made anew each time: it depends on the connection and the project as they are now. */
export const versionCodeQuery = (versionId: string) =>
  queryOptions({
    queryKey: ["version-code", versionId],
    queryFn: () => ipc.versionCode(versionId, null),
    staleTime: 0,
    gcTime: 0,
  });

// Progress that is told may overtake a reading that was begun before it: of each run the later one is kept.

export const runsQuery = (promptId: string) =>
  queryOptions({
    queryKey: ["runs", promptId],
    queryFn: () => ipc.listRuns(promptId),
    structuralSharing: (known, read) => {
      const before = new Map((known as RunSummary[] | undefined)?.map((run) => [run.id, run]));
      return replaceEqualDeep(
        known,
        (read as RunSummary[]).map((run) => laterOf(before.get(run.id), run)),
      );
    },
  });

export const runQuery = (runId: string) =>
  queryOptions({
    queryKey: ["run", runId],
    queryFn: () => ipc.getRun(runId),
    structuralSharing: (known, read) =>
      replaceEqualDeep(known, laterOf(known as RunSummary | undefined, read as RunSummary)),
  });

/** How many tasks such a run would cover. */
export const runSizeQuery = (run: NewRun) =>
  queryOptions({ queryKey: ["run-size", run], queryFn: () => ipc.runSize(run) });

/** What such a run, or all of these, would take. */
export const runEstimateQuery = (run: NewRun | NewRun[]) =>
  queryOptions({
    queryKey: ["run-estimate", run],
    queryFn: () => (Array.isArray(run) ? ipc.estimateRuns(run) : ipc.estimateRun(run)),
    placeholderData: keepPreviousData,
    gcTime: 30_000,
  });

/** The same by the vendor's count of some tasks, where nothing else tells; that takes up to ten seconds. */
export const countedEstimateQuery = (run: NewRun | NewRun[]) =>
  queryOptions({
    queryKey: ["run-estimate", run, "counted"],
    queryFn: () => ipc.countedEstimate(Array.isArray(run) ? run : [run]),
    gcTime: 30_000,
  });

/** Runs that paused for a reason, whichever program was at work on them. */
export const offeredRunsQuery = () => queryOptions({ queryKey: ["offered-runs"], queryFn: () => ipc.offeredRuns() });

/** How often runs are looked at whose program tells this one nothing. */
const OTHERS_MS = 1000;

export const activeRunsQuery = () =>
  queryOptions({
    queryKey: ["active-runs"],
    queryFn: () => ipc.activeRuns(),
    structuralSharing: (known, read) => {
      const before = new Map((known as RunProgress[] | undefined)?.map((progress) => [progress.run.id, progress]));
      const later = (progress: RunProgress) => {
        const one = before.get(progress.run.id);
        return one !== undefined && laterOf(one.run, progress.run) === one.run ? one : progress;
      };
      return replaceEqualDeep(known, (read as RunProgress[]).map(later));
    },
    refetchInterval: ({ state }) => state.data?.some(({ worker }) => worker.kind !== "here") === true && OTHERS_MS,
  });

/** How often results are read again while more of them are being looked for. */
const LOOKED_FOR_MS = 250;

export const resultRowsQuery = (runId: string, query: RowQuery, offset: number, limit: number) =>
  queryOptions({
    queryKey: ["result-rows", runId, query, offset, limit],
    queryFn: () => ipc.resultRows(runId, query, offset, limit),
    refetchInterval: ({ state }) => state.data?.total_is_final === false && LOOKED_FOR_MS,
  });

/** Why tasks of a run failed, each way once. */
export const runErrorsQuery = (runId: string) =>
  queryOptions({ queryKey: ["run-errors", runId], queryFn: () => ipc.runErrors(runId) });

export const resultQuery = (runId: string, taskId: number) =>
  queryOptions({ queryKey: ["result", runId, taskId], queryFn: () => ipc.getResult(runId, taskId) });

/** The run that the changed answers of a run are told by. */
export const changedSinceQuery = (runId: string) =>
  queryOptions({ queryKey: ["changed-since", runId], queryFn: () => ipc.changedSince(runId) });

export const goldCheckQuery = (projectId: string) =>
  queryOptions({ queryKey: ["gold-check", projectId], queryFn: () => ipc.goldCheck(projectId) });

/** How often reviews are read again while a run is at work, which makes more of them. */
const REVIEWS_MS = 2000;

export const reviewRunsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["review-runs", projectId],
    queryFn: () => ipc.reviewRuns(projectId),
    refetchInterval: ({ state }) => state.data?.some(isAtWork) === true && REVIEWS_MS,
  });

/** Tasks of a run that are being decided about: Rust may still have them in the queue. */
export const beingDecidedQuery = (runId: string) =>
  queryOptions<readonly number[]>({ queryKey: ["being-decided", runId], queryFn: skipToken });

/** What was decided about a run since the program began, the newest last. */
export const decisionsQuery = (runId: string) =>
  queryOptions<readonly Decision[]>({
    queryKey: ["review-decisions", runId],
    queryFn: skipToken,
    gcTime: Number.POSITIVE_INFINITY,
  });

/** What of a run is worth a look, most doubtful first; with no reason, for any of them. */
export const reviewQueueQuery = (
  runId: string,
  reasons: readonly ReviewReason[],
  isAtWork: boolean,
  offset: number,
  limit: number,
) =>
  queryOptions({
    queryKey: ["review-queue", runId, reasons, offset, limit],
    queryFn: async ({ client }) => {
      const page = await ipc.reviewQueue(runId, [...reasons], offset, limit);
      return withoutTasks(page, new Set(client.getQueryData(beingDecidedQuery(runId).queryKey)));
    },
    refetchInterval: ({ state }) => (state.data?.total_is_final === false ? LOOKED_FOR_MS : isAtWork && REVIEWS_MS),
    gcTime: 20_000,
  });

/** How often what a run shows is read again while it is at work. */
const METRICS_MS = 2000;

export const runMetricsQuery = (runId: string, isAtWork: boolean) =>
  queryOptions({
    queryKey: ["run-metrics", runId],
    queryFn: () => ipc.runMetrics(runId),
    refetchInterval: isAtWork && METRICS_MS,
  });

/** Two to four runs, the baseline first. */
export const comparisonQuery = (runIds: readonly string[]) =>
  queryOptions({ queryKey: ["comparison", runIds], queryFn: () => ipc.compareRuns([...runIds]) });

export const comparedRowsQuery = (query: ComparedQuery, offset: number, limit: number) =>
  queryOptions({
    queryKey: ["compared-rows", query, offset, limit],
    queryFn: () => ipc.comparedRows(query, offset, limit),
    gcTime: 60_000,
  });

export const versionScoresQuery = (promptId: string) =>
  queryOptions({ queryKey: ["version-scores", promptId], queryFn: () => ipc.versionScores(promptId) });
