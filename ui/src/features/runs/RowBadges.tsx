/** What became of a result, and what was decided about it. */
import { Ban, Check, CheckCheck, CircleX, type LucideIcon, Minus, PencilLine, X } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/Badge";
import type { ResultRow, ReviewDecision } from "@/ipc/bindings";

/** What a model did instead of answering, by the codes of failures. */
const ANSWERLESS: Readonly<Record<string, string>> = { refused: "Refused", filtered: "Filtered", truncated: "Cut off" };

type Judged = Pick<ResultRow, "correct" | "error">;

export function outcomeWords({ correct, error }: Judged): string {
  if (error !== null) return ANSWERLESS[error.code] ?? "Failed";
  return correct === null ? "Not scored" : correct ? "Correct" : "Wrong";
}

export function Outcome({ row }: { row: Judged }) {
  const words = outcomeWords(row);
  if (row.error !== null) {
    return (
      <Badge tone="negative" icon={CircleX}>
        {words}
      </Badge>
    );
  }
  if (row.correct === null) {
    return (
      <Badge icon={Minus} title="This task has no ground truth">
        {words}
      </Badge>
    );
  }
  return (
    <Badge tone={row.correct ? "positive" : "warning"} icon={row.correct ? Check : X}>
      {words}
    </Badge>
  );
}

export const reviewWords: Readonly<Record<ReviewDecision, string>> = {
  accepted: "Accepted",
  corrected: "Corrected",
  rejected: "Rejected",
};

/** As a sentence without its full stop. */
export const reviewMeaning: Readonly<Record<ReviewDecision, string>> = {
  accepted: "The prediction became an annotation",
  corrected: "Somebody labeled the task by hand instead",
  rejected: "The prediction is wrong; nothing was annotated",
};

const looks: Readonly<Record<ReviewDecision, { tone: Tone; icon: LucideIcon }>> = {
  accepted: { tone: "positive", icon: CheckCheck },
  corrected: { tone: "primary", icon: PencilLine },
  rejected: { tone: "warning", icon: Ban },
};

export function ReviewBadge({ review }: { review: ReviewDecision }) {
  return (
    <Badge {...looks[review]} title={reviewMeaning[review]}>
      {reviewWords[review]}
    </Badge>
  );
}
