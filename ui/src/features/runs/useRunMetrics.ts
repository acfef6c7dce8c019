import { useQuery } from "@tanstack/react-query";
import type { RunMetrics, RunSummary } from "@/ipc/bindings";
import { runMetricsQuery } from "@/ipc/queries";
import { isAtWork } from "@/lib/runs";

/**
 * What is measured of a run that rests. While it is at work its metrics are not read again and again for the few numbers that
 * cards have of them, and those of its last pause are not shown beside what it counts now.
 */
export function useRunMetrics(run: RunSummary): RunMetrics | undefined {
  const isResting = !isAtWork(run);
  const { data } = useQuery({ ...runMetricsQuery(run.id, false), enabled: isResting });
  return isResting ? data : undefined;
}
