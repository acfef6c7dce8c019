import { useQueries } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import type { RunProgress, RunSummary } from "@/ipc/bindings";
import { listen } from "@/ipc/client";
import { runQuery } from "@/ipc/queries";
import { isAtWork } from "@/lib/runs";

/**
 * The runs that paused while this window was open, whoever was at work on them: in sight until they are gone on with, stopped
 * or dismissed. `active` are those at work or queued now.
 */
export function usePausedHere(active: readonly RunProgress[]) {
  /** What was at work, or paused, in this window and is not dismissed. */
  const [seen, setSeen] = useState<readonly string[]>([]);
  const see = useCallback(
    (ids: readonly string[]) =>
      setSeen((known) => {
        const news = ids.filter((id) => !known.includes(id));
        return news.length === 0 ? known : [...known, ...news];
      }),
    [],
  );
  const dismiss = useCallback((id: string) => setSeen((known) => known.filter((other) => other !== id)), []);
  useEffect(() => see(active.map(({ run }) => run.id)), [active, see]);
  // One that is refused at once may pause before anybody has read that it is at work.
  useEffect(() => listen("runProgress", ({ run }) => run.status === "paused" && see([run.id])), [see]);

  const gone = seen.filter((id) => !active.some(({ run }) => run.id === id));
  const runs = useQueries({ queries: gone.map((id) => runQuery(id)) }).flatMap(({ data }) => data ?? []);
  const over = runs.filter((run) => run.status !== "paused" && !isAtWork(run)).map(({ id }) => id);
  const overKey = over.join(" ");
  useEffect(() => {
    const ids = overKey.split(" ");
    setSeen((known) => (known.some((id) => ids.includes(id)) ? known.filter((id) => !ids.includes(id)) : known));
  }, [overKey]);
  return { paused: runs.filter(({ status }) => status === "paused"), dismiss };
}

/** Why a run is paused, in words. */
export function pauseWords({ reason }: Pick<RunSummary, "reason">): string {
  return reason ?? "Paused by hand.";
}
