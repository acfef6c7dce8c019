import { useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { RunProgress, RunSummary } from "@/ipc/bindings";
import { listen } from "@/ipc/client";
import { offeredRunsQuery, runQuery } from "@/ipc/queries";
import { isAtWork } from "@/lib/runs";
import { isAmong, keepDismissals, readDismissals } from "./dismissals";

/** The same each time, so that nothing is drawn anew for it. */
const NONE: readonly RunSummary[] = [];

/**
 * The runs that rest: those that paused while this window was open, whoever was at work on them, and those that paused for a
 * reason before. In sight until they are gone on with, stopped or dismissed; one that goes on stays until it is among
 * `active`, which are those at work or queued now.
 */
export function useRestingRuns(active: readonly RunProgress[]) {
  const read = useQuery(offeredRunsQuery()).data;
  const offered = read ?? NONE;
  /** Those that rested already when the window opened. */
  const old = useRef(read);
  old.current ??= read;
  /** What was at work, or paused, in this window, and what was offered. */
  const [seen, setSeen] = useState<readonly string[]>([]);
  const [dismissals, setDismissals] = useState(readDismissals);
  const see = useCallback(
    (ids: readonly string[]) =>
      setSeen((known) => {
        const news = ids.filter((id) => !known.includes(id));
        return news.length === 0 ? known : [...known, ...news];
      }),
    [],
  );
  useEffect(() => see([...active.map(({ run }) => run.id), ...offered.map(({ id }) => id)]), [active, offered, see]);
  // One that is refused at once may pause before anybody has read that it is at work.
  useEffect(() => listen("runProgress", ({ run }) => run.status === "paused" && see([run.id])), [see]);

  const resting = seen.filter((id) => !active.some(({ run }) => run.id === id));
  const runs = useQueries({
    queries: resting.map((id) => ({ ...runQuery(id), initialData: () => offered.find((run) => run.id === id) })),
  }).flatMap(({ data }) => data ?? []);
  const over = runs.filter((run) => run.status !== "paused" && !isAtWork(run)).map(({ id }) => id);
  const overKey = over.join(" ");
  useEffect(() => {
    const ids = overKey.split(" ");
    setSeen((known) => (known.some((id) => ids.includes(id)) ? known.filter((id) => !ids.includes(id)) : known));
  }, [overKey]);
  const dismiss = (run: RunSummary) => {
    const next = [...dismissals, run];
    setDismissals(next);
    keepDismissals(next);
  };
  return {
    runs: runs.filter((run) => !over.includes(run.id) && !isAmong(dismissals, run)),
    /** Whether it paused since. */
    isNews: (run: RunSummary) => run.status === "paused" && !isAmong(old.current ?? NONE, run),
    dismiss,
  };
}
