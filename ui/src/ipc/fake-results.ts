/** Results of the runs of the scripted world. */
import type { ExportFormat, ReportFormat, ResultRow, RowQuery, RowSort, RunError, TaskError } from "./bindings";
import { isInCell } from "./fake-metrics";
import { earlierOf, queueOf } from "./fake-reviews";
import type { FakeState } from "./fake-state";
import type { Prompt, Run } from "./fake-world";

/** So many rows stand for all of a large run. */
const ROWS_MAX = 1000;

/** What rows are sorted by; those that have none of it come last. */
const SORTED_BY: Record<RowSort, (row: ResultRow) => number | null> = {
  position: ({ position }) => position,
  score_ascending: ({ score }) => score,
  score_descending: ({ score }) => score,
  confidence_ascending: ({ confidence }) => confidence,
  confidence_descending: ({ confidence }) => confidence,
  latency_ascending: ({ latency_ms }) => latency_ms,
  latency_descending: ({ latency_ms }) => latency_ms,
  cost_ascending: ({ cost_usd }) => cost_usd,
  cost_descending: ({ cost_usd }) => cost_usd,
};

export function resultCommands(state: FakeState) {
  const { project, ofRun, resultRow, runSummary } = state;
  function matchingPositions(owner: Prompt, run: Run, query: RowQuery): number[] {
    const positions: number[] = [];
    const before = earlierOf(owner, run);
    const isChanged = (row: ResultRow) => {
      const was = before === undefined || row.position >= before.done ? null : resultRow(owner, before, row.position);
      const answers = [was?.prediction ?? null, row.prediction];
      return !answers.includes(null) && JSON.stringify(answers[0]) !== JSON.stringify(answers[1]);
    };
    const queue = query.filter === "needs_review" ? queueOf(state, { prompt: owner, run }) : [];
    const toReview = new Set(queue.map(({ task_id }) => task_id));
    for (let position = 0; position < run.done; position += 1) {
      const row = resultRow(owner, run, position);
      const kept =
        query.filter === "all" ||
        (query.filter === "correct" && row.correct === true) ||
        (query.filter === "wrong" && row.correct === false) ||
        (query.filter === "failed" && row.error !== null) ||
        (query.filter === "unscored" && row.error === null && row.correct === null) ||
        (query.filter === "needs_review" && toReview.has(row.task_id)) ||
        (query.filter === "changed" && isChanged(row));
      if (!isInCell(row, query.cell)) continue;
      if (kept && JSON.stringify(row.data).toLowerCase().includes(query.search.toLowerCase())) positions.push(position);
    }
    if (query.sort === "position") return positions;
    const sign = query.sort.endsWith("_ascending") ? 1 : -1;
    const of = SORTED_BY[query.sort];
    const value = (position: number) => of(resultRow(owner, run, position)) ?? sign * Number.MAX_VALUE;
    return positions.sort((a, b) => sign * (value(a) - value(b)) || a - b);
  }
  return {
    chooseExportPath: (format: ExportFormat, suggestedName: string) =>
      `/home/ann/Documents/${suggestedName}.${format === "label-studio" ? "json" : format}`,
    chooseReportPath: (format: ReportFormat, suggestedName: string) =>
      `/home/ann/Documents/${suggestedName}.${format === "html" ? "html" : "md"}`,
    resultRows: (runId: string, query: RowQuery, offset: number, limit: number) => {
      const { prompt: owner, run } = ofRun(runId);
      const plainQuery =
        query.filter === "all" && query.sort === "position" && query.search === "" && query.cell === null;
      if (plainQuery) {
        const length = Math.max(0, Math.min(limit, run.done - offset));
        return {
          total: run.done,
          total_is_final: true,
          rows: Array.from({ length }, (_, index) => resultRow(owner, run, offset + index)),
        };
      }
      const positions = matchingPositions(owner, run, query);
      return {
        total: positions.length,
        total_is_final: true,
        rows: positions.slice(offset, offset + limit).map((position) => resultRow(owner, run, position)),
      };
    },
    runErrors: (runId: string): RunError[] => {
      const { prompt: owner, run } = ofRun(runId);
      const { failed } = runSummary(owner, run);
      const positions = Array.from({ length: Math.min(run.done, ROWS_MAX) }, (_, position) => position);
      const errors = positions.flatMap((position) => resultRow(owner, run, position).error ?? []);
      const alike = (error: TaskError) => errors.filter(({ code }) => code === error.code).length;
      return [...new Map(errors.map((error) => [error.code, error])).values()]
        .map((error) => ({
          code: error.code,
          message: error.message,
          count: Math.round((failed * alike(error)) / errors.length),
        }))
        .sort((one, other) => other.count - one.count);
    },
    getResult: (runId: string, taskId: number) => {
      const { prompt: owner, run } = ofRun(runId);
      const row = resultRow(owner, run, taskId - 1);
      const target = project(owner.projectId);
      const control = target.summary.controls[0]?.split(" ")[1] ?? "control";
      return {
        row,
        controls: [{ name: control, score: row.score, exact: row.correct }],
        repairs: row.repaired ? [{ control, detail: '"billing" was read as "Billing": the case differed.' }] : [],
        request: JSON.stringify(
          { model: "qwen3:8b", messages: [{ role: "user", content: sent(Object.values(row.data)[0]) }] },
          null,
          2,
        ),
        endpoint: "http://127.0.0.1:11434/v1/chat/completions",
        answer:
          row.error === null
            ? JSON.stringify({ [control]: row.prediction?.[0]?.value ?? null })
            : "Sure, here is the topic of the ticket:",
        cached_tokens: 46,
        reasoning_tokens: row.error === null ? 4 : null,
        request_id: null,
        attempts: row.error === null && !row.repaired ? 1 : 2,
        asked_again:
          row.error === null && !row.repaired
            ? null
            : { answer: "This is about money, I think.", why: "the answer holds no JSON object", times: 1 },
        has_changed: false,
        annotations: row.ground_truth === null ? [] : [row.ground_truth],
      };
    },
    exportPredictions: (runId: string, _format: ExportFormat, query: RowQuery | null) => {
      const { prompt: owner, run } = ofRun(runId);
      return query === null ? run.done : matchingPositions(owner, run, query).length;
    },
    writeReport: (runId: string, _options: unknown, path: string) => {
      const { prompt: owner, run } = ofRun(runId);
      return { path, against: owner.runs.find((other) => other.id !== run.id)?.id ?? null };
    },
  };
}

/** What a message holds of a task: the text, or a picture by its type, its size and its hash. */
function sent(value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith("file:")) return value;
  const hash = "9f70efbc02431ceaa81eae67097cfc0b0c17105e50d1cddcfa8be1bcab7ca878";
  const url = `data:image/png;base64,<image/png, 48213 bytes, SHA-256 ${hash}>`;
  return [
    { type: "text", text: "What is on this picture? " },
    { type: "image_url", image_url: { url } },
  ];
}
