import type { RunSummary, RunWorker } from "@/ipc/bindings";

/** Why a run is paused, in words. */
export function pauseWords({ reason }: Pick<RunSummary, "reason">): string {
  return reason ?? "Paused by hand.";
}

/** What is to be known of a program that is at work on a run and is not this one. */
export function workerWords(worker: RunWorker): string | undefined {
  switch (worker.kind) {
    case "here":
      return undefined;
    case "elsewhere":
      return "At work in another program, which does not say what it waits for.";
    case "silent":
      return `Was at work in a program that does not answer; it can be resumed in ${Math.ceil(worker.gone_in_ms / 1000)} s.`;
  }
}
