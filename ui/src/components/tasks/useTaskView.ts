import { useQuery } from "@tanstack/react-query";
import type { ProjectSummary } from "@/ipc/bindings";
import { taskViewProgressQuery, taskViewQuery } from "@/ipc/queries";
import { isWhole, queryOf, type TasksSearch } from "./filters";

export type OpenView = {
  /** `null` for all tasks in the project's order. */
  id: string | null;
  /** Tasks found so far. */
  total: number;
  isFinal: boolean;
};

/** The view that an address asks for: opened when it is first asked for, and the one before shown until then. */
export function useTaskView(project: ProjectSummary, search: TasksSearch) {
  const query = queryOf(search);
  const whole = isWhole(query);
  const opened = useQuery({ ...taskViewQuery(project.id, query), enabled: !whole });
  const id = opened.data?.view_id ?? null;
  const progress = useQuery(taskViewProgressQuery(id ?? "")).data;
  const view: OpenView | undefined = whole
    ? { id: null, total: project.task_count, isFinal: true }
    : opened.data && {
        id,
        // The event may have come before the answer that it goes on from.
        total: Math.max(progress?.total ?? 0, opened.data.total),
        isFinal: progress?.total_is_final === true || opened.data.total_is_final,
      };
  return { view, error: whole ? null : opened.error, refetch: opened.refetch };
}
