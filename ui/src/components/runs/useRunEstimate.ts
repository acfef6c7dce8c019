import { useQuery } from "@tanstack/react-query";
import type { NewRun, RunEstimate } from "@/ipc/bindings";
import { countedEstimateQuery, runEstimateQuery } from "@/ipc/queries";

/**
 * What a run, or all of these, would take: at once as well as it is known here, and where nothing but a rule of thumb tells,
 * a moment later by the vendor's own count of some tasks.
 */
export function useRunEstimate(run: NewRun | NewRun[], enabled = true) {
  const { data, error, isPlaceholderData } = useQuery({ ...runEstimateQuery(run), enabled });
  const canBeCounted = enabled && data !== undefined && !isPlaceholderData && isBlind(data);
  const counted = useQuery({ ...countedEstimateQuery(run), enabled: canBeCounted }).data;
  return { data: canBeCounted ? (counted ?? data) : data, error };
}

function isBlind({ basis, cost, requests }: RunEstimate): boolean {
  return basis.kind === "rule_of_thumb" && cost.kind !== "free" && requests > 0;
}
