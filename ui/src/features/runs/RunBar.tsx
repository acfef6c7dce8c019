import type { RunSummary } from "@/ipc/bindings";
import { classes } from "@/lib/classes";
import { runParts } from "./parts";

type RunBarProps = { label: string; run: RunSummary; className?: string };

const colours = {
  correct: "bg-positive-mark",
  wrong: "bg-warning-mark",
  answered: "bg-primary-content",
  failed: "bg-negative",
};

/** How far a run has come and what came of it: a bar in parts, whose words say the same. */
export function RunBar({ label, run, className }: RunBarProps) {
  const { parts, words } = runParts(run);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={run.total}
      aria-valuenow={run.done}
      aria-valuetext={words}
      title={words}
      className={classes("flex h-2 gap-px overflow-hidden rounded-full bg-inset", className)}
    >
      {parts.map(({ kind, count }) => (
        <span
          key={kind}
          data-part={kind}
          // What there is any of is seen, however small its share is.
          className={classes("min-w-0.5", colours[kind])}
          style={{ width: `${(100 * count) / run.total}%` }}
        />
      ))}
    </div>
  );
}
