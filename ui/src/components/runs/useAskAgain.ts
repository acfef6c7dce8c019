import type { NewRun } from "@/ipc/bindings";
import { askAgainWords } from "./estimate";
import { useRunEstimate } from "./useRunEstimate";

/** What it means to ask a run's tasks anew, with its price; nothing where no answer can be reused. */
export function useAskAgain(run: NewRun, enabled = true): string | undefined {
  const owned = useRunEstimate({ ...run, ask_again: false }, enabled).data;
  const isOwned = owned !== undefined && owned.owned > 0;
  const anew = useRunEstimate({ ...run, ask_again: true }, enabled && isOwned).data;
  return isOwned ? askAgainWords(owned, anew) : undefined;
}
