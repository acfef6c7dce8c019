import { useMutation, useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { QueryProblem } from "@/components/QueryProblem";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { EmptyState } from "@/components/ui/EmptyState";
import { Progress } from "@/components/ui/Progress";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import type { MediaCheck, MediaProgress } from "@/ipc/bindings";
import { ipc, listen } from "@/ipc/client";
import { projectQuery } from "@/ipc/queries";
import { formatCount, formatNumber, sentence } from "@/lib/format";

type MediaCheckDialogProps = {
  projectId: string;
  onClose: () => void;
  /** Opens the task with this number. */
  onOpenTask: (task: number) => void;
};

/** Reads all pictures and documents of a project, and lists those that cannot be used. */
export function MediaCheckDialog({ projectId, onClose, onOpenTask }: MediaCheckDialogProps) {
  const project = useQuery(projectQuery(projectId)).data;
  const [progress, setProgress] = useState<MediaProgress | null>(null);
  const check = useMutation({ mutationFn: () => ipc.checkMedia(projectId), onMutate: () => setProgress(null) });
  const { mutate, isPending } = check;
  useEffect(() => (isPending ? listen("mediaProgress", setProgress) : undefined), [isPending]);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate();
  }, [mutate]);
  const close = () => {
    if (isPending) void ipc.cancelMediaCheck();
    onClose();
  };
  return (
    <Dialog
      open
      onClose={close}
      title="Pictures and PDFs"
      description={project && `Everything that the tasks of “${project.summary.name}” name is read once.`}
      footer={
        isPending ? (
          <Button onClick={() => void ipc.cancelMediaCheck()}>Stop</Button>
        ) : (
          <>
            <Button onClick={() => mutate()}>Check again</Button>
            <Button variant="primary" look="filled" onClick={close}>
              Close
            </Button>
          </>
        )
      }
    >
      {isPending ? (
        <div className="flex flex-col gap-2">
          <Progress
            label="Reading pictures and PDFs"
            share={progress === null || progress.total === 0 ? null : progress.tasks / progress.total}
          />
          <p role="status" className="text-sm text-subtler tabular-nums">
            {progress === null
              ? "Reading…"
              : `${formatNumber(progress.tasks)} of ${formatCount(progress.total, "task")}, ${formatNumber(progress.faulty_tasks)} with faults`}
          </p>
        </div>
      ) : check.isError ? (
        <QueryProblem title="The check could not be made" error={check.error} onRetry={() => mutate()} />
      ) : (
        check.data !== undefined && <Outcome check={check.data} onOpenTask={onOpenTask} />
      )}
    </Dialog>
  );
}

function Outcome({ check, onOpenTask }: { check: MediaCheck; onOpenTask: (task: number) => void }) {
  const { tasks, pieces, faulty_tasks: faulty, faults, canceled } = check;
  if (faulty === 0) {
    return (
      <EmptyState icon={CircleCheck} title={canceled ? "No fault so far" : "Everything can be used"}>
        {formatCount(pieces, "piece")} of {formatCount(tasks, "task")} {pieces === 1 ? "was" : "were"} read.
      </EmptyState>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      <Banner kind="warning" title={`${formatCount(faulty, "task")} cannot be shown whole`}>
        {formatCount(pieces, "piece")} of {formatCount(tasks, "task")} {pieces === 1 ? "was" : "were"} read
        {canceled && " before it was stopped"}.
      </Banner>
      <ScrollRegion label="Faults" className="max-h-80 rounded-md border">
        <ul className="divide-y">
          {faults.map(({ position, object, source, problem }, index) => (
            // A task may name the same file twice.
            <li key={`${position} ${index}`} className="flex items-start gap-3 px-3 py-2 text-sm">
              <button
                type="button"
                onClick={() => onOpenTask(position + 1)}
                className="w-24 shrink-0 text-left font-medium text-primary-content tabular-nums hover:underline"
              >
                Task {formatNumber(position + 1)}
              </button>
              <span className="min-w-0 flex-1">
                <span className="block break-words">
                  {object}: {sentence(problem)}
                </span>
                {source !== "" && <span className="block text-xs break-all text-subtler">{source}</span>}
              </span>
            </li>
          ))}
        </ul>
      </ScrollRegion>
      {faults.length < faulty && (
        <p className="text-xs text-subtler">The first {formatNumber(faults.length)} faults are listed.</p>
      )}
    </div>
  );
}
