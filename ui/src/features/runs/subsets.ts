import type { ProjectSummary, RunSummary, Subset } from "@/ipc/bindings";
import { formatCount, formatNumber } from "@/lib/format";

/** How many tasks a sample has; Rust decides, this only says so beforehand. */
const SAMPLE_TASKS = 20;

export const subsets: readonly Subset[] = [
  "sample",
  "ground-truth",
  "ground-truth-dev",
  "ground-truth-held-out",
  "all",
];

export function subsetSize(subset: Subset, project: ProjectSummary): number {
  switch (subset) {
    case "sample":
      return Math.min(SAMPLE_TASKS, project.task_count);
    case "ground-truth":
      return project.ground_truth_count;
    case "ground-truth-dev":
      return project.ground_truth_count - project.held_out_count;
    case "ground-truth-held-out":
      return project.held_out_count;
    case "all":
      return project.task_count;
  }
}

/** "Sample", "Ground truth, held out", "All tasks" */
export function subsetName(subset: Subset): string {
  return {
    sample: "Sample",
    "ground-truth": "Ground truth",
    "ground-truth-dev": "Ground truth, not held out",
    "ground-truth-held-out": "Ground truth, held out",
    all: "All tasks",
  }[subset];
}

/** What pressing the button does. */
export function runLabel(subset: Subset, project: ProjectSummary): string {
  const tasks = formatCount(subsetSize(subset, project), "task");
  if (subset === "all") return `Run all ${tasks}`;
  return subset === "sample" ? `Run ${tasks}` : `Evaluate ${tasks}`;
}

/** "Run 3, version 2, ground truth" */
export function runName(run: RunSummary): string {
  return `Run ${formatNumber(run.number)}, version ${run.version_number}, ${subsetName(run.subset).toLowerCase()}`;
}
