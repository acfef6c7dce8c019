/** What was predicted on each control beside what is true, and how that is scored. */
import { presentableDiff } from "@codemirror/merge";
import { Check, X } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { RegionSummary } from "@/components/labeling/RegionSummary";
import { valueText } from "@/components/labeling/regions";
import type { Outline, Region, ResultDetail } from "@/ipc/bindings";
import { formatPercent } from "@/lib/format";

/** A longer text is shown on its own, with what differs in it. */
const SHORT_TEXT = 60;

// Texts that differ a lot are compared less closely, rather than long.
const SCAN_MAX = 500;
const DIFF_MS = 100;

export function ControlSides({ detail, outline }: { detail: ResultDetail; outline: Outline | undefined }) {
  const { row, controls } = detail;
  const [said, truth] = [row.prediction ?? [], row.ground_truth ?? []];
  const known = outline?.nodes.flatMap(({ kind, name }) => (kind === "control" && name !== null ? [name] : [])) ?? [];
  const named = [...said, ...truth].flatMap(({ type, from_name }) => (type === "relation" ? [] : [from_name]));
  const names = [...new Set([...known.filter((name) => named.includes(name)), ...named])];
  const isScored = row.score !== null && controls.length > 0;
  return (
    <table className="w-full table-fixed text-sm">
      <thead className="text-left text-xs text-subtler">
        <tr>
          {names.length > 1 && <th className="w-[24%] py-0.5 pr-3 font-medium">Control</th>}
          <th className="py-0.5 pr-3 font-medium">Prediction</th>
          <th className="py-0.5 pr-3 font-medium">Ground truth</th>
          {isScored && <th className="w-20 py-0.5 text-right font-medium">Score</th>}
        </tr>
      </thead>
      <tbody>
        {names.map((name) => {
          const own = (regions: readonly Region[]) => regions.filter(({ from_name }) => from_name === name);
          const score = controls.find((scored) => scored.name === name);
          const [before, after] = [longText(own(truth)), longText(own(said))];
          return (
            <tr key={name} className="border-t align-top">
              {names.length > 1 && <td className="py-1.5 pr-3 break-words text-subtle">{name}</td>}
              {before !== null && after !== null ? (
                <td colSpan={2} className="py-1.5 pr-3">
                  <Differences before={before} after={after} />
                </td>
              ) : (
                [own(said), own(truth)].map((regions, side) => (
                  <td key={side === 0 ? "said" : "truth"} className="py-1.5 pr-3 select-text">
                    <RegionSummary isWhole outline={outline} regions={regions} />
                  </td>
                ))
              )}
              {isScored && <td className="py-1.5 text-right tabular-nums">{score && <Score {...score} />}</td>}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Score({ score, exact }: { score: number | null; exact: boolean | null }) {
  if (score === null) return <span className="text-subtler">not counted</span>;
  const Icon = exact ? Check : X;
  return (
    <span className={exact ? "text-positive-content" : "text-warning-content"}>
      {exact !== null && (
        <Icon role="img" aria-label={exact ? "Exact" : "Not exact"} className="mr-1 inline size-3.5" />
      )}
      {formatPercent(score, 0)}
    </span>
  );
}

/** The text that these regions say, if it is one to be read word by word. */
function longText(regions: readonly Region[]): string | null {
  const texts = regions.map((region) => (region.type === "textarea" ? valueText(region) : null));
  if (texts.length === 0 || texts.includes(null)) return null;
  const text = texts.join("\n");
  return text.length > SHORT_TEXT ? text : null;
}

/** A predicted text, with what it has beside the true one and what it lacks. */
function Differences({ before, after }: { before: string; after: string }) {
  const changes = useMemo(
    // Whole words, as they are read.
    () => presentableDiff(before, after, { scanLimit: SCAN_MAX, timeout: DIFF_MS }),
    [before, after],
  );
  const parts: ReactNode[] = [];
  let at = 0;
  for (const { fromA, toA, fromB, toB } of changes) {
    parts.push(after.slice(at, fromB));
    if (toA > fromA) {
      parts.push(
        <del key={`del-${fromA}`} className="bg-negative-tint text-negative-content">
          {before.slice(fromA, toA)}
        </del>,
      );
    }
    if (toB > fromB) {
      parts.push(
        <ins key={`ins-${fromB}`} className="bg-positive-tint text-positive-content no-underline">
          {after.slice(fromB, toB)}
        </ins>,
      );
    }
    at = toB;
  }
  parts.push(after.slice(at));
  return (
    <>
      <p className="break-words whitespace-pre-wrap select-text" dir="auto">
        {parts}
      </p>
      <p className="mt-1 text-xs text-subtler">
        {changes.length === 0 ? "Word by word as in the ground truth." : "Struck through: only in the ground truth."}
      </p>
    </>
  );
}
