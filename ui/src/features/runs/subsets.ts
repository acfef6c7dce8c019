import type { ProjectSummary, RunSummary, Subset } from "@/ipc/bindings";
import { formatCount, formatNumber } from "@/lib/format";

/** How many tasks a sample has; Rust decides, this only says so beforehand. */
const SAMPLE_TASKS = 20;

export const subsets: readonly Subset[] = ["sample", "ground-truth", "all"];

export function subsetSize(subset: Subset, project: ProjectSummary): number {
  switch (subset) {
    case "sample":
      return Math.min(SAMPLE_TASKS, project.task_count);
    case "ground-truth":
      return project.ground_truth_count;
    case "all":
      return project.task_count;
  }
}

/** "Sample", "Ground truth", "All tasks" */
export function subsetName(subset: Subset): string {
  return { sample: "Sample", "ground-truth": "Ground truth", all: "All tasks" }[subset];
}

/** What pressing the button does. */
export function runLabel(subset: Subset, project: ProjectSummary): string {
  const tasks = formatCount(subsetSize(subset, project), "task");
  return subset === "ground-truth" ? `Evaluate ${tasks}` : subset === "all" ? `Run all ${tasks}` : `Run ${tasks}`;
}

/** "Run 3, version 2, ground truth" */
export function runName(run: RunSummary): string {
  return `Run ${formatNumber(run.number)}, version ${run.version_number}, ${subsetName(run.subset).toLowerCase()}`;
}
