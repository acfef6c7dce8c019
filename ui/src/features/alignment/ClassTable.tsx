/** How each class fares: precision, recall and F1 as bars and numbers, and the way to what it got right and wrong. */
import { ArrowDown, ArrowUp } from "lucide-react";
import { type CSSProperties, useMemo, useState } from "react";
import { MoreBeside } from "@/components/ui/MoreBeside";
import { Explained } from "@/components/ui/Term";
import type { CellFilter, ClassOutcome, Interval, PerClass } from "@/ipc/bindings";
import { className, outcomeWords } from "@/lib/cells";
import { classes } from "@/lib/classes";
import { formatBounds, formatCount, formatNumber, formatPercent, formatShare } from "@/lib/format";
import { terms } from "@/lib/terms";
import { type ClassSort, sorted } from "./classSort";

type ClassTableProps = {
  control: string;
  perClass: readonly PerClass[];
  onOpen: (cell: CellFilter) => void;
};

/** Beside a bar a number is not at the edge of its column: the head stands above both. */
type Holds = "name" | "bar" | "number";

const COLUMNS: readonly { by: ClassSort["by"]; title: string; hint?: string; holds: Holds }[] = [
  { by: "class", title: "Class", holds: "name" },
  { by: "precision", title: "Precision", hint: terms.precision, holds: "bar" },
  { by: "recall", title: "Recall", hint: terms.recall, holds: "bar" },
  { by: "f1", title: "F1", hint: terms.f1, holds: "bar" },
  { by: "support", title: "Support", hint: terms.support, holds: "bar" },
  { by: "tp", title: "TP", hint: "True positives: found", holds: "number" },
  { by: "fp", title: "FP", hint: "False positives: answered wrongly", holds: "number" },
  { by: "fn", title: "FN", hint: "False negatives: missed", holds: "number" },
];

export function ClassTable({ control, perClass, onOpen }: ClassTableProps) {
  const [sort, setSort] = useState<ClassSort>({ by: "support", descending: true });
  const rows = useMemo(() => sorted(perClass, sort), [perClass, sort]);
  const most = Math.max(1, ...perClass.map(({ support }) => support));
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <h3 className="flex h-8 items-center text-sm font-semibold">Classes</h3>
      <MoreBeside>
        <div className="scroll-area overscroll-auto max-h-[max(16rem,80cqh)] rounded-md border">
          <table
            aria-label={`Classes of ${control}`}
            className="w-full border-separate border-spacing-0 text-left text-sm"
          >
            <thead>
              <tr>
                {COLUMNS.map(({ by, title, hint, holds }) => (
                  <th
                    key={by}
                    scope="col"
                    aria-sort={sort.by === by ? (sort.descending ? "descending" : "ascending") : undefined}
                    className={classes(
                      "sticky top-0 z-10 h-9 border-b bg-surface px-2 text-xs font-semibold whitespace-nowrap text-subtle first:pl-3 last:pr-3",
                      holds === "number" && "text-right",
                    )}
                  >
                    <Explained as={hint}>
                      <button
                        type="button"
                        onClick={() =>
                          setSort({ by, descending: sort.by === by ? !sort.descending : holds !== "name" })
                        }
                        className="-mx-1 inline-flex h-6 items-center gap-1 rounded-sm px-1 hover:bg-inset hover:text-content"
                      >
                        {title}
                        {sort.by === by &&
                          (sort.descending ? (
                            <ArrowDown aria-hidden className="size-3.5" />
                          ) : (
                            <ArrowUp aria-hidden className="size-3.5" />
                          ))}
                      </button>
                    </Explained>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr
                  key={row.class}
                  className="hover:bg-primary-tint [&>td]:border-t first:[&>td]:border-t-0 first:[&>th]:border-t-0"
                >
                  <th
                    scope="row"
                    className="max-w-48 truncate border-t py-1.5 pr-2 pl-3 font-medium"
                    title={className(row.class)}
                    dir="auto"
                  >
                    {row.class === "" ? <i>{className("")}</i> : row.class}
                  </th>
                  <Share of={row.precision} none="It was never answered" />
                  <Share of={row.recall} none="It is never true" />
                  <Share of={row.f1} none="It is neither true nor answered" />
                  <td className="px-2">
                    <Bar share={row.support / most} tone="quiet">
                      {formatNumber(row.support)}
                    </Bar>
                  </td>
                  {(["tp", "fp", "fn"] as const).map((outcome) => (
                    <Count
                      key={outcome}
                      name={row.class}
                      outcome={outcome}
                      count={
                        {
                          tp: row.true_positives,
                          fp: row.predicted - row.true_positives,
                          fn: row.support - row.true_positives,
                        }[outcome]
                      }
                      onOpen={() => onOpen({ kind: "class", control, class: row.class, outcome })}
                    />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </MoreBeside>
    </div>
  );
}

function Share({ of, none }: { of: Interval | null; none: string }) {
  if (of === null) {
    return (
      <td className="px-2 text-subtler" title={none}>
        <span aria-hidden className="block w-11 text-right">
          –
        </span>
        <span className="sr-only">{none}</span>
      </td>
    );
  }
  return (
    <td className="px-2" title={formatShare(of)}>
      <Bar share={of.value} interval={of}>
        {formatPercent(of.value, 0)}
        <span className="sr-only"> {formatBounds(of)}</span>
      </Bar>
    </td>
  );
}

type BarProps = { share: number; interval?: Interval; tone?: "quiet"; children: React.ReactNode };

/** A number and how long it is; with an interval, a line over the bar says where the true value may be. */
function Bar({ share, interval, tone, children }: BarProps) {
  const percent = (value: number) => `${Math.round(value * 1000) / 10}%`;
  return (
    <span className="flex items-center gap-2">
      <span className="w-11 shrink-0 text-right tabular-nums">{children}</span>
      <span aria-hidden className="relative h-2.5 min-w-10 flex-1 rounded-full bg-inset [print-color-adjust:exact]">
        <span
          style={{ "--length": percent(share) } as CSSProperties}
          className={classes(
            "absolute inset-y-0 left-0 w-(--length) rounded-full",
            tone === "quiet" ? "bg-border-field" : "bg-chart-1",
          )}
        />
        {interval !== undefined && (
          <span
            style={
              { "--from": percent(interval.low), "--length": percent(interval.high - interval.low) } as CSSProperties
            }
            className="absolute -inset-y-px left-(--from) w-(--length) border-x border-content before:absolute before:inset-x-0 before:top-1/2 before:border-t before:border-content"
          />
        )}
      </span>
    </span>
  );
}

type CountProps = { name: string; outcome: ClassOutcome; count: number; onOpen: () => void };

function Count({ name, outcome, count, onOpen }: CountProps) {
  if (count === 0) return <td className="px-2 text-right text-subtler tabular-nums last:pr-3">0</td>;
  return (
    <td className="px-2 text-right last:pr-3">
      <button
        type="button"
        onClick={onOpen}
        title={`Show what was ${outcomeWords[outcome]}`}
        className="-mx-1 min-h-6 min-w-6 rounded-sm px-1 text-right font-medium text-primary-content tabular-nums hover:underline"
      >
        {formatNumber(count)}
        <span className="sr-only">
          {" "}
          {className(name)} {outcomeWords[outcome]}: show {formatCount(count, "result")}
        </span>
      </button>
    </td>
  );
}
