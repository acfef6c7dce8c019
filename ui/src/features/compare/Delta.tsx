import { classes } from "@/lib/classes";
import { formatPointsBounds } from "@/lib/format";

type DeltaProps = {
  /** What changed since the baseline; nothing is shown of `null`. */
  of: number | null;
  /** With its sign and its unit. */
  words: (value: number) => string;
  isLessBetter?: boolean;
  /** A share's interval, in points: while none is in it, the change may be chance, and is neither good nor bad. */
  range?: { low: number; high: number } | undefined;
  /** Of a change without an interval: it is not known to be more than chance. */
  isOpen?: boolean;
};

/** A change, by arrow, sign and colour. */
export function Delta({ of, words, isLessBetter = false, range, isOpen = false }: DeltaProps) {
  if (of === null) return null;
  if (of === 0) return <span className="block text-xs whitespace-nowrap text-subtler">no change</span>;
  const isChance = range === undefined ? isOpen : range.low <= 0 && range.high >= 0;
  const isBetter = of > 0 !== isLessBetter;
  return (
    <span
      className={classes(
        "block text-xs",
        isChance ? "text-subtle" : isBetter ? "text-positive-content" : "text-negative-content",
      )}
    >
      <span className="whitespace-nowrap">
        <span aria-hidden>{of > 0 ? "▲" : "▼"} </span>
        {words(of)}
      </span>
      <span className="sr-only">{isChance ? ", which may be chance" : isBetter ? ", better" : ", worse"}</span>
      {range !== undefined && (
        <>
          {" "}
          <span className="whitespace-nowrap text-subtler">{formatPointsBounds(range)}</span>
        </>
      )}
    </span>
  );
}
