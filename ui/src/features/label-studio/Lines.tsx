import { classes } from "@/lib/classes";
import { formatNumber } from "@/lib/format";
import type { Line } from "./words";

const TONES = { warning: "text-warning-content", negative: "text-negative-content" };

/** What would be done, or was, each with its number. */
export function Lines({ label, lines }: { label: string; lines: readonly Line[] }) {
  return (
    <dl aria-label={label} className="divide-y rounded-md border text-sm">
      {lines.map(({ title, value, hint, tone }) => (
        <div key={title} className="flex items-baseline gap-3 px-3 py-2">
          <dt className="min-w-0 flex-1">
            <span className={classes("font-medium", tone !== undefined && TONES[tone])}>{title}</span>
            {hint !== undefined && <span className="block text-xs text-subtler">{hint}</span>}
          </dt>
          <dd className={classes("font-semibold tabular-nums", tone !== undefined && TONES[tone])}>
            {formatNumber(value)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
