import { useQueryClient } from "@tanstack/react-query";
import { neighbour } from "@/components/table/neighbour";
import { toast } from "@/components/ui/toast";
import type { TaskRow } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { taskRowsQuery } from "@/ipc/queries";
import { queryOf, type TasksSearch } from "./filters";

/** Finds where labeling begins, as `ipc.firstToLabel`. `undefined` where it cannot be found, which is told. */
export function useFirstToLabel(projectId: string) {
  return async (search: TasksSearch) => {
    try {
      return (await ipc.firstToLabel(projectId, queryOf(search))) ?? 0;
    } catch (error) {
      toast({ kind: "failed", title: "The first task could not be found", description: messageOf(error) });
      return undefined;
    }
  };
}

/**
 * Finds the task before or after the one at `position`, in the order of a view. `place` is where that stands in the view, as
 * far as it is known. `"unread"` where it cannot be read, which is told.
 */
export function useTaskSteps(projectId: string, viewId: string | null) {
  const client = useQueryClient();
  return async (position: number, place: number | undefined, by: 1 | -1) => {
    try {
      const next = await neighbour<TaskRow>(
        (row) => row.position === position,
        by,
        place ?? position,
        (offset, limit) => client.fetchQuery(taskRowsQuery(projectId, viewId, offset, limit)),
      );
      return next ?? "end";
    } catch (error) {
      toast({ kind: "failed", title: "The next task could not be read", description: messageOf(error) });
      return "unread";
    }
  };
}
