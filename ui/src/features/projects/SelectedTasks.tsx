import { useMutation } from "@tanstack/react-query";
import { BadgeCheck, BadgeMinus, Play, X } from "lucide-react";
import { useState } from "react";
import { useCommand } from "@/components/commands";
import { count, type Ranges } from "@/components/table/ranges";
import { Button, IconButton } from "@/components/ui/Button";
import { toast } from "@/components/ui/toast";
import { ipc, messageOf } from "@/ipc/client";
import { formatCount, formatNumber } from "@/lib/format";
import { RunPickedDialog } from "./RunPickedDialog";

type SelectedTasksProps = {
  projectId: string;
  /** The view whose rows are selected. */
  viewId: string | null;
  rows: Ranges;
  onClear: () => void;
};

/** What can be done with the tasks that are selected, in place of the filters. */
export function SelectedTasks({ projectId, viewId, rows, onClear }: SelectedTasksProps) {
  const change = useMutation({
    mutationFn: (mark: boolean) => ipc.setGroundTruth(projectId, { view_id: viewId, ranges: [...rows] }, mark),
    onSuccess: ({ changed, unannotated }, mark) => {
      const title = mark
        ? `${formatCount(changed, "task")} marked as ground truth`
        : `${formatCount(changed, "task")} unmarked`;
      if (unannotated === 0) toast({ title });
      else {
        const description = `${formatCount(unannotated, "task")} without an annotation ${unannotated === 1 ? "was" : "were"} passed over.`;
        toast({ title, description });
      }
    },
    onError: (error) =>
      toast({ kind: "failed", title: "The marks could not be changed", description: messageOf(error) }),
  });
  const waiting = change.isPending;
  const [isRunning, setRunning] = useState(false);
  useCommand("table.mark", () => change.mutate(true), { enabled: !waiting });
  useCommand("table.unmark", () => change.mutate(false), { enabled: !waiting });
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b bg-primary-tint px-4 py-2">
      <span role="status" className="mr-2 text-sm font-semibold tabular-nums">
        {formatNumber(count(rows))} selected
      </span>
      <Button icon={BadgeCheck} command="table.mark" waiting={waiting}>
        Mark as ground truth
      </Button>
      <Button icon={BadgeMinus} command="table.unmark" waiting={waiting}>
        Unmark
      </Button>
      <Button icon={Play} onClick={() => setRunning(true)}>
        Run a prompt
      </Button>
      {isRunning && (
        <RunPickedDialog
          projectId={projectId}
          selection={{ view_id: viewId, ranges: [...rows] }}
          tasks={count(rows)}
          onClose={() => setRunning(false)}
        />
      )}
      <IconButton icon={X} label="Select nothing" className="ml-auto" onClick={onClear} />
    </div>
  );
}
