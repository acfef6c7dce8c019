import type { Only, ProjectSummary, RunSummary, Subset } from "@/ipc/bindings";
import { formatCount, formatNumber } from "@/lib/format";
import { asksName } from "@/lib/runs";

/** How many tasks a sample has unless the user says otherwise; as in Rust. */
export const SAMPLE_TASKS = 20;

export type Sample = Extract<Subset, { kind: "sample" }>;

export const SAMPLE: Sample = { kind: "sample", tasks: SAMPLE_TASKS, seed: null };

/** Those that need no more words than their name. */
export const subsets: readonly Subset[] = [
  SAMPLE,
  { kind: "ground-truth" },
  { kind: "ground-truth-dev" },
  { kind: "ground-truth-held-out" },
  { kind: "all" },
];

/** How many tasks of the project it has; of a custom one only Rust knows. */
export function subsetSize(subset: Subset, project: ProjectSummary): number {
  switch (subset.kind) {
    case "sample":
      return Math.min(subset.tasks, project.task_count);
    case "ground-truth":
      return project.ground_truth_count;
    case "ground-truth-dev":
      return project.ground_truth_count - project.held_out_count;
    case "ground-truth-held-out":
      return project.held_out_count;
    case "all":
      return project.task_count;
    case "custom":
      return 0;
  }
}

/** "First 20 tasks", "50 tasks at random", "Ground truth, held out", "All tasks" */
export function subsetName(subset: Subset): string {
  switch (subset.kind) {
    case "sample":
      return subset.seed === null
        ? `First ${formatCount(subset.tasks, "task")}`
        : `${formatCount(subset.tasks, "task")} at random`;
    case "ground-truth":
      return "Ground truth";
    case "ground-truth-dev":
      return "Ground truth, not held out";
    case "ground-truth-held-out":
      return "Ground truth, held out";
    case "all":
      return "All tasks";
    case "custom":
      return "Picked tasks";
  }
}

/** "only failed" */
function onlyName(only: Only): string {
  return { missing: "only without an answer", failed: "only failed" }[only];
}

/** "All tasks, only failed, as a batch" */
export function coverageName({ subset, only, batch }: Pick<RunSummary, "subset" | "only" | "batch">): string {
  const tasks = only === null ? subsetName(subset) : `${subsetName(subset)}, ${onlyName(only)}`;
  return batch === null ? tasks : `${tasks}, as a batch`;
}

/** What pressing the button does. `size` is how many tasks it is about, once that is known. */
export function runLabel(subset: Subset, only: Only | null, size: number | undefined): string {
  if (size === undefined) return "Run";
  const tasks = formatCount(size, "task");
  if (only !== null) return `Run ${tasks}`;
  if (subset.kind === "all") return `Run all ${tasks}`;
  return subset.kind === "sample" ? `Run ${tasks}` : `Evaluate ${tasks}`;
}

/** "Run 3, version 2, qwen3:8b, repetition 2 of 3, ground truth" */
export function runName(run: RunSummary): string {
  const asks = asksName(run);
  const version = `version ${run.version_number}${asks === "" ? "" : `, ${asks}`}`;
  return `Run ${formatNumber(run.number)}, ${version}, ${coverageName(run).toLowerCase()}`;
}
