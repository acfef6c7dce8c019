import type { ReviewReason } from "@/ipc/bindings";
import { classes } from "@/lib/classes";
import { formatNumber } from "@/lib/format";
import { REASONS } from "@/lib/reviews";

const CHIPS: Record<ReviewReason, string> = {
  failed: "Failed",
  disagreement: "Runs disagree",
  low_confidence: "Low confidence",
};

type ReasonChipsProps = {
  counts: Record<ReviewReason, number> | undefined;
  /** None means all. */
  chosen: readonly ReviewReason[];
  onChoose: (reasons: readonly ReviewReason[]) => void;
};

/** Which reasons the queue shows; each can be pressed beside the others. */
export function ReasonChips({ counts, chosen, onChoose }: ReasonChipsProps) {
  return (
    // Their numbers are part of their width: none is seen before all stay where they are.
    <fieldset className={classes("flex flex-wrap gap-1.5", counts === undefined && "invisible")}>
      <legend className="sr-only">Why a task is shown</legend>
      {REASONS.map((reason) => {
        const isChosen = chosen.includes(reason);
        return (
          <button
            key={reason}
            type="button"
            aria-pressed={isChosen}
            onClick={() => onChoose(REASONS.filter((one) => (one === reason ? !isChosen : chosen.includes(one))))}
            className={classes(
              "flex h-7 items-center gap-1.5 rounded-full border px-3 @max-2xl:px-2.5 text-sm font-medium whitespace-nowrap",
              isChosen
                ? "border-primary-border bg-primary-tint text-content"
                : "border-border-bold text-subtle hover:bg-surface-hover hover:text-content",
            )}
          >
            {CHIPS[reason]}
            {counts !== undefined && (
              <span className="text-xs font-normal text-subtler tabular-nums">{formatNumber(counts[reason])}</span>
            )}
          </button>
        );
      })}
    </fieldset>
  );
}
