/** What the runs of the scripted world show, counted from their rows as Rust counts: small enough sums, the same words. */
import type {
  Calibration,
  CellFilter,
  ClassMetrics,
  ControlMetrics,
  Interval,
  LatencyMetrics,
  OutlineNode,
  PerClass,
  Region,
  ResultRow,
  RunMetrics,
  SpanScheme,
  VersionScore,
} from "./bindings";
import { type FakeState, wilson } from "./fake-state";
import type { Prompt, Run } from "./fake-world";

/** So many rows stand for all of a large run. */
const ROWS_MAX = 1000;

export function metricsCommands(state: FakeState) {
  const { ofRun, prompt, runSummary } = state;
  return {
    runMetrics: (runId: string): RunMetrics => {
      const { prompt: owner, run } = ofRun(runId);
      return runMetrics(state, owner, run);
    },
    versionScores: (promptId: string): VersionScore[] => {
      const owner = prompt(promptId);
      const seen = new Set<string>();
      const latest = owner.runs.filter((run) => {
        const { version_number, model, status, only } = runSummary(owner, run);
        const isNew = status === "completed" && only === null && !seen.has(`${version_number} ${model}`);
        if (isNew) seen.add(`${version_number} ${model}`);
        return isNew;
      });
      return latest.toReversed().map((run) => {
        const { id, version_id, version_number, model, created_at, accuracy, cost_usd, done } = runSummary(owner, run);
        const cost_per_task_usd = cost_usd === null ? null : cost_usd / done;
        return { run_id: id, version_id, version: version_number, model, created_at, accuracy, cost_per_task_usd };
      });
    },
  };
}

function runMetrics(state: FakeState, owner: Prompt, run: Run): RunMetrics {
  const { runSummary, resultRow, project } = state;
  const { accuracy, failed, done, scored, mean_score, cost_usd, prompt_tokens, completion_tokens } = runSummary(
    owner,
    run,
  );
  const rows = Array.from({ length: Math.min(done, ROWS_MAX) }, (_, position) => resultRow(owner, run, position));
  const compared = rows.filter(({ correct }) => correct !== null);
  const failedWithTruth = rows.filter(({ error, ground_truth }) => error !== null && ground_truth !== null).length;
  const controls = project(owner.projectId).outline.nodes.filter(({ kind, skipped }) => kind === "control" && !skipped);
  return {
    run_id: run.id,
    scored,
    failed,
    unscored: done - scored - failed,
    accuracy,
    if_failed_wrong:
      accuracy === null || failedWithTruth === 0 ? accuracy : wilson(accuracy.correct, scored + failedWithTruth),
    mean_score: mean_score === null ? null : around(mean_score, scored),
    controls: accuracy === null ? [] : controls.map((node) => controlMetrics(node, compared)),
    calibration: run.hasConfidence === true && accuracy !== null ? calibration(compared, run) : null,
    latency: latency(rows),
    cost: {
      total_usd: cost_usd,
      per_task_usd: cost_usd === null ? null : cost_usd / done,
      prompt_tokens,
      completion_tokens,
    },
  };
}

function controlMetrics({ name, tag, multiple, classes }: OutlineNode, rows: readonly ResultRow[]): ControlMetrics {
  const pairs = rows.map(({ ground_truth, prediction }) => ({
    truth: regionsOf(ground_truth, name),
    predicted: regionsOf(prediction, name),
  }));
  const exact = pairs.filter(({ truth, predicted }) => same(truth, predicted)).length;
  const share = exact / pairs.length;
  const none: Omit<ControlMetrics, "name" | "tag" | "compared" | "accuracy" | "mean_score"> = {
    classes: null,
    sets: null,
    paths: null,
    spans: null,
    boxes: null,
    numbers: null,
    texts: null,
    ranking: null,
    pairwise: null,
  };
  const labels = classes.map(({ value }) => value);
  const single = pairs.map(({ truth, predicted }) => ({ truth: labelOf(truth), predicted: labelOf(predicted) }));
  const family = (): Partial<ControlMetrics> => {
    if (tag === "Pairwise") {
      const left = (side: "truth" | "predicted") => single.filter((one) => one[side] === "left").length;
      const bias = (left("predicted") - left("truth")) / pairs.length;
      return {
        classes: classMetrics(["left", "right"], single, true),
        pairwise: {
          left_truth: left("truth"),
          left_predicted: left("predicted"),
          compared: pairs.length,
          bias: { value: bias, low: bias - 0.04, high: bias + 0.04 },
        },
      };
    }
    if (tag === "Choices" && multiple) {
      return {
        classes: classMetrics(labels, single, false),
        sets: { jaccard: 0.4 + 0.6 * share, hamming: 0.3 * (1 - share) },
      };
    }
    if (tag === "Choices") return { classes: classMetrics(labels, single, true) };
    if (tag === "Labels") {
      return { classes: classMetrics(labels, spansAsClasses(pairs), false), spans: spanMetrics(pairs) };
    }
    if (tag === "RectangleLabels") {
      return {
        classes: classMetrics(labels, spansAsClasses(pairs), false),
        boxes: { precision: 0.9 * share + 0.08, recall: 0.86 * share + 0.05, f1: 0.88 * share + 0.06, mean_iou: 0.71 },
      };
    }
    if (tag === "Rating" || tag === "Number") {
      const off = pairs.map(({ truth, predicted }) => numberOf(truth) - numberOf(predicted));
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      return {
        numbers: {
          pairs: pairs.length,
          mae: mean(off.map(Math.abs)),
          rmse: Math.sqrt(mean(off.map((value) => value * value))),
          spearman: 0.2 + 0.7 * share,
          quadratic_kappa: tag === "Rating" ? 0.15 + 0.75 * share : null,
          exact,
        },
      };
    }
    if (tag === "TextArea") return { texts: { similarity: 0.5 + 0.5 * share, token_f1: 0.45 + 0.5 * share, exact } };
    return tag === "Ranker" ? { ranking: { kendall_tau: 0.2 + 0.7 * share } } : {};
  };
  return {
    name: name ?? "",
    tag,
    compared: pairs.length,
    accuracy: wilson(exact, pairs.length),
    mean_score: around(share, pairs.length),
    ...none,
    ...family(),
  };
}

