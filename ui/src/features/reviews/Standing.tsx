import { LoaderCircle } from "lucide-react";
import { Progress } from "@/components/ui/Progress";
import { formatNumber } from "@/lib/format";

type StandingProps = { decided: number; left: number; isFiltered: boolean; isGrowing: boolean };

/** How far one has come. */
export function Standing({ decided, left, isFiltered, isGrowing }: StandingProps) {
  return (
    <div className="flex items-center gap-2 text-sm text-subtle tabular-nums">
      <span>
        <span className="@max-2xl:sr-only">{formatNumber(decided)} decided, </span>
        {formatNumber(left)} left{isFiltered && <span className="@max-2xl:sr-only"> of these</span>}
      </span>
      {isGrowing ? (
        <LoaderCircle
          aria-label="More may come"
          role="img"
          className="size-4 animate-spin text-subtler motion-reduce:animate-none"
        />
      ) : (
        !isFiltered &&
        decided + left > 0 && (
          <Progress label="Decided" share={decided / (decided + left)} className="hidden w-24 @3xl:block" />
        )
      )}
    </div>
  );
}
