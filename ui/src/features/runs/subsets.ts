import type { Only, ProjectSummary, Subset } from "@/ipc/bindings";
import { formatCount } from "@/lib/format";

/** How many tasks a sample has unless the user says otherwise; as in Rust. */
export const SAMPLE_TASKS = 20;

export type Sample = Extract<Subset, { kind: "sample" }>;

export const SAMPLE: Sample = { kind: "sample", tasks: SAMPLE_TASKS, seed: null };

const ALL: Subset = { kind: "all" };
const GROUND_TRUTH: Subset = { kind: "ground-truth" };

type Counts = Pick<ProjectSummary, "task_count" | "ground_truth_count">;

/** Some tasks to look at the answers of: a sample, which of a project that has no more tasks would be all of them. */
export function trialSubset({ task_count }: Pick<Counts, "task_count">): Subset {
  return task_count > SAMPLE_TASKS ? SAMPLE : ALL;
}

/** Those that need no more words than their name. */
export function offeredSubsets(project: Pick<Counts, "task_count">): Subset[] {
  const parts: Subset[] = [GROUND_TRUTH, { kind: "ground-truth-dev" }, { kind: "ground-truth-held-out" }, ALL];
  const trial = trialSubset(project);
  return trial === ALL ? parts : [trial, ...parts];
}

/** What is run where nothing else was chosen. */
export function firstSubset(project: Counts): Subset {
  return project.ground_truth_count > 0 ? GROUND_TRUTH : trialSubset(project);
}

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

/** What pressing the button does. `size` is how many tasks it is about, once that is known. */
export function runLabel(subset: Subset, only: Only | null, size: number | undefined): string {
  if (size === undefined) return "Run";
  const tasks = formatCount(size, "task");
  if (only !== null) return `Run ${tasks}`;
  if (subset.kind === "all") return `Run all ${tasks}`;
  return subset.kind === "sample" ? `Run ${tasks}` : `Evaluate ${tasks}`;
}
