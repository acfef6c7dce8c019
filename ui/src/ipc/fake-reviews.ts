/** Review queues of the runs of the scripted world. */
import type {
  ReviewDecision,
  Reviewed,
  ReviewItem,
  ReviewPage,
  ReviewReason,
  ReviewRun,
  ReviewTasks,
  ReviewVerdict,
} from "./bindings";
import { Refused } from "./fake-refused";
import type { FakeState } from "./fake-state";
import type { Prompt, Run } from "./fake-world";

/** So many rows stand for all of a large run. */
const ROWS_MAX = 1000;

const OTHERS_MAX = 6;

const CONFIDENCE_MIN = 0.8;

const DECISIONS: Record<ReviewVerdict["kind"], ReviewDecision> = {
  accept: "accepted",
  correct: "corrected",
  reject: "rejected",
};

type Owned = { prompt: Prompt; run: Run };

export function reviewCommands(state: FakeState) {
  const { ofRun, runSummary, resultRow, reviews, send } = state;
  let batches = 0;
  const summary = ({ prompt, run }: Owned): ReviewRun => {
    const { id, number, version_number, model, status } = runSummary(prompt, run);
    return {
      run_id: id,
      run_number: number,
      prompt_id: prompt.id,
      prompt_name: prompt.name,
      version: version_number,
      model,
      status,
      decided: [...reviews.keys()].filter((key) => key.startsWith(`${id} `)).length,
    };
  };
  const under = (items: ReviewItem[], reasons: ReviewReason[]) =>
    reasons.length === 0 ? items : items.filter((item) => item.reasons.some((reason) => reasons.includes(reason)));
  return {
    reviewRuns: (projectId: string): ReviewRun[] => runsOf(state, projectId).map(summary),
    reviewQueue: (runId: string, reasons: ReviewReason[], offset: number, limit: number): ReviewPage => {
      const items = queueOf(state, ofRun(runId));
      const count = (reason: ReviewReason) => under(items, [reason]).length;
      const shown = under(items, reasons);
      return {
        total: shown.length,
        total_is_final: true,
        counts: {
          failed: count("failed"),
          disagreement: count("disagreement"),
          low_confidence: count("low_confidence"),
        },
        items: shown.slice(offset, offset + limit),
      };
    },
    decideReviews: (runId: string, tasks: ReviewTasks, verdict: ReviewVerdict): Reviewed => {
      const owned = ofRun(runId);
      const all = (reasons: ReviewReason[]) => under(queueOf(state, owned), reasons).map(({ task_id }) => task_id);
      const ids = tasks.kind === "these" ? tasks.task_ids : all(tasks.reasons);
      if (verdict.kind === "correct" && (tasks.kind !== "these" || ids.length !== 1))
        throw new Refused("invalid", "name the one task that was corrected");
      const takes = (id: number) =>
        verdict.kind !== "accept" || resultRow(owned.prompt, owned.run, id - 1).error === null;
      const decided = ids.filter(takes);
      if (decided.length === 0 && ids.length > 0)
        throw new Refused("invalid", "there is no answer to accept; correct or reject it instead");
      batches += 1;
      for (const id of decided) reviews.set(`${runId} ${id}`, { decision: DECISIONS[verdict.kind], batch: batches });
      send.changed({ kind: "annotations", project_id: owned.prompt.projectId });
      return { batch: batches, decided: decided.length, passed_over: ids.length - decided.length };
    },
    undoReviews: (batch: number): number => {
      const undone = [...reviews].filter(([, review]) => review.batch === batch);
      for (const [key] of undone) reviews.delete(key);
      const [runId] = undone[0]?.[0].split(" ") ?? [];
      if (runId !== undefined) send.changed({ kind: "annotations", project_id: ofRun(runId).prompt.projectId });
      return undone.length;
    },
    changedSince: (runId: string): ReviewRun | null => {
      const { prompt, run } = ofRun(runId);
      const earlier = earlierOf(prompt, run);
      return earlier === undefined ? null : summary({ prompt, run: earlier });
    },
  };
}

function runsOf({ project, promptsOf }: FakeState, projectId: string): Owned[] {
  return promptsOf(project(projectId))
    .flatMap((prompt) => prompt.runs.map((run) => ({ prompt, run })))
    .filter(({ run }) => run.done > 0)
    .sort((one, other) => other.run.createdAt.localeCompare(one.run.createdAt));
}

/** The newest run of each other version and model. */
function othersOf(state: FakeState, { prompt, run }: Owned): Owned[] {
  const asked = (one: Run) => `${one.versionId} ${one.model?.model ?? ""}`;
  const newest = new Map<string, Owned>();
  for (const other of runsOf(state, prompt.projectId)) {
    if (asked(other.run) !== asked(run) && !newest.has(asked(other.run))) newest.set(asked(other.run), other);
  }
  return [...newest.values()].slice(0, OTHERS_MAX);
}

/** What is worth a look, the most doubtful first. */
export function queueOf(state: FakeState, owned: Owned): ReviewItem[] {
  const { resultRow } = state;
  const others = othersOf(state, owned);
  const found: { item: ReviewItem; doubt: number }[] = [];
  for (let position = 0; position < Math.min(owned.run.done, ROWS_MAX); position += 1) {
    const row = resultRow(owned.prompt, owned.run, position);
    const { task_id, data, prediction, error, confidence, correct, review } = row;
    if (review !== null || correct !== null) continue;
    const rows = others.flatMap(({ prompt, run }) => {
      const said = position < run.done ? resultRow(prompt, run, position).prediction : null;
      return said === null ? [] : [{ run_id: run.id, prediction: said }];
    });
    const differs = (other: { prediction: unknown }) => JSON.stringify(other.prediction) !== JSON.stringify(prediction);
    const differing = error === null ? rows.filter(differs) : [];
    const isUnsure = confidence !== null && confidence < CONFIDENCE_MIN;
    const reasons: ReviewReason[] = [];
    if (error !== null) reasons.push("failed");
    if (differing.length > 0) reasons.push("disagreement");
    if (isUnsure) reasons.push("low_confidence");
    if (reasons.length === 0) continue;
    found.push({
      item: {
        task_id,
        position,
        data,
        prediction,
        error,
        reasons,
        confidence,
        others: error === null ? differing : rows,
        answered: rows.length,
      },
      doubt: error !== null ? -1 : differing.length / Math.max(1, rows.length) + 1 - (confidence ?? 1),
    });
  }
  return found
    .sort((one, other) => other.doubt - one.doubt || one.item.position - other.item.position)
    .map(({ item }) => item);
}

/** The newest run of an earlier version of the same prompt. */
export function earlierOf(prompt: Prompt, run: Run): Run | undefined {
  const numberOf = (one: Run) => prompt.versions.find(({ id }) => id === one.versionId)?.number ?? 0;
  return prompt.runs.find((other) => other.done > 0 && numberOf(other) < numberOf(run));
}
