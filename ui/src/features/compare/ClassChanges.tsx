import { useState } from "react";
import { Button } from "@/components/ui/Button";
import type { ClassChange, PairedVerdict } from "@/ipc/bindings";
import { className } from "@/lib/cells";
import { formatNumber, formatPercent, formatPoints } from "@/lib/format";
import type { Named } from "./CompareTab";
import { Delta } from "./Delta";
import { isOpen } from "./verdict";

/** So many are shown unless somebody asks for all. */
const CLASSES_SHOWN = 8;

type ClassChangesProps = { changes: readonly ClassChange[]; runs: readonly Named[]; pair: PairedVerdict };

/** How each class fares in both runs, what changed most first. */
export function ClassChanges({ changes, runs, pair }: ClassChangesProps) {
  const [showsAll, setShowsAll] = useState(false);
  const isOneControl = changes.every(({ control }) => control === changes[0]?.control);
  const nameOf = (id: string) => runs.find(({ run }) => run.id === id)?.name ?? "";
  const size = ({ f1_before, f1_after }: ClassChange) => Math.abs(f1_after - f1_before);
  const sorted = [...changes].sort((a, b) => size(b) - size(a));
  const shown = showsAll ? sorted : sorted.slice(0, CLASSES_SHOWN);
  return (
    <section aria-label="Classes" className="min-w-0 rounded-md border p-3">
      <h3 className="text-sm font-semibold">Classes, by F1</h3>
      <table aria-label="Changes of classes" className="mt-1 w-full table-fixed text-left text-sm">
        <thead className="text-xs text-subtle">
          <tr className="border-b [&>th]:h-8 [&>th]:truncate [&>th]:px-2 [&>th]:font-semibold">
            <th scope="col">Class</th>
            {[nameOf(pair.baseline_id), nameOf(pair.run_id), "Change"].map((title) => (
              <th key={title} scope="col" className="w-24 text-right" title={title} dir="auto">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y">
          {shown.map(({ control, class: name, f1_before, f1_after }) => (
            <tr
              key={JSON.stringify([control, name])}
              className="[&>td]:px-2 [&>td]:py-1 [&>td]:text-right [&>td]:tabular-nums"
            >
              <th scope="row" className="truncate px-2 py-1 font-medium" title={className(name)} dir="auto">
                {className(name)}
                {!isOneControl && <span className="ml-2 text-xs font-normal text-subtle">{control}</span>}
              </th>
              <td>{formatPercent(f1_before)}</td>
              <td>{formatPercent(f1_after)}</td>
              <td>
                <Delta of={f1_after - f1_before} words={formatPoints} isOpen={isOpen(pair)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > CLASSES_SHOWN && (
        <Button look="string" size="small" className="mt-1" onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? "Show those that changed most" : `Show all ${formatNumber(sorted.length)} classes`}
        </Button>
      )}
    </section>
  );
}
