/** What one can do with a run that was started. */
import { useMutation } from "@tanstack/react-query";
import { toast } from "@/components/ui/toast";
import { ipc, messageOf } from "@/ipc/client";

const failed = (title: string) => (error: unknown) => toast({ kind: "failed", title, description: messageOf(error) });

export const useStopRun = () =>
  useMutation({ mutationFn: (runId: string) => ipc.stopRun(runId), onError: failed("The run could not be stopped") });

/** What is in flight is still awaited. */
export const usePauseRun = () =>
  useMutation({ mutationFn: (runId: string) => ipc.pauseRun(runId), onError: failed("The run could not be paused") });

/** At once, also one that is queued. */
export const useResumeRun = () =>
  useMutation({ mutationFn: (runId: string) => ipc.resumeRun(runId), onError: failed("The run could not go on") });

/** One after the other where they ask the same connection. */
export const useQueueRuns = () =>
  useMutation({
    mutationFn: (runIds: string[]) => ipc.queueRuns(runIds),
    onError: failed("The runs could not go on"),
  });

/** Goes on with a run that may cost something else from now on. What fails is told where that was entered. */
export const useResumeWithStop = (runId: string) =>
  useMutation({
    mutationFn: async (limit_micros: number | null) => {
      await ipc.setRunLimit(runId, { limit_micros });
      await ipc.resumeRun(runId);
    },
  });

export const useRunConcurrency = (runId: string) =>
  useMutation({
    mutationFn: (concurrency: number) => ipc.setRunConcurrency(runId, concurrency),
    onError: failed("The limit could not be changed"),
  });

const STEPS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];

/** The next number of requests at once in a direction; `undefined` at the end. */
export function nextConcurrency(now: number, by: 1 | -1): number | undefined {
  return by === 1 ? STEPS.find((step) => step > now) : STEPS.findLast((step) => step < now);
}
