/** Asks before many predictions are decided about at once: what happens, and to how many. */
import { useState } from "react";
import { FormDialog } from "@/components/ui/Dialog";
import { Segmented } from "@/components/ui/Segmented";
import type { ReviewTasks, ReviewVerdict } from "@/ipc/bindings";
import { formatCount, formatNumber } from "@/lib/format";

export type Bulk = {
  verdict: Exclude<ReviewVerdict, { kind: "correct" }>;
  /** All that the queue holds may be more by the time that it is decided. */
  tasks: ReviewTasks;
  count: number;
  /** Of them, those without an answer. */
  failed: number;
};

type BulkDialogProps = Bulk & {
  isGrowing: boolean;
  waiting: boolean;
  onDecide: (verdict: ReviewVerdict) => void;
  onClose: () => void;
};

export function BulkDialog({ verdict, tasks, count, failed, isGrowing, waiting, onDecide, onClose }: BulkDialogProps) {
  const [isTruth, setTruth] = useState(verdict.kind === "accept" && verdict.ground_truth);
  const isAccept = verdict.kind === "accept";
  const taken = isAccept ? count - failed : count;
  const verb = isAccept ? "Accept" : "Reject";
  return (
    <FormDialog
      title={`${verb} ${formatCount(taken, "prediction")}?`}
      size="small"
      action={`${verb} ${formatNumber(taken)}`}
      onSubmit={() => onDecide(isAccept ? { kind: "accept", ground_truth: isTruth } : verdict)}
      onClose={onClose}
      confirms
      waiting={waiting}
      disabledReason={taken === 0 ? "None of them has an answer to accept." : undefined}
    >
      {isAccept && (
        <div>
          <Segmented
            label="What they become"
            value={isTruth ? "truth" : "annotation"}
            onChange={(value) => setTruth(value === "truth")}
            options={[
              { value: "truth", label: "Ground truth" },
              { value: "annotation", label: "Annotations only" },
            ]}
          />
        </div>
      )}
      <ul className="flex list-disc flex-col gap-1 pl-5 text-sm text-subtle">
        {isAccept ? (
          <li>
            {taken === 1 ? "The prediction becomes" : "Each prediction becomes"} an annotation of its task
            {isTruth ? ", marked as ground truth: runs are scored against it from now on." : ". No score changes."}
          </li>
        ) : (
          <li>
            {taken === 1 ? "The prediction is" : "The predictions are"} marked as wrong and{" "}
            {taken === 1 ? "leaves" : "leave"} the queue. Nothing is annotated.
          </li>
        )}
        {isAccept && failed > 0 && (
          <li>
            {formatCount(failed, "task")} without a usable answer {failed === 1 ? "stays" : "stay"} in the queue.
          </li>
        )}
        {tasks.kind === "all" && isGrowing && <li>What comes into the queue until then is decided about too.</li>}
        <li>One undo takes all of it back.</li>
      </ul>
    </FormDialog>
  );
}
