/** Which pauses of runs the user wants to hear no more of: kept on this machine, so that they are not offered at every start. */
import type { RunSummary } from "@/ipc/bindings";
import { keep, readKept } from "@/lib/kept";

/** A pause of a run: it may pause again, which is another one. */
type Pause = Pick<RunSummary, "id" | "finished_at">;

const KEY = "touchstone.dismissed-pauses";

/** Older ones were gone on with, or run again, long ago. */
const KEPT = 500;

export function readDismissals(): readonly Pause[] {
  const kept = readKept(KEY);
  return Array.isArray(kept) ? kept.filter(isPause) : [];
}

export function keepDismissals(dismissals: readonly Pause[]): void {
  const newest = dismissals.slice(-KEPT).map(({ id, finished_at }) => ({ id, finished_at }));
  keep(KEY, newest);
}

/** Whether the pause that a run is in now is one of these. */
export function isAmong(pauses: readonly Pause[], run: Pause): boolean {
  return pauses.some(({ id, finished_at }) => id === run.id && finished_at === run.finished_at);
}

function isPause(kept: unknown): kept is Pause {
  return typeof kept === "object" && kept !== null && "id" in kept && "finished_at" in kept;
}
