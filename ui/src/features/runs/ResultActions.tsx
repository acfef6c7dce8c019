/** What can be done about an open result: decide about it, or take that back. */
import { useNavigate } from "@tanstack/react-router";
import { Check, Copy, PencilLine, Undo2, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { useCommand } from "@/components/commands";
import { useDecide } from "@/components/reviews/decide";
import { Button, IconButton } from "@/components/ui/Button";
import { copyText } from "@/components/ui/copyText";
import { toast } from "@/components/ui/toast";
import type { ResultRow, ReviewVerdict } from "@/ipc/bindings";
import type { Decision } from "@/lib/reviews";
import { regionsText } from "./resultColumns";

type ResultActionsProps = {
  runId: string;
  projectId: string;
  /** `undefined` while it is read: nobody may decide about what they do not see. */
  row: ResultRow | undefined;
  /** Where a decided result leaves the table: carries the decision out, and opens another one. */
  onDecide?: (decide: () => Promise<boolean>) => Promise<void>;
};

export function ResultActions({ runId, projectId, row, onDecide }: ResultActionsProps) {
  const navigate = useNavigate();
  // Where the result stays open, what was decided is seen on it.
  const { decide, undo, decisions } = useDecide(runId, { isQuiet: onDecide === undefined });
  const isDecided = row !== undefined && row.review !== null;
  const own = isDecided ? decisions.findLast((decision) => isAbout(decision, row.task_id)) : undefined;
  const footer = useRef<HTMLElement>(null);
  const couldUndo = useRef(false);
  useEffect(() => {
    // The button that had the focus is gone with what it took back.
    if (couldUndo.current && own === undefined && document.activeElement === document.body)
      footer.current?.querySelector("button")?.focus();
    couldUndo.current = own !== undefined;
  }, [own]);

  const decideAs = (verdict: ReviewVerdict) => {
    if (row === undefined) return;
    const keep = () => decide({ kind: "these", task_ids: [row.task_id] }, verdict);
    void (onDecide === undefined ? keep() : onDecide(keep));
  };
  const edit = () => {
    if (row === undefined) return;
    void navigate({
      to: "/projects/$projectId/label",
      params: { projectId },
      search: { task: row.position + 1, ...(row.prediction !== null && { from: runId }) },
    });
  };
  const copy = async () => {
    if (await copyText(regionsText(row?.prediction ?? null), "prediction"))
      toast({ title: "The prediction is copied" });
  };

  const refused = refusals(row);
  // A key that comes before the result is there is told so: that nothing happened would go unseen.
  useCommand("review.accept", () => decideAs({ kind: "accept", ground_truth: true }), refused.accept);
  useCommand("review.reject", () => decideAs({ kind: "reject" }), refused.reject);
  useCommand("review.correct", edit, refused.edit);
  useCommand("review.undo", () => undo(own), { enabled: own !== undefined });
  useCommand("result.copy", () => void copy(), refused.copy);
  return (
    <footer ref={footer} className="flex shrink-0 flex-wrap items-center gap-2 border-t px-4 py-2">
      <Button variant="primary" look="filled" icon={Check} command="review.accept" {...refused.accept}>
        Accept
      </Button>
      <Button icon={X} command="review.reject" {...refused.reject}>
        Reject
      </Button>
      <Button icon={PencilLine} command="review.correct" {...refused.edit}>
        Edit
      </Button>
      <div className="flex-1" />
      {own !== undefined && (
        <Button icon={Undo2} look="string" command="review.undo">
          Undo
        </Button>
      )}
      <IconButton icon={Copy} label="Copy the prediction" command="result.copy" {...refused.copy} />
    </footer>
  );
}

/** One of many that were decided about at once is taken back with all of them, where that was done. */
function isAbout({ tasks }: Decision, taskId: number): boolean {
  return tasks.kind === "these" && tasks.task_ids.length === 1 && tasks.task_ids[0] === taskId;
}

type Refusal = { disabledReason?: string };

/** Why something cannot be done about a result now. Whoever decides again changed their mind. */
function refusals(row: ResultRow | undefined): Record<"accept" | "reject" | "edit" | "copy", Refusal> {
  const first = (...reasons: (string | false | undefined)[]): Refusal => {
    const reason = reasons.find((one) => typeof one === "string");
    return typeof reason === "string" ? { disabledReason: reason } : {};
  };
  const unread = row === undefined && "The result is still being read";
  const noAnswer = row?.prediction === null && "It failed: there is no answer";
  return {
    accept: first(
      unread,
      noAnswer,
      row?.review === "accepted" && "It is accepted already",
      row?.correct === true && "The ground truth says the same",
    ),
    reject: first(unread, row?.review === "rejected" && "It is rejected already"),
    edit: first(unread),
    copy: first(unread, noAnswer),
  };
}
