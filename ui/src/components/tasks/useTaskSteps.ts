import { useQueryClient } from "@tanstack/react-query";
import { neighbour } from "@/components/table/neighbour";
import { toast } from "@/components/ui/toast";
import type { TaskRow } from "@/ipc/bindings";
import { messageOf } from "@/ipc/client";
import { taskRowsQuery } from "@/ipc/queries";

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
