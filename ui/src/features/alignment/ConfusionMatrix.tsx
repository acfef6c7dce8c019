// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: a matrix is a table whose cells are walked through
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the table itself listens for the keys of its cells
/** Which class was taken for which: a table that arrow keys walk through, and whose cells open their tasks. */
import { type CSSProperties, type KeyboardEvent, useState } from "react";
import { Segmented } from "@/components/ui/Segmented";
import type { CellFilter, Confusion } from "@/ipc/bindings";
import { className } from "@/lib/cells";
import { classes } from "@/lib/classes";
import { formatCount, formatNumber, formatPercent } from "@/lib/format";
import { condensed, DEPTH_MAX, type MatrixClass, rowShares, sum } from "./matrix";

type ConfusionMatrixProps = {
  control: string;
  confusion: Confusion;
  onOpen: (cell: CellFilter) => void;
};

/** Beyond this the names of columns stand upright. */
const LEVEL_NAMES_MAX = 7;

export function ConfusionMatrix({ control, confusion, onOpen }: ConfusionMatrixProps) {
  const [unit, setUnit] = useState<"count" | "share">("count");
  const [at, setAt] = useState({ row: 0, column: 0 });
  const { classes: names, counts } = condensed(confusion);
  const shares = rowShares(counts);
  const last = names.length - 1;
  const current = { row: Math.min(at.row, last), column: Math.min(at.column, last) };
  const isUpright = names.length > LEVEL_NAMES_MAX;
  const other = names.find(({ others }) => others !== undefined);

  const open = (row: number, column: number) => {
    const [truth, predicted] = [names[row], names[column]];
    const isOne = truth?.others === undefined && predicted?.others === undefined;
    if (truth === undefined || predicted === undefined || !isOne || counts[row]?.[column] === 0) return;
    onOpen({ kind: "confusion", control, truth: truth.label, predicted: predicted.label });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTableElement>) => {
    const { row, column } = current;
    const steps: Record<string, { row: number; column: number }> = {
      ArrowRight: { row, column: column + 1 },
      ArrowLeft: { row, column: column - 1 },
      ArrowDown: { row: row + 1, column },
      ArrowUp: { row: row - 1, column },
      Home: event.ctrlKey ? { row: 0, column: 0 } : { row, column: 0 },
      End: event.ctrlKey ? { row: last, column: last } : { row, column: last },
    };
    const next = steps[event.key];
    if (next !== undefined) {
      event.preventDefault();
      const clamp = (value: number) => Math.min(Math.max(0, value), last);
      const [to, over] = [clamp(next.row), clamp(next.column)];
      setAt({ row: to, column: over });
      event.currentTarget.querySelector<HTMLElement>(`[data-cell="${to}-${over}"]`)?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open(row, column);
    }
  };
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="text-sm font-semibold">Confusion matrix</h3>
        <span className="min-w-0 flex-1 text-xs text-subtler">Rows are the truth, columns what was answered.</span>
        <Segmented
          label="What cells show"
          value={unit}
          onChange={setUnit}
          options={[
            { value: "count", label: "Counts" },
            { value: "share", label: "% of row" },
          ]}
        />
      </div>
      <div className="scroll-area max-h-[max(16rem,80cqh)] max-w-full self-start overscroll-auto rounded-md border">
        <table
          role="grid"
          aria-label={`Confusion matrix of ${control}`}
          onKeyDown={onKeyDown}
          className="border-separate border-spacing-0 text-xs [print-color-adjust:exact]"
        >
          <thead>
            <tr>
              <th
                scope="col"
                className="sticky top-0 left-0 z-20 border-r border-b bg-surface px-2 py-1 text-left align-bottom font-normal text-subtler"
              >
                Truth ↓ &ensp; Answer →
              </th>
              {names.map((name, column) => (
                <ColumnName key={name.label} name={name} isUpright={isUpright} isAt={column === current.column} />
              ))}
              <th
                scope="col"
                className="sticky top-0 z-10 border-b bg-surface px-2 py-1 text-right align-bottom font-semibold"
              >
                All
              </th>
            </tr>
          </thead>
          <tbody>
            {names.map((truth, row) => (
              <tr key={truth.label}>
                <th
                  scope="row"
                  className="sticky left-0 z-10 max-w-44 truncate border-r border-b bg-surface px-2 text-left font-medium"
                  title={titleOf(truth)}
                  dir="auto"
                >
                  <Name of={truth} />
                </th>
                {names.map((predicted, column) => {
                  const count = counts[row]?.[column] ?? 0;
                  const share = shares[row]?.[column] ?? 0;
                  const isRight = row === column && truth.others === undefined;
                  const canOpen = count > 0 && truth.others === undefined && predicted.others === undefined;
                  return (
                    <td
                      key={predicted.label}
                      role="gridcell"
                      data-cell={`${row}-${column}`}
                      tabIndex={row === current.row && column === current.column ? 0 : -1}
                      aria-label={words(truth, predicted, count, share)}
                      title={words(truth, predicted, count, share)}
                      onFocus={() => setAt({ row, column })}
                      onClick={() => open(row, column)}
                      style={{ "--depth": `${Math.round(share * DEPTH_MAX)}%` } as CSSProperties}
                      className={classes(
                        "h-7 min-w-11 border-b px-1.5 text-center tabular-nums -outline-offset-2 select-none",
                        "bg-[color-mix(in_srgb,var(--chart-1)_var(--depth),var(--background))]",
                        count === 0 && "text-subtler",
                        canOpen && "cursor-pointer hover:inset-ring-2 hover:inset-ring-focus",
                        // What is right is seen without its colour.
                        isRight && "font-bold inset-ring-1 inset-ring-border-field",
                      )}
                    >
                      {count === 0 ? "·" : unit === "count" ? formatNumber(count) : formatPercent(share, 0)}
                    </td>
                  );
                })}
                <td className="border-b bg-surface px-2 text-right font-semibold tabular-nums">
                  {formatNumber(sum(counts[row] ?? []))}
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" className="sticky left-0 z-10 border-r bg-surface px-2 py-1 text-left font-semibold">
                All
              </th>
              {names.map(({ label }, column) => (
                <td key={label} className="bg-surface px-1.5 text-center font-semibold tabular-nums">
                  {formatNumber(sum(counts.map((row) => row[column] ?? 0)))}
                </td>
              ))}
              <td className="bg-surface px-2 text-right font-semibold tabular-nums">
                {formatNumber(sum(counts.flat()))}
              </td>
            </tr>
          </tfoot>
        </table>
      </div>
      {other?.others !== undefined && (
        <p className="text-xs text-subtler">
          The {formatNumber(last)} classes that occur most have a row each; “other” is{" "}
          {formatCount(other.others, "class", "classes")} more. All of them are in the table of classes.
        </p>
      )}
    </div>
  );
}

function ColumnName({ name, isUpright, isAt }: { name: MatrixClass; isUpright: boolean; isAt: boolean }) {
  return (
    <th
      scope="col"
      title={titleOf(name)}
      className={classes(
        "sticky top-0 z-10 border-b bg-surface px-1 py-1 align-bottom font-medium",
        isAt && "text-primary-content",
      )}
    >
      <span
        dir="auto"
        className={classes(
          "truncate",
          isUpright
            ? "inline-block max-h-26 rotate-180 text-left [writing-mode:vertical-rl]"
            : "block max-w-28 min-w-14",
        )}
      >
        <Name of={name} />
      </span>
    </th>
  );
}

function Name({ of: { label, others } }: { of: MatrixClass }) {
  return label === "" || others !== undefined ? <i>{className(label)}</i> : label;
}

function titleOf({ label, others }: MatrixClass): string {
  return others === undefined ? className(label) : formatCount(others, "other class", "other classes");
}

function words(truth: MatrixClass, predicted: MatrixClass, count: number, share: number): string {
  const [is, said] = [titleOf(truth), titleOf(predicted)];
  const what = truth === predicted ? `${is}, answered so` : `${is}, answered as ${said}`;
  return `${what}: ${formatNumber(count)}${count === 0 ? "" : `, ${formatPercent(share)} of the row`}`;
}
