import type { AskedModel, NewRun, Only, Repetition, RunSummary, Subset } from "@/ipc/bindings";
import { formatCount, formatNumber } from "./format";
import { modelLabel } from "./models";

/** A run of the draft, or of a version, over a subset. */
export function runOf(promptId: string, subset: Subset, part: Partial<NewRun> = {}): NewRun {
  return {
    prompt_id: promptId,
    version_id: null,
    model: null,
    repetition: null,
    ask_again: false,
    subset,
    picked: null,
    only: null,
    concurrency: null,
    batch: false,
    limit_micros: null,
    ...part,
  };
}

/** How often the same can be asked on purpose, as in Rust. */
export const REPETITIONS_MAX = 10;

/** A version with the model that it names; the draft has no id yet. */
export type RunVersion = { id: string | null; connection_id: string | null; model: string };

/**
 * A run for each version, model and repetition, as `run` is otherwise. `null` among the models is the one that a version
 * names; where the same is chosen by its name too, it is asked once.
 */
export function severalRuns(
  run: NewRun,
  versions: readonly RunVersion[],
  models: readonly (AskedModel | null)[],
  repetitions: number,
): NewRun[] {
  const isOwn = (version: RunVersion, model: AskedModel | null) =>
    model?.connection_id === version.connection_id && model.model === version.model;
  return versions.flatMap((version) =>
    models
      .filter((model) => !(models.includes(null) && isOwn(version, model)))
      .flatMap((model) =>
        Array.from({ length: repetitions }, (_, index) => ({
          ...run,
          version_id: version.id,
          model,
          repetition: repetitions === 1 ? null : { number: index + 1, of: repetitions },
        })),
      ),
  );
}

/** "repetition 2 of 3" */
export function repetitionName({ number, of }: Repetition): string {
  return `repetition ${number} of ${of}`;
}

/** What tells a run from others of its version: "qwen3:8b, repetition 2 of 3"; nothing where its version says it all. */
export function asksName(run: Pick<RunSummary, "is_other_model" | "model" | "provider" | "repetition">): string {
  const parts = run.is_other_model ? [modelLabel(run)] : [];
  if (run.repetition !== null) parts.push(repetitionName(run.repetition));
  return parts.join(", ");
}

/** The model of a run, for one more of the same. */
export function sameAsked(run: RunSummary): Pick<NewRun, "version_id" | "model" | "repetition"> {
  const model = run.is_other_model ? { connection_id: run.connection_id, model: run.model } : null;
  return { version_id: run.version_id, model, repetition: run.repetition };
}

/** Whether it is at work, or will be once it is its turn. */
export function isAtWork({ status }: Pick<RunSummary, "status">): boolean {
  return status === "queued" || status === "in_progress";
}

/** What a queued run waits for: "Queued: the next on “OpenAI”"; nothing of another. */
export function queueWords(run: Pick<RunSummary, "queue_place" | "connection_name">): string | undefined {
  if (run.queue_place === null) return undefined;
  const on = run.connection_name === null ? "" : ` on “${run.connection_name}”`;
  return `Queued: ${run.queue_place <= 1 ? "the next" : `number ${formatNumber(run.queue_place)}`}${on}`;
}

/** Whether it ended, or was paused, before it was through. */
export function canResume(run: Pick<RunSummary, "status" | "done" | "total">): boolean {
  return !isAtWork(run) && run.status !== "completed" && run.done < run.total;
}

/**
 * The later of two readings of a run: what it has done never becomes less, so one that says less was begun before the other and
 * came after it.
 */
export function laterOf(known: RunSummary | undefined, read: RunSummary): RunSummary {
  return known !== undefined && known.id === read.id && read.done < known.done ? known : read;
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

/** "Run 3, version 2, qwen3:8b, repetition 2 of 3, ground truth" */
export function runName(run: RunSummary): string {
  const asks = asksName(run);
  const version = `version ${run.version_number}${asks === "" ? "" : `, ${asks}`}`;
  return `Run ${formatNumber(run.number)}, ${version}, ${coverageName(run).toLowerCase()}`;
}
