/** What a run would take, in words. */
import type { CostUnknown, EstimateBasis, NewRun, RunEstimate, Span } from "@/ipc/bindings";
import { formatCost, formatCount, formatDuration, formatEta, formatNumber } from "@/lib/format";
import { ASSUMED_FREE, freeWords, PROVIDER_NAMES } from "@/lib/models";

/** Of counts that are concluded from some of the tasks, more digits than these would promise too much. */
const DIGITS = 2;

/** "200 tasks, 180 to ask, 20 reused · $0.04–$0.06 · about 2 min" */
export function inShort(estimate: RunEstimate): string {
  const { requests, time_ms } = estimate;
  const parts = [toAsk(estimate)];
  if (requests > 0) {
    parts.push(costWords(estimate));
    if (time_ms !== null) parts.push(formatEta((time_ms.low + time_ms.high) / 2));
  }
  return parts.join(" · ");
}

function toAsk({ tasks, requests, owned, unaskable, looked_at }: RunEstimate): string {
  const isConcluded = looked_at < tasks;
  const number = (value: number) => (isConcluded ? `about ${formatNumber(rounded(value))}` : formatNumber(value));
  const parts = [formatCount(tasks, "task"), requests === 0 ? "none to ask" : `${number(requests)} to ask`];
  if (owned > 0) parts.push(`${number(owned)} reused`);
  if (unaskable > 0) parts.push(`${number(unaskable)} cannot be asked`);
  return parts.join(", ");
}

/** "180 requests, 30,000–35,000 tokens in, 1,800–2,200 out"; nothing where nobody is asked. */
export function tokenWords(estimate: RunEstimate): string | undefined {
  const { requests, input_tokens, output_tokens, tasks, looked_at, basis } = estimate;
  if (requests === 0) return undefined;
  const sent =
    looked_at < tasks ? `about ${formatCount(rounded(requests), "request")}` : formatCount(requests, "request");
  const output =
    output_tokens === null
      ? "an unknown number out"
      : `${span(output_tokens, basis, (tokens) => formatNumber(rounded(tokens)))} out`;
  return `${sent}, ${tokenSpan(input_tokens)} tokens in, ${output}`;
}

function costWords({ cost, is_assumed_free, basis }: RunEstimate): string {
  switch (cost.kind) {
    case "free":
      return is_assumed_free ? freeWords({ is_assumed_free }) : "free";
    case "known":
      return costSpan(cost.micros, basis);
    case "unknown":
      return cost.why === "answer_length" ? "cost unknown" : "price unknown";
  }
}

/** "Online · $0.04–$0.06 · about 2 min" */
export function onlineWords(estimate: RunEstimate): string {
  const { time_ms } = estimate;
  const time = time_ms === null ? [] : [formatEta((time_ms.low + time_ms.high) / 2)];
  return ["Online", costWords(estimate), ...time].join(" · ");
}

/** "As a batch · $0.02–$0.03 · within 24 h" */
export function batchWords({ cost, basis }: RunEstimate): string {
  const micros = cost.kind === "known" ? cost.batch_micros : null;
  return ["As a batch", micros === null ? "about half the price" : costSpan(micros, basis), "within 24 h"].join(" · ");
}

/** What runs may cost at the most, in millionths of a dollar; `undefined` where nobody knows. Each stops at its money stop. */
export function mostMicros(runs: NewRun | NewRun[], { cost }: RunEstimate): number | undefined {
  if (cost.kind !== "known") return cost.kind === "free" ? 0 : undefined;
  const all = Array.isArray(runs) ? runs : [runs];
  const asked = all.every(({ batch }) => batch) ? (cost.batch_micros ?? cost.micros) : cost.micros;
  const stops = all.reduce((sum, { limit_micros }) => sum + (limit_micros ?? Number.POSITIVE_INFINITY), 0);
  return Math.min(asked.high, stops);
}

/** "120 answers can be reused; asking again pays for them: $0.04–$0.06" */
export function askAgainWords({ owned }: RunEstimate, anew: RunEstimate | undefined): string {
  const answers = `${formatCount(owned, "answer")} can be reused`;
  if (anew?.cost.kind === "free") {
    return `${answers}; asking again ${anew.is_assumed_free ? "counts as free, on this computer" : "is free"}`;
  }
  const words = `${answers}; asking again pays for ${owned === 1 ? "it" : "them"}`;
  return anew === undefined ? words : `${words}: ${costWords(anew)} in all`;
}

