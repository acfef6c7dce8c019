/** What Rust tells unasked, brought into the query cache. */
import type { Query, QueryClient } from "@tanstack/react-query";
import { isAtWork } from "@/lib/runs";
import type { Changed, RunProgress, TaskPage, TaskViewProgress } from "./bindings";
import { listen } from "./client";
import { activeRunsQuery, runQuery, runsQuery, taskViewProgressQuery } from "./queries";

/** Keeps the cache true until the returned function is called. */
export function followEvents(client: QueryClient): () => void {
  /** What was being read when it changed: what the reading brings is of before the change. */
  const late = new Set<Query>();
  const stops = [
    client.getQueryCache().subscribe(({ type, query }) => {
      if (type !== "removed" && query.state.fetchStatus !== "idle") return;
      if (late.delete(query)) void client.invalidateQueries({ queryKey: query.queryKey, exact: true });
    }),
    listen("changed", (changed) => invalidate(client, late, changed)),
    listen("runProgress", (progress) => storeProgress(client, progress)),
    listen("taskView", (progress) => storeView(client, progress)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function invalidate(client: QueryClient, late: Set<Query>, changed: Changed): void {
  const stale = (...queryKey: unknown[]) => {
    // Readings that are on their way were begun before the change. A first one is not begun anew by the library, nor is one
    // that nothing shows yet. They are let end, and read again then: where changes come faster than that, nothing would ever be
    // shown otherwise.
    for (const query of client.getQueryCache().findAll({ queryKey, fetchStatus: "fetching" }))
      if (query.state.data === undefined || !query.isActive()) late.add(query);
    void client.invalidateQueries({ queryKey });
  };
  /** What is made of the results of runs. */
  const staleResults = () => {
    stale("result-rows");
    stale("result");
    stale("run-errors");
    stale("run-metrics");
    stale("comparison");
    stale("compared-rows");
    stale("version-scores");
    stale("review-queue");
    stale("review-runs");
    stale("changed-since");
  };
  switch (changed.kind) {
    case "connections":
      stale("connections");
      stale("prompts");
      stale("versions");
      stale("request-preview");
      stale("run-estimate");
      return;
    case "projects":
      stale("projects");
      stale("project");
      stale("task-view");
      stale("task-rows");
      stale("run-size");
      stale("run-estimate");
      stale("prompts");
      // How many projects came from each.
      stale("servers");
      return;
    case "annotations":
    case "config":
      // An open view holds still: what no longer passes its filter stays until it is opened again.
      // A changed ground truth scores what was predicted again.
      stale("projects");
      stale("project", changed.project_id);
      stale("task-rows", changed.project_id);
      stale("task");
      stale("gold-check", changed.project_id);
      stale("request-preview");
      stale("run-size");
      stale("run-estimate");
      stale("prompts");
      stale("prompt");
      stale("versions");
      stale("runs");
      stale("run");
      staleResults();
      return;
    case "spaces":
      stale("spaces");
      return;
    case "label_studio":
      stale("servers");
      stale("server-projects");
      stale("pushes");
      return;
    case "pushes":
      stale("pushes");
      return;
    case "prompts":
      stale("prompts");
      stale("prompt");
      // How many prompts each has.
      stale("spaces");
      stale("projects");
      stale("connections");
      // What runs of a prompt in the bin said is neither looked through nor disagreed with.
      stale("review-runs");
      stale("review-queue");
      return;
    case "draft":
      stale("prompts");
      stale("prompt", changed.prompt_id);
      // A draft that was changed is another version.
      stale("run-size");
      stale("run-estimate");
      return;
    case "prompt":
      stale("prompts");
      stale("prompt", changed.prompt_id);
      stale("versions", changed.prompt_id);
      // Its labels may be others now.
      stale("version");
      // A draft without changes of its own follows a version that another program made.
      stale("run-size");
      stale("connections");
      return;
    case "runs":
      stale("prompts");
      stale("prompt", changed.prompt_id);
      stale("versions", changed.prompt_id);
      stale("runs", changed.prompt_id);
      stale("gold-check");
      stale("run");
      stale("active-runs");
      stale("offered-runs");
      stale("run-size");
      stale("run-estimate");
      staleResults();
      return;
    case "settings":
      stale("settings");
      // A budget that could not be kept refuses a run.
      stale("run-estimate");
      // What was too large, or out of reach, may not be now.
      stale("media-info");
      // What Offline holds up says so, and whether it still does.
      stale("runs");
      stale("run");
      return;
    case "contacts":
      stale("contacts");
      return;
    case "workspace":
      stale("workspace-file");
      stale("crash-report");
      return;
    case "everything":
      stale();
      return;
    default:
      changed satisfies never;
  }
}

function storeProgress(client: QueryClient, progress: RunProgress): void {
  const { run } = progress;
  client.setQueryData(runQuery(run.id).queryKey, run);
  client.setQueryData(runsQuery(run.prompt_id).queryKey, (runs) =>
    runs?.map((other) => (other.id === run.id ? run : other)),
  );
  client.setQueryData(activeRunsQuery().queryKey, (runs = []) => {
    const others = runs.filter((other) => other.run.id !== run.id);
    if (!isAtWork(run)) return others;
    // In place, so that lines of the dock do not change their order at every message.
    const known = others.length < runs.length;
    return known ? runs.map((other) => (other.run.id === run.id ? progress : other)) : [...runs, progress];
  });
}

function storeView(client: QueryClient, progress: TaskViewProgress): void {
  client.setQueryData(taskViewProgressQuery(progress.view_id).queryKey, progress);
  // Only its last page can have been read before all of its rows were found.
  void client.invalidateQueries({
    queryKey: ["task-rows"],
    predicate: ({ queryKey, state }) => {
      const [, , viewId, , limit] = queryKey;
      return viewId === progress.view_id && ((state.data as TaskPage | undefined)?.rows.length ?? 0) < Number(limit);
    },
  });
}
