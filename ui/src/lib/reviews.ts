/** The queue of predictions worth a look: what is said of it, and the pages of it that are shown while decisions are under way. */
import type {
  Reviewed,
  ReviewItem,
  ReviewPage,
  ReviewReason,
  ReviewRun,
  ReviewTasks,
  ReviewVerdict,
} from "@/ipc/bindings";
import { formatCount, formatNumber, formatPercent } from "./format";
import { modelOf } from "./models";

/** In the order in which they are told. */
export const REASONS: readonly ReviewReason[] = ["failed", "disagreement", "low_confidence"];

/** Why it is worth a look, in a few words: "Runs disagree 3 of 4", "Confidence 54 %". */
export function reasonWords(
  reason: ReviewReason,
  item: Pick<ReviewItem, "others" | "answered" | "confidence">,
): string {
  switch (reason) {
    case "failed":
      return "Failed";
    case "disagreement":
      return `Runs disagree ${formatNumber(item.others.length)} of ${formatNumber(item.answered)}`;
    case "low_confidence":
      return item.confidence === null ? "Low confidence" : `Confidence ${formatPercent(item.confidence, 0)}`;
  }
}

/** What tells a run from others of its project: "Tone v2 on qwen3:8b, run 3"; from those of its own prompt, without its name. */
export function runWords(
  run: Pick<ReviewRun, "prompt_id" | "prompt_name" | "version" | "model" | "run_number">,
  beside?: Pick<ReviewRun, "prompt_id">,
): string {
  const words = `v${run.version} on ${modelOf(run.model)}, run ${formatNumber(run.run_number)}`;
  return beside?.prompt_id === run.prompt_id ? words : `${run.prompt_name} ${words}`;
}

/** What was decided at once, and what takes it back. */
export type Decision = Reviewed & { verdict: ReviewVerdict; tasks: ReviewTasks };

/** What was decided, as a sentence. */
export function decidedWords(verdict: ReviewVerdict, { decided }: Pick<Reviewed, "decided">): string {
  switch (verdict.kind) {
    case "accept":
      if (decided === 1) return verdict.ground_truth ? "Accepted as ground truth" : "Accepted as an annotation";
      return `${formatCount(decided, "prediction")} accepted as ${verdict.ground_truth ? "ground truth" : "annotations"}`;
    case "correct":
      return "Corrected by hand";
    case "reject":
      return decided === 1 ? "Rejected" : `${formatCount(decided, "prediction")} rejected`;
  }
}

/** What is said of those that could not be decided about so; nothing where there are none. */
export function passedOverWords({ passed_over }: Pick<Reviewed, "passed_over">): string | undefined {
  if (passed_over === 0) return undefined;
  return passed_over === 1
    ? "1 task without a usable answer stays in the queue."
    : `${formatNumber(passed_over)} tasks without a usable answer stay in the queue.`;
}

/** How many were taken back; those whose annotation somebody has changed since are left. */
export function undoneWords(undone: number, decided: number): string {
  if (decided === 1) return undone === 1 ? "The decision is taken back" : "The decision stays";
  return undone === decided
    ? `${formatCount(undone, "decision")} taken back`
    : `${formatNumber(undone)} of ${formatCount(decided, "decision")} taken back`;
}

/** A page without some tasks, as if they had been decided about. */
export function withoutTasks(page: ReviewPage, taskIds: ReadonlySet<number>): ReviewPage {
  const gone = page.items.filter(({ task_id }) => taskIds.has(task_id));
  return gone.length === 0
    ? page
    : { ...page, ...less(page, gone), items: page.items.filter((item) => !gone.includes(item)) };
}

function less({ total, counts }: ReviewPage, gone: readonly ReviewItem[]): Pick<ReviewPage, "total" | "counts"> {
  const left = (reason: ReviewReason) => counts[reason] - gone.filter(({ reasons }) => reasons.includes(reason)).length;
  return {
    total: total - gone.length,
    counts: { failed: left("failed"), disagreement: left("disagreement"), low_confidence: left("low_confidence") },
  };
}

/** A page of a queue: its rows from `offset` on, `limit` of them at the most. */
export type PlacedPage = { offset: number; limit: number; page: ReviewPage };

/**
 * The pages of one queue, which do not overlap, without some tasks: what comes after them moves up, from page to page. They are
 * in the order in which they were given.
 */
export function movedUp(pages: readonly PlacedPage[], taskIds: ReadonlySet<number>): PlacedPage[] {
  const inOrder = [...pages].sort((one, other) => one.offset - other.offset);
  const gone: ReviewItem[] = [];
  const items = new Map<number, ReviewItem>();
  for (const { offset, page } of inOrder) {
    for (const [index, item] of page.items.entries()) {
      if (taskIds.has(item.task_id)) gone.push(item);
      else items.set(offset + index - gone.length, item);
    }
  }
  return pages.map(({ offset, limit, page }) => {
    const kept: ReviewItem[] = [];
    for (let row = offset; row < offset + limit; row += 1) {
      const item = items.get(row);
      // What is not known yet, at the end of a page, is read again.
      if (item === undefined) break;
      kept.push(item);
    }
    return { offset, limit, page: { ...page, ...less(page, gone), items: kept } };
  });
}