/** What the estimate is concluded from, as a sentence. */
export function basisWords(basis: EstimateBasis): string {
  switch (basis.kind) {
    case "pilot":
      return `By a pilot of ${formatCount(basis.tasks, "task")}.`;
    case "version":
      return `By ${formatCount(basis.answers, "answer")} of this version.`;
    case "prompt":
      return `By ${formatCount(basis.answers, "answer")} of this prompt’s other versions.`;
    case "model":
      return `By ${formatCount(basis.answers, "answer")} of the same model to other prompts.`;
    case "counted":
      return `By ${PROVIDER_NAMES[basis.by]}’s count of the input of ${formatCount(basis.tasks, "task")}; output by rule of thumb.`;
    case "rule_of_thumb":
      return "By rule of thumb: the model has not answered yet.";
  }
}

/** What the estimate of several runs is concluded from: all of it is as certain as the least certain of them. */
export function leastCertain(basis: EstimateBasis): string {
  const words = basisWords(basis);
  return `The least certain of them ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}

const unknownWords: Record<CostUnknown, string> = {
  price: "Nobody says what the model costs. Its price can be entered in the API Keys window.",
  model: "Only its name says which model it is. Its base model or its price can be entered in the API Keys window.",
  answer_length: "Nobody says how long an answer can get. A sample that is run first tells.",
};

/** All that is known beside it, a line each. */
export function details(estimate: RunEstimate): string[] {
  const { tasks, looked_at, with_media, requests, output_tokens, cost, time_ms, basis } = estimate;
  const lines: string[] = [];
  if (requests > 0) {
    if (output_tokens !== null && isWorstCase(output_tokens, basis)) lines.push(WORST_CASE);
    if (cost.kind === "known" && cost.batch_micros !== null) {
      lines.push(`${costSpan(cost.batch_micros, basis)} at the provider’s price of batches.`);
    }
    if (cost.kind === "unknown") lines.push(unknownWords[cost.why]);
    if (estimate.is_assumed_free) lines.push(ASSUMED_FREE);
    lines.push(
      time_ms === null
        ? "No earlier run tells how long it takes."
        : `${between(formatDuration(roundedUp(time_ms.low)), formatDuration(roundedUp(time_ms.high)))}, as earlier runs were.`,
    );
  }
  if (looked_at < tasks) lines.push(`Concluded from ${formatCount(looked_at, "task")}.`);
  if (with_media > 0) {
    lines.push(`${formatCount(with_media, "task shows", "tasks show")} files, which are not read for an estimate.`);
  }
  return lines;
}

/** Whether a run over a small sample would tell much more, and costs something that one may want to know first. */
export function wantsPilot({ basis, cost, requests }: RunEstimate, pilotTasks: number): boolean {
  return (basis.kind === "rule_of_thumb" || basis.kind === "counted") && cost.kind !== "free" && requests > pilotTasks;
}

/** Where no answer tells, the most is what the model could write at all, and the least what an answer needs. */
const WORST_CASE =
  "The least is for answers as short as the labeling config allows, the most for answers as long as the model can write.";

/** From so many times the least on, the two ends are no range that one expects to be in. */
const APART = 4;

function isWorstCase({ low, high }: Span, basis: EstimateBasis): boolean {
  return (basis.kind === "rule_of_thumb" || basis.kind === "counted") && rounded(high) >= APART * rounded(low);
}

/** "1,800–2,200"; "from 9, at most 1,500" where the most is a worst case. */
function span(of: Span, basis: EstimateBasis, words: (value: number) => string): string {
  const [low, high] = [words(of.low), words(of.high)];
  return isWorstCase(of, basis) && low !== high ? `from ${low}, at most ${high}` : between(low, high);
}

/** "$0.04–$0.06", to the cent, as the command line says it: the same run must not cost more here than there. */
function costSpan(micros: Span, basis: EstimateBasis): string {
  return span(micros, basis, (value) => formatCost(value / 1_000_000));
}

function tokenSpan({ low, high }: Span): string {
  return between(formatNumber(rounded(low)), formatNumber(rounded(high)));
}

function between(low: string, high: string): string {
  return low === high ? low : `${low}–${high}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

/** Whole seconds: less is no matter of an estimate. */
function roundedUp(ms: number): number {
  return Math.ceil(rounded(ms) / 1000) * 1000;
}
