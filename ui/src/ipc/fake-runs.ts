/** Runs of the scripted boundary under control: paused, limited, interrupted. */
import type { NewRun, ProjectSummary, RunSummary } from "./bindings";
import type { Run } from "./fake-world";

/** How long the calls in flight of a run take to come home. */
const HOMECOMING_MS = 1500;

/** How many tasks a run would cover: of a hundred three have failed, and thirty have no answer. */
export function runSize({ subset, picked, only }: NewRun, project: ProjectSummary): number {
  const size = {
    all: project.task_count,
    sample: subset.kind === "sample" ? Math.min(subset.tasks, project.task_count) : 0,
    "ground-truth": project.ground_truth_count,
    "ground-truth-dev": project.ground_truth_count - project.held_out_count,
    "ground-truth-held-out": project.held_out_count,
    custom: picked?.kind === "tasks" ? picked.selection.ranges.reduce((sum, { from, to }) => sum + to - from, 0) : 12,
  }[subset.kind];
  return only === null ? size : Math.ceil(size * (only === "failed" ? 0.03 : 0.3));
}

type RunsWorld = {
  /** Every run, with how to tell of it. */
  runs: () => { run: Run; summary: () => RunSummary; tell: () => void }[];
  refuse: (message: string) => never;
};

export function runCommands({ runs, refuse }: RunsWorld) {
  const atWork = (id: string) =>
    runs().find(({ run }) => run.id === id && run.status === "in_progress") ?? refuse("this run is not at work");
  return {
    pauseRun: (runId: string) => {
      const { run, tell } = atWork(runId);
      run.isPausing = true;
      tell();
      setTimeout(() => {
        if (run.status !== "in_progress") return;
        Object.assign(run, { status: "paused", reason: null, isPausing: false } satisfies Partial<Run>);
        tell();
      }, HOMECOMING_MS);
      return null;
    },
    setRunConcurrency: (runId: string, concurrency: number) => {
      const { run, tell } = atWork(runId);
      run.concurrency = concurrency;
      tell();
      return null;
    },
    interruptedRuns: () =>
      runs()
        .filter(({ run }) => run.status === "paused" && run.isInterrupted === true)
        .map(({ summary }) => summary()),
  };
}
