import { useQueryClient } from "@tanstack/react-query";
import { neighbour } from "@/components/table/neighbour";
import { toast } from "@/components/ui/toast";
import type { TaskFilter, TaskRow } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { taskRowsQuery } from "@/ipc/queries";
import { queryOf, type TasksSearch } from "./filters";

/** Finds where labeling begins: the place of the first task without an annotation, and where all have one, of the first. */
export function useFirstToLabel(projectId: string) {
  return async ({ filters = [], ...search }: TasksSearch) => {
    const unannotated: TaskFilter = { kind: "annotated", has: false };
    try {
      for (const these of [[...filters, unannotated], filters]) {
        const { view_id } = await ipc.openTasks(projectId, queryOf({ ...search, filters: these }));
        const [first] = (await ipc.taskRows(projectId, view_id, 0, 1)).rows;
        if (first !== undefined) return first.position;
      }
    } catch {
      // The screen itself tells why tasks cannot be read.
    }
    return 0;
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
