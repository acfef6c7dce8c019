import { useEffect, useState } from "react";
import { Skeleton } from "@/components/ui/Skeleton";
import { Tip } from "@/components/ui/Tip";
import type { NewRun } from "@/ipc/bindings";
import { messageOf } from "@/ipc/client";
import { classes } from "@/lib/classes";
import { sentence } from "@/lib/format";
import { basisWords, details, inShort, leastCertain, tokenWords } from "./estimate";
import { useRunEstimate } from "./useRunEstimate";

/** How long a choice must rest before it is looked into: numbers are typed digit by digit. */
const REST_MS = 250;

type EstimateLineProps = {
  /** The run, or the runs, as they are chosen now. */
  run: NewRun | NewRun[];
  /** In a menu nothing but its items can be reached, so the details are left out. */
  inMenu?: boolean;
  className?: string;
};

/** What a run would take, quietly: the numbers, and what they are concluded from. */
export function EstimateLine({ run, inMenu = false, className }: EstimateLineProps) {
  const { data, error } = useRunEstimate(useRested(run));
  const box = classes("text-xs text-subtle", className);
  if (error !== null) return <p className={box}>{`No estimate: ${messageOf(error)}`}</p>;
  if (data === undefined) {
    return (
      <div className={box}>
        <span className="sr-only">Estimating what it takes</span>
        <Skeleton className="my-0.5 h-3 w-56" />
        <Skeleton className="mt-1.5 mb-0.5 h-3 w-32" />
      </div>
    );
  }
  const basis = Array.isArray(run) && run.length > 1 ? leastCertain(data.basis) : basisWords(data.basis);
  const lines = details(data);
  const tokens = tokenWords(data);
  return (
    // That of the last choice stays in sight until there is another.
    <div className={box}>
      <p className="tabular-nums">{inShort(data)}</p>
      {tokens !== undefined && <p className="tabular-nums">{tokens}</p>}
      {data.requests > 0 && (
        <p className="text-subtler">
          {inMenu || lines.length === 0 ? (
            basis
          ) : (
            <Tip content={lines.join("\n")}>
              <button type="button" className="rounded-sm text-left underline decoration-dotted underline-offset-2">
                {basis}
              </button>
            </Tip>
          )}
        </p>
      )}
      {data.refused !== null && <p className="mt-1 text-negative-content">{sentence(data.refused)}</p>}
      {data.short !== null && <p className="mt-1 text-warning-content">{sentence(data.short)}</p>}
    </div>
  );
}

/** A run once its choice rests; the first one at once. */
function useRested<Runs extends NewRun | NewRun[]>(run: Runs): Runs {
  const [rested, setRested] = useState(run);
  const wanted = JSON.stringify(run);
  useEffect(() => {
    const timer = setTimeout(() => setRested(JSON.parse(wanted) as Runs), REST_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  return rested;
}
