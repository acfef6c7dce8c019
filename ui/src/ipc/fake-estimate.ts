/** What runs of the scripted boundary would take: free on this computer, and by vendors more certain where a run has been. */
import type { EstimatedCost, NewRun, RunEstimate, Span } from "./bindings";
import { Refused } from "./fake-refused";
import type { Prompt } from "./fake-world";

/** A model whose price this world does not know. */
const UNPRICED = "gpt-4";

const TOKENS_OF_REQUEST = { low: 140, high: 190 };
const TOKENS_OF_ANSWER = { low: 9, high: 24 };
/** The longest that an answer could get while there is none. */
const TOKENS_MAX = 1_500;

/** What one answer can cost at the most. */
const ANSWER_MICROS_MAX = 800;

/** Of a run over so many tasks. */
export function runEstimate(run: NewRun, { draft, runs }: Prompt, tasks: number): RunEstimate {
  if (tasks === 0) throw new Refused("invalid", "none of these tasks failed when version 2 ran over it last");
  const owned = run.only === null && !run.ask_again && runs.length > 0 ? Math.round(tasks / 10) : 0;
  const requests = tasks - owned;
  const all = ({ low, high }: { low: number; high: number }) => ({ low: low * requests, high: high * requests });
  const isBlind = runs.length === 0;
  const answers = all(isBlind ? { ...TOKENS_OF_ANSWER, high: TOKENS_MAX } : TOKENS_OF_ANSWER);
  const input = all(TOKENS_OF_REQUEST);
  const priced = (share: number) => ({
    low: Math.round((input.low * 0.1 + answers.low * 0.5) * share),
    high: Math.round((input.high * 0.1 + answers.high * 0.5) * share),
  });
  const takesBatches = ["open_ai", "anthropic", "gemini"].includes(draft.provider);
  const isUnpriced = draft.model === UNPRICED;
  const cost: EstimatedCost =
    draft.provider === "practice" || draft.provider === "custom"
      ? { kind: "free" }
      : isUnpriced
        ? { kind: "unknown", why: "price" }
        : { kind: "known", micros: priced(1), batch_micros: takesBatches ? priced(0.5) : null };
  return {
    tasks,
    owned,
    unaskable: 0,
    with_media: 0,
    requests,
    looked_at: Math.min(tasks, 4_000),
    input_tokens: input,
    output_tokens: answers,
    cost,
    is_assumed_free: false,
    time_ms: isBlind ? null : { low: requests * 90, high: requests * 150 },
    basis: isBlind ? { kind: "rule_of_thumb" } : { kind: "version", answers: Math.min(200, runs[0]?.done ?? 0) },
    refused:
      isUnpriced && run.limit_micros !== null
        ? `a money stop could not be kept: the price of ${draft.model} is not known; enter it, under API Keys or by \`touchstone connection price\`, or take the limit away`
        : null,
    short:
      cost.kind === "known" && run.limit_micros !== null && requests > 0 && run.limit_micros < ANSWER_MICROS_MAX
        ? `one answer may cost up to $${ANSWER_MICROS_MAX / 1e6}, which is more than its money stop; set max_tokens (Max tokens) lower or the stop higher`
        : null,
    batch_refused: takesBatches ? null : "it takes no batches; run it online",
  };
}

/** The same as the vendor counts it, where nothing else tells and it does. */
export function countedEstimate(estimate: RunEstimate, { draft }: Prompt): RunEstimate {
  const by = draft.provider;
  const counts = by === "anthropic" || by === "gemini" || by === "vertex_ai";
  if (!counts || estimate.basis.kind !== "rule_of_thumb") return estimate;
  return { ...estimate, basis: { kind: "counted", tasks: 5, by } };
}

/** Of several runs; the first of them says how certain it is. */
export function sumOf([first, ...others]: RunEstimate[]): RunEstimate {
  if (first === undefined) throw new Refused("invalid", "choose what to run");
  const plus = (one: Span, other: Span) => ({ low: one.low + other.low, high: one.high + other.high });
  const sum = { ...first };
  for (const one of others) {
    sum.tasks += one.tasks;
    sum.owned += one.owned;
    sum.requests += one.requests;
    sum.looked_at += one.looked_at;
    sum.input_tokens = plus(sum.input_tokens, one.input_tokens);
    if (sum.time_ms !== null && one.time_ms !== null) sum.time_ms = plus(sum.time_ms, one.time_ms);
    if (sum.cost.kind === "known" && one.cost.kind === "known") {
      sum.cost = { kind: "known", micros: plus(sum.cost.micros, one.cost.micros), batch_micros: null };
    }
  }
  return sum;
}
