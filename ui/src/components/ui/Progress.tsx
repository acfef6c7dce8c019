import { Progress as BaseProgress } from "@base-ui/react/progress";
import { classes } from "@/lib/classes";

type ProgressProps = {
  /** Accessible name. */
  label: string;
  /** 0..1; `null` when there is no knowing. */
  share: number | null;
  className?: string;
};

export function Progress({ label, share, className }: ProgressProps) {
  return (
    <BaseProgress.Root value={share === null ? null : share * 100} aria-label={label} className={className}>
      <BaseProgress.Track className="relative h-1.5 overflow-hidden rounded-full bg-inset">
        <BaseProgress.Indicator
          className={classes(
            // Not eased: a run tells where it stands ten times a second, and easing would paint six times as often.
            "h-full rounded-full bg-primary-content",
            share === null && "w-1/3 animate-[slide_1.4s_ease-in-out_infinite]",
          )}
        />
      </BaseProgress.Track>
    </BaseProgress.Root>
  );
}