function regionsOf(regions: readonly Region[] | null, control: string | null): Region[] {
  return (regions ?? []).filter(({ from_name }) => from_name === control);
}

function same(one: readonly Region[], other: readonly Region[]): boolean {
  const values = (regions: readonly Region[]) => JSON.stringify(regions.map(({ value }) => value));
  return values(one) === values(other);
}

/** What the first region chooses; nothing where there is none. */
function labelOf([first]: readonly Region[]): string {
  const { choices, selected } = first?.value ?? {};
  const chosen = Array.isArray(choices) ? choices[0] : selected;
  return typeof chosen === "string" ? chosen : "";
}

function numberOf([first]: readonly Region[]): number {
  return Number(first?.value.rating ?? first?.value.number ?? 0);
}

type Single = { truth: string; predicted: string };

/** Each true region beside the predicted one of the same label, as far as there is one. */
function spansAsClasses(pairs: readonly { truth: Region[]; predicted: Region[] }[]): Single[] {
  const labelsIn = (regions: readonly Region[]) =>
    regions.map(({ value }) => String(((value.labels ?? value.rectanglelabels) as string[])[0]));
  return pairs.flatMap(({ truth, predicted }) => {
    const left = labelsIn(predicted);
    const found = labelsIn(truth).map((label) => {
      const at = left.indexOf(label);
      if (at >= 0) left.splice(at, 1);
      return { truth: label, predicted: at >= 0 ? label : "" };
    });
    return [...found, ...left.map((label) => ({ truth: "", predicted: label }))];
  });
}

function spanMetrics(pairs: readonly { truth: Region[]; predicted: Region[] }[]): SpanMetricsOf {
  const truths = pairs.reduce((sum, { truth }) => sum + truth.length, 0);
  const found = pairs.reduce((sum, { truth, predicted }) => sum + Math.min(truth.length, predicted.length), 0);
  const scheme = (correct: number, incorrect: number, partial: number): SpanScheme => {
    const [missed, spurious] = [truths - correct - incorrect - partial, Math.round(found * 0.04)];
    const score = correct + partial / 2;
    const precision = score / (correct + incorrect + partial + spurious);
    const recall = score / truths;
    return {
      precision,
      recall,
      f1: (2 * precision * recall) / (precision + recall),
      correct,
      incorrect,
      partial,
      missed,
      spurious,
    };
  };
  const off = Math.round(found * 0.08);
  return {
    strict: scheme(found - off, off, 0),
    exact: scheme(found - Math.ceil(off / 2), Math.ceil(off / 2), 0),
    partial: scheme(found - off, 0, off),
    by_type: scheme(found - Math.ceil(off / 4), Math.ceil(off / 4), 0),
    mean_iou: 0.92,
    per_class: [],
  };
}

type SpanMetricsOf = NonNullable<ControlMetrics["spans"]>;

