/** One query per reading command. Rust says what a write changed; `events.ts` turns that into invalidation. */
import { keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import type { DraftContent, RowQuery } from "./bindings";
import { ipc } from "./client";

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

export const taskRowsQuery = (projectId: string, offset: number, limit: number) =>
  queryOptions({
    queryKey: ["task-rows", projectId, offset, limit],
    queryFn: () => ipc.taskRows(projectId, offset, limit),
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
export const importPlanQuery = (paths: readonly string[], into: string | undefined) =>
  queryOptions({
    queryKey: ["import-plan", paths, into],
    queryFn: () => ipc.planImport([...paths], into === undefined ? null : { kind: "existing", project_id: into }),
    staleTime: 0,
    gcTime: 0,
  });

export const connectionsQuery = () => queryOptions({ queryKey: ["connections"], queryFn: () => ipc.listConnections() });

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

export const versionsQuery = (promptId: string) =>
  queryOptions({ queryKey: ["versions", promptId], queryFn: () => ipc.listVersions(promptId) });

export const versionQuery = (versionId: string) =>
  queryOptions({ queryKey: ["version", versionId], queryFn: () => ipc.getVersion(versionId) });

export const runsQuery = (promptId: string) =>
  queryOptions({ queryKey: ["runs", promptId], queryFn: () => ipc.listRuns(promptId) });

export const runQuery = (runId: string) => queryOptions({ queryKey: ["run", runId], queryFn: () => ipc.getRun(runId) });

export const activeRunsQuery = () => queryOptions({ queryKey: ["active-runs"], queryFn: () => ipc.activeRuns() });

export const resultRowsQuery = (runId: string, query: RowQuery, offset: number, limit: number) =>
  queryOptions({
    queryKey: ["result-rows", runId, query, offset, limit],
    queryFn: () => ipc.resultRows(runId, query, offset, limit),
  });

export const resultQuery = (runId: string, taskId: number) =>
  queryOptions({ queryKey: ["result", runId, taskId], queryFn: () => ipc.getResult(runId, taskId) });
