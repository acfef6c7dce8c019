/** Runs of the scripted world against each other. */
import type {
  ComparedPage,
  ComparedQuery,
  ComparedRow,
  ComparedRun,
  Comparison,
  Interval,
  PairedVerdict,
  ResultRow,
} from "./bindings";
import { classMetrics } from "./fake-metrics";
import { Refused } from "./fake-refused";
import { type FakeState, wilson } from "./fake-state";
import type { Prompt, Run } from "./fake-world";

const ROWS_MAX = 1000;

type Side = { prompt: Prompt; run: Run; rows: ResultRow[] };

export function comparisonCommands({ ofRun, resultRow, runSummary, project }: FakeState) {
  /** The runs with the rows of tasks that all of them answered. */
  function sidesOf(runIds: readonly string[]): Side[] {
    const all = runIds.map(ofRun);
    if (new Set(all.map(({ prompt }) => prompt.projectId)).size > 1) {
      throw new Refused(
        "invalid",
        "these runs are of different projects, whose tasks cannot be held against each other",
      );
    }
    const length = Math.min(ROWS_MAX, ...all.map(({ run }) => run.done));
    const rows = all.map(({ prompt, run }) =>
      Array.from({ length }, (_, position) => resultRow(prompt, run, position)),
    );
    const isShared = (position: number) => rows.every((of) => of[position]?.prediction != null);
    const sides = all.map((one, index) => ({
      ...one,
      rows: rows[index]?.filter(({ position }) => isShared(position)) ?? [],
    }));
    if (sides.some(({ rows }) => rows.length === 0)) {
      throw new Refused("no_shared_tasks", "These runs share no tasks. Run both on the same set.");
    }
    return sides;
  }
  function comparedRun({ prompt, run, rows: answered }: Side): ComparedRun {
    const summary = runSummary(prompt, run);
    const rows = answered.filter(isScored);
    const correct = rows.filter((row) => row.correct === true).length;
    return {
      run_id: run.id,
      prompt_id: prompt.id,
      prompt_name: prompt.name,
      version_id: run.versionId,
      version: summary.version_number,
      model: summary.model,
      accuracy: rows.length === 0 ? null : wilson(correct, rows.length),
      mean_score: rows.length === 0 ? null : wilson(correct, rows.length),
      macro_f1: rows.length === 0 ? null : (correct / rows.length) * 0.97,
      cost_per_task_usd: summary.cost_usd === null ? null : summary.cost_usd / run.done,
      p95_ms: 820 + run.number * 90,
      failed: summary.failed,
    };
  }
  function pairOf(baseline: Side, other: Side, pairs: number): PairedVerdict {
    const shared = baseline.rows.filter(isScored).length;
    const count = (before: boolean, after: boolean) =>
      baseline.rows.filter((row, index) => row.correct === before && other.rows[index]?.correct === after).length;
    const [fixed, broken] = [count(false, true), count(true, false)];
    const difference = differenceOf(fixed, broken, shared);
    const z = Math.abs(fixed - broken) / Math.sqrt(Math.max(1, fixed + broken));
    const p = Math.min(1, 2 * Math.exp(-0.717 * z - 0.416 * z * z) * 0.5);
    const isTold = difference.low > 0 || difference.high < 0;
    const verdict =
      fixed + broken === 0 && shared > 275
        ? "same"
        : !isTold
          ? "cannot_tell"
          : difference.value > 0
            ? "better"
            : "worse";
    const differs = (row: ResultRow, index: number) =>
      JSON.stringify(row.prediction) !== JSON.stringify(other.rows[index]?.prediction);
    return {
      run_id: other.run.id,
      baseline_id: baseline.run.id,
      difference: shared === 0 ? null : difference,
      score_difference: shared === 0 ? null : difference,
      mcnemar_p: p,
      adjusted_p: Math.min(1, p * pairs),
      both_correct: count(true, true),
      fixed,
      broken,
      both_wrong: count(false, false),
      different: baseline.rows.filter(differs).length,
      verdict,
      more_tasks_needed:
        verdict === "cannot_tell" ? Math.round(shared * Math.min(60, (2.8 / Math.max(0.2, z)) ** 2 - 1)) : null,
      per_class: classesOf(baseline, other),
    };
  }
  /** Of the first control that has classes. */
  function classesOf(baseline: Side, other: Side): PairedVerdict["per_class"] {
    const node = project(baseline.prompt.projectId).outline.nodes.find(
      ({ kind, tag, multiple }) => kind === "control" && tag === "Choices" && !multiple,
    );
    if (node === undefined) return [];
    const labels = node.classes.map(({ value }) => value);
    const f1 = ({ rows }: Side) =>
      classMetrics(
        labels,
        rows.map(({ ground_truth, prediction }) => {
          const chosen = (regions: ResultRow["prediction"]) =>
            String((regions?.find(({ from_name }) => from_name === node.name)?.value.choices as string[])?.[0] ?? "");
          return { truth: chosen(ground_truth), predicted: chosen(prediction) };
        }),
        false,
      ).per_class;
    const [before, after] = [f1(baseline), f1(other)];
    return before.flatMap(({ class: name, f1: was, support }, index) =>
      support === 0
        ? []
        : [
            {
              control: node.name ?? "",
              class: name,
              support,
              f1_before: was?.value ?? 0,
              f1_after: after[index]?.f1?.value ?? 0,
            },
          ],
    );
  }
  return {
    compareRuns: (runIds: string[]): Comparison => {
      const sides = sidesOf(runIds);
      const [baseline, ...others] = sides;
      const runs = sides.map(comparedRun);
      const answered = baseline?.rows ?? [];
      return {
        runs,
        answered: answered.length,
        shared: answered.filter(isScored).length,
        pairs: baseline === undefined ? [] : others.map((one) => pairOf(baseline, one, others.length)),
        frontier: runs.filter((one) => !runs.some((other) => beats(other, one))).map(({ run_id }) => run_id),
      };
    },
    comparedRows: ({ run_ids, other, segment }: ComparedQuery, offset: number, limit: number): ComparedPage => {
      const sides = sidesOf(run_ids);
      const [baseline] = sides;
      const held = sides[run_ids.indexOf(other)];
      const answer = (row: ResultRow | undefined) => JSON.stringify(row?.prediction);
      const kept = (baseline?.rows ?? []).flatMap((before, index) => {
        const after = held?.rows[index];
        const isDifferent = answer(before) !== answer(after);
        const shows = {
          all: true,
          fixed: before.correct === false && after?.correct === true,
          broken: before.correct === true && after?.correct === false,
          different: isDifferent,
          same: !isDifferent,
        };
        return shows[segment] ? [index] : [];
      });
      const rowOf = (index: number): ComparedRow => {
        const rows = sides.flatMap(({ rows }) => rows[index] ?? []);
        const [first] = rows;
        if (first === undefined) throw new Error("a run without rows shares none");
        const { task_id, position, data, ground_truth } = first;
        const predictions = rows.map(({ prediction, correct, score }) => ({
          prediction: prediction ?? [],
          correct,
          score,
        }));
        return { task_id, position, data, ground_truth, predictions };
      };
      return { total: kept.length, rows: kept.slice(offset, offset + limit).map(rowOf) };
    },
  };
}

function isScored({ correct }: ResultRow): boolean {
  return correct !== null;
}

/** One that is cheaper and no worse, or better and no dearer. */
function beats(one: ComparedRun, other: ComparedRun): boolean {
  if (one.cost_per_task_usd === null || other.cost_per_task_usd === null) return false;
  const [accuracy, others] = [one.accuracy?.value ?? 0, other.accuracy?.value ?? 0];
  const [cost, otherCost] = [one.cost_per_task_usd, other.cost_per_task_usd];
  return accuracy >= others && cost <= otherCost && (accuracy > others || cost < otherCost);
}

function differenceOf(fixed: number, broken: number, of: number): Interval {
  const value = (fixed - broken) / Math.max(1, of);
  const half =
    (1.96 * Math.sqrt(Math.max(0, fixed + broken - (fixed - broken) ** 2 / Math.max(1, of)))) / Math.max(1, of);
  return { value, low: value - half, high: value + half };
}
