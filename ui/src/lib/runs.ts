import type { NewRun, RunSummary, Subset } from "@/ipc/bindings";

/** A run of the draft, or of a version, over a subset. */
export function runOf(promptId: string, subset: Subset, part: Partial<NewRun> = {}): NewRun {
  return {
    prompt_id: promptId,
    version_id: null,
    subset,
    picked: null,
    only: null,
    concurrency: null,
    batch: false,
    limit_micros: null,
    ...part,
  };
}

export function isAtWork({ status }: Pick<RunSummary, "status">): boolean {
  return status === "pending" || status === "in_progress";
}

/** Whether it ended, or was paused, before it was through. */
export function canResume(run: Pick<RunSummary, "status" | "done" | "total">): boolean {
  return !isAtWork(run) && run.status !== "completed" && run.done < run.total;
}
