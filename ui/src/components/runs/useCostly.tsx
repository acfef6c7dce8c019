/** Asks once more before runs start that may cost much: one press is quickly done. */
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ConfirmDialog } from "@/components/ui/Dialog";
import type { NewRun, RunEstimate } from "@/ipc/bindings";
import { countedEstimateQuery, runEstimateQuery } from "@/ipc/queries";
import { formatCost, formatCount } from "@/lib/format";
import { batchWords, inShort, mostMicros } from "./estimate";

/** From so much on, in millionths of a dollar. */
const ASKED_FROM_MICROS = 20_000_000;

type Costly = {
  /** Calls `start` at once, or once it was asked, where these may cost much; `prepare` is awaited before that is found out. */
  check: (runs: NewRun | NewRun[], start: () => void, prepare?: () => Promise<void>) => Promise<void>;
  isChecking: boolean;
  /** The question, while it is asked. */
  dialog: ReactNode;
};

/** "60 tasks, 60 to ask · from $1.21, at most $115.21"; of a batch its own price. */
function wordsOf(runs: NewRun | NewRun[], estimate: RunEstimate): string {
  const isBatch = [runs].flat().every(({ batch }) => batch);
  return isBatch ? `${formatCount(estimate.tasks, "task")} · ${batchWords(estimate)}` : inShort(estimate);
}

export function useCostly(): Costly {
  const client = useQueryClient();
  const [isChecking, setChecking] = useState(false);
  const [asked, setAsked] = useState<{ most: string; words: string; start: () => void } | null>(null);
  const check: Costly["check"] = async (runs, start, prepare) => {
    setChecking(true);
    try {
      await prepare?.();
      // Anew: what was just prepared may be more than what was estimated before.
      const known = await client.fetchQuery({ ...runEstimateQuery(runs), staleTime: 0 });
      const counted = client.getQueryState(countedEstimateQuery(runs).queryKey);
      const estimate = counted?.isInvalidated === false ? (counted.data ?? known) : known;
      const micros = mostMicros(runs, estimate);
      if (micros === undefined || micros < ASKED_FROM_MICROS) start();
      else setAsked({ most: formatCost(micros / 1_000_000), words: wordsOf(runs, estimate), start });
    } catch {
      // What stands in its way is said by whoever refuses to start it.
      start();
    } finally {
      setChecking(false);
    }
  };
  const dialog = asked !== null && (
    <ConfirmDialog
      open
      onClose={() => setAsked(null)}
      title={`This may cost up to ${asked.most}`}
      action={`Start for up to ${asked.most}`}
      tone="primary"
      onConfirm={() => {
        asked.start();
        setAsked(null);
      }}
    >
      {asked.words}. A money stop pauses a run before it can cost more than you want.
    </ConfirmDialog>
  );
  return { check, isChecking, dialog };
}
