/** The first items of a file, and which of their columns fill the config's variables. */
import { CircleAlert } from "lucide-react";
import { inShort } from "@/components/labeling/regions";
import { MoreBeside } from "@/components/ui/MoreBeside";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { Select } from "@/components/ui/Select";
import type { ImportPlan, PreviewRow } from "@/ipc/bindings";
import { classes } from "@/lib/classes";
import { formatCount, formatNumber, sentence } from "@/lib/format";
import { type Choices, columnFor } from "./columns";

/** Columns that are shown; a file may have hundreds. */
const COLUMNS_SHOWN = 6;

type ColumnsProps = { plan: ImportPlan; choices: Choices; onChoose: (variable: string, column: string) => void };

export function Columns({ plan, choices, onChoose }: ColumnsProps) {
  const options = plan.columns.map(({ name, sample }) => ({ value: name, label: name, hint: sample || "empty" }));
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">Which column is which</h3>
      <ul className="divide-y rounded-md border">
        {(plan.config?.variables ?? []).map((variable) => (
          <li key={variable} className="flex items-center gap-3 px-3 py-2 text-sm">
            <code className="w-40 shrink-0 truncate font-mono" title={variable}>{`{${variable}}`}</code>
            <span aria-hidden className="text-subtler">
              from
            </span>
            <Select
              label={`Column for ${variable}`}
              value={columnFor(plan, choices, variable)}
              onChange={(column) => onChoose(variable, column)}
              options={options}
              placeholder="Choose a column"
              className="w-64"
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

/**
 * `trusted` while the problems still hold: they were found with the suggested columns. Until every variable has one, rows
 * are shown and not their problems, for it is the rows that one chooses by.
 */
export function FilePreview({ plan, trusted }: { plan: ImportPlan; trusted: boolean }) {
  const isAtFault = (row: PreviewRow) =>
    row.problem !== null && ((trusted && plan.unmapped.length === 0) || Object.keys(row.data).length === 0);
  const shown = plan.columns.slice(0, COLUMNS_SHOWN);
  const more = plan.columns.length - shown.length;
  // A line that all of them are on tells none from another.
  const lines = new Set(plan.preview.map(({ line }) => line).filter((line) => line !== null));
  const hasLines = lines.size > 1 || (lines.size === 1 && plan.preview.length === 1);
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">
        The first {formatCount(plan.preview.length, "item")}
        {more > 0 && <span className="font-normal text-subtler"> ({formatCount(more, "more column")})</span>}
      </h3>
      <MoreBeside>
        <ScrollRegion label="The first items of the file" className="max-h-56 rounded-md border">
          <table className="w-full text-left text-sm">
            <thead className="sticky top-0 bg-surface text-xs text-subtle">
              <tr>
                <th scope="col" className="h-8 w-16 px-3 text-right font-semibold">
                  {hasLines ? "Line" : "Item"}
                </th>
                {shown.map(({ name }) => (
                  <th key={name} scope="col" className="px-3 font-semibold whitespace-nowrap" dir="auto">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {plan.preview.map((row) => (
                <tr key={row.item} className={classes("border-t", isAtFault(row) && "bg-negative-tint")}>
                  <td className="px-3 py-1.5 text-right align-top text-subtler tabular-nums">
                    {formatNumber((hasLines ? row.line : null) ?? row.item)}
                  </td>
                  {isAtFault(row) ? (
                    <td colSpan={Math.max(1, shown.length)} className="px-3 py-1.5 text-negative-content">
                      <CircleAlert aria-hidden className="mr-1.5 inline size-3.5 align-[-2px]" />
                      {sentence(`Refused: ${row.problem}`)}
                    </td>
                  ) : (
                    shown.map(({ name }) => (
                      <td key={name} className="max-w-64 truncate px-3 py-1.5" dir="auto">
                        {inShort(row.data[name])}
                      </td>
                    ))
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      </MoreBeside>
    </section>
  );
}
