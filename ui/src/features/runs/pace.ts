/** How fast runs were of late, from what was told of their progress while the window is open. */
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { RunProgress } from "@/ipc/bindings";

/** How many tasks were done at a moment, in milliseconds. */
export type Reading = { at: number; done: number };

/** The readings of each run, by its id. */
type Paces = Readonly<Record<string, readonly Reading[]>>;

/** How far back it is told. */
export const SHOWN_S = 300;

/** A rate is that of so many seconds. */
export const STEP_S = 5;

/** Progress is told ten times a second; one reading of each second is enough. */
const EVERY_MS = 1000;

const KEPT_MS = (SHOWN_S + STEP_S) * 1000;

/** Read by nobody but from the cache, where it stays as long as the window. */
const pacesQuery = () =>
  queryOptions<Paces>({ queryKey: ["run-paces"], enabled: false, gcTime: Number.POSITIVE_INFINITY });

/** Takes a reading of each run that is at work here or elsewhere; to be used where all of them pass, on every screen. */
export function useRecordedPaces(active: readonly RunProgress[]): void {
  const client = useQueryClient();
  useEffect(() => client.setQueryDefaults(pacesQuery().queryKey, { gcTime: Number.POSITIVE_INFINITY }), [client]);
  useEffect(() => {
    const now = Date.now();
    client.setQueryData(pacesQuery().queryKey, (paces = {}) => withReadings(paces, active, now));
  }, [client, active]);
}

export function withReadings(paces: Paces, active: readonly RunProgress[], now: number): Paces {
  const due = active.filter(
    ({ run }) => run.status === "in_progress" && now - (paces[run.id]?.at(-1)?.at ?? 0) >= EVERY_MS,
  );
  if (due.length === 0) return paces;
  const isKept = ({ at }: Reading) => now - at <= KEPT_MS;
  const kept = Object.entries(paces).flatMap(([id, readings]) => {
    const rest = readings.filter(isKept);
    return rest.length === 0 ? [] : [[id, rest] as const];
  });
  const known = Object.fromEntries(kept);
  const news = due.map(({ run }) => [run.id, [...(known[run.id] ?? []), { at: now, done: run.done }]] as const);
  return { ...known, ...Object.fromEntries(news) };
}

/** The readings of a run, and the moment up to which they tell its pace: now, or that of the last one when it is not at work. */
export function usePace(runId: string, isAtWork: boolean): { readings: readonly Reading[]; until: number } {
  const readings = useQuery(pacesQuery()).data?.[runId] ?? NONE;
  const [now, setNow] = useState(Date.now);
  // Nothing is told of a run that stands still, and that is what its line is to show.
  useEffect(() => {
    if (!isAtWork) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), STEP_S * 1000);
    return () => clearInterval(timer);
  }, [isAtWork]);
  return { readings, until: isAtWork ? Math.max(now, readings.at(-1)?.at ?? 0) : (readings.at(-1)?.at ?? now) };
}

const NONE: readonly Reading[] = [];

/** Tasks a second, of the step that ended so many seconds before `until`; oldest first, as far as there are readings. */
export type Rate = { ago_s: number; rate: number };

export function rates(readings: readonly Reading[], until: number): Rate[] {
  const first = readings[0];
  if (first === undefined) return [];
  const steps = Math.min(SHOWN_S, (until - first.at) / 1000) / STEP_S;
  return Array.from({ length: Math.floor(steps) }, (_, step) => {
    const ago_s = (Math.floor(steps) - 1 - step) * STEP_S;
    const end = until - ago_s * 1000;
    return { ago_s, rate: (doneAt(readings, end) - doneAt(readings, end - STEP_S * 1000)) / STEP_S };
  });
}

/** How many tasks were done at a moment, evenly from one reading to the next. */
function doneAt(readings: readonly Reading[], moment: number): number {
  const after = readings.findIndex(({ at }) => at >= moment);
  const next = after === -1 ? undefined : readings[after];
  const before = readings[(after === -1 ? readings.length : after) - 1];
  if (next === undefined) return before?.done ?? 0;
  if (before === undefined) return next.done;
  return before.done + ((next.done - before.done) * (moment - before.at)) / (next.at - before.at);
}
