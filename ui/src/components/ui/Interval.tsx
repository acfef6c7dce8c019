import { formatBounds, formatPercent } from "@/lib/format";

type IntervalProps = {
  /** A share with the interval that its true value is in, at 95 %; each in [0, 1]. */
  of: { value: number; low: number; high: number } | null;
};

/** "87.1 % (83.5–90.0)", or that nothing was compared. */
export function Interval({ of }: IntervalProps) {
  if (of === null) return <span className="text-subtler">Not scored</span>;
  return (
    // Where there is little room the interval is below its value.
    <span className="tabular-nums">
      <span className="whitespace-nowrap">{formatPercent(of.value)}</span>{" "}
      <span className="whitespace-nowrap text-subtler">{formatBounds(of)}</span>
    </span>
  );
}