export function classMetrics(
  labels: readonly string[],
  single: readonly Single[],
  hasConfusion: boolean,
): ClassMetrics {
  const all = [...labels, ...(single.some(({ truth, predicted }) => truth === "" || predicted === "") ? [""] : [])];
  const count = (test: (one: Single) => boolean) => single.filter(test).length;
  const per_class = labels.map((label): PerClass => {
    const support = count(({ truth }) => truth === label);
    const predicted = count((one) => one.predicted === label);
    const hits = count((one) => one.truth === label && one.predicted === label);
    const f1 = support + predicted === 0 ? null : (2 * hits) / (support + predicted);
    return {
      class: label,
      precision: predicted === 0 ? null : wilson(hits, predicted),
      recall: support === 0 ? null : wilson(hits, support),
      f1: f1 === null ? null : around(f1, Math.max(1, support)),
      support,
      predicted,
      true_positives: hits,
    };
  });
  const mean = (weight: (one: PerClass) => number) => {
    const weights = per_class.reduce((sum, one) => sum + weight(one), 0);
    return per_class.reduce((sum, one) => sum + weight(one) * (one.f1?.value ?? 0), 0) / Math.max(1, weights);
  };
  const right = count(({ truth, predicted }) => truth === predicted && truth !== "") / Math.max(1, single.length);
  return {
    macro_f1: mean(({ support, predicted }) => (support + predicted === 0 ? 0 : 1)),
    weighted_f1: mean(({ support }) => support),
    micro_f1: right,
    kappa: labels.length < 2 || !hasConfusion ? null : (right - 1 / labels.length) / (1 - 1 / labels.length),
    alpha: labels.length < 2 || !hasConfusion ? null : (right - 1 / labels.length) / (1 - 1 / labels.length) - 0.004,
    per_class,
    confusion: hasConfusion
      ? {
          labels: all,
          counts: all.map((truth) =>
            all.map((predicted) => count((one) => one.truth === truth && one.predicted === predicted)),
          ),
        }
      : null,
  };
}

function around(value: number, of: number): Interval {
  const half = 1.96 * Math.sqrt((value * (1 - value)) / of);
  return { value, low: Math.max(0, value - half), high: Math.min(1, value + half) };
}

function latency(rows: readonly ResultRow[]): LatencyMetrics | null {
  const times = rows.flatMap(({ latency_ms }) => (latency_ms === null ? [] : [latency_ms])).sort((a, b) => a - b);
  if (times.length === 0) return null;
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0;
  // In the steps of Rust, from the first that is not empty to the last.
  const ends = [0, 1, 2, 3].flatMap((decade) => [1, 2, 5].map((first) => first * 10 ** decade));
  const within = ends.map((up_to_ms, index) => ({
    up_to_ms,
    count: times.filter((ms) => ms > (ends[index - 1] ?? 0) && ms <= up_to_ms).length,
  }));
  const bins = within.slice(
    within.findIndex(({ count }) => count > 0),
    within.findLastIndex(({ count }) => count > 0) + 1,
  );
  return { p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99), bins };
}

function calibration(rows: readonly ResultRow[], run: Run): Calibration {
  const answers = rows.flatMap(({ confidence, correct }) =>
    confidence === null ? [] : [{ confidence, correct: correct === true }],
  );
  const bins = Array.from({ length: 10 }, (_, index) => {
    const [low, high] = [index / 10, (index + 1) / 10];
    const within = answers.filter(({ confidence }) => confidence >= low && confidence < high);
    const sum = within.reduce((total, { confidence }) => total + confidence, 0);
    return {
      low,
      high,
      count: within.length,
      confidence: within.length === 0 ? 0 : sum / within.length,
      accuracy: within.length === 0 ? 0 : within.filter(({ correct }) => correct).length / within.length,
    };
  });
  const ece = bins.reduce(
    (sum, bin) => sum + (bin.count / answers.length) * Math.abs(bin.confidence - bin.accuracy),
    0,
  );
  const coverage = [0.8, 0.9, 0.95, 0.99].map((accuracy, index) => ({
    accuracy,
    coverage: Math.max(0, (run.skill / 100) * (1 - index * 0.27)),
    threshold: 0.6 + index * 0.12,
  }));
  return { bins, ece, auroc: 0.5 + run.skill / 300, coverage };
}

/** Whether a row is counted in a cell. */
export function isInCell({ correct, error, ground_truth, prediction }: ResultRow, cell: CellFilter | null): boolean {
  if (cell === null) return true;
  if (cell.kind === "error") return error?.code === cell.code;
  if (correct === null) return false;
  const truth = regionsOf(ground_truth, cell.control);
  const predicted = regionsOf(prediction, cell.control);
  if (cell.kind === "confusion") return labelOf(truth) === cell.truth && labelOf(predicted) === cell.predicted;
  const holds = (regions: readonly Region[]) => JSON.stringify(regions).includes(JSON.stringify(cell.class));
  const [isTrue, isPredicted] = [holds(truth), holds(predicted)];
  return isTrue === (cell.outcome !== "fp") && isPredicted === (cell.outcome !== "fn");
}
