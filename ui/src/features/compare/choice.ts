/** Which runs are compared unless somebody chose some. */
import type { RunSummary } from "@/ipc/bindings";

/** As many can be told apart at a glance. */
export const RUNS_MAX = 4;

/**
 * The newest scored run and, before it as the baseline, the newest one that differs: of an earlier version, else of another
 * model, else any other. Empty where there are no two. `runs` are newest first.
 */
export function defaultChoice(runs: readonly RunSummary[]): string[] {
  const usable = [
    ...runs.filter(({ scored }) => scored > 0),
    ...runs.filter(({ scored, done }) => scored === 0 && done > 0),
  ];
  const [newest, ...others] = usable;
  if (newest === undefined) return [];
  const baseline =
    others.find(({ version_number, scored }) => version_number < newest.version_number && scored > 0) ??
    others.find(({ model, scored }) => model !== newest.model && scored > 0) ??
    others[0];
  return baseline === undefined ? [] : [baseline.id, newest.id];
}
