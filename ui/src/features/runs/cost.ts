import type { ResultDetail, RunSummary } from "@/ipc/bindings";
import { formatCost, formatCount, formatLatency, formatNumber } from "@/lib/format";

/** What a run cost so far: what is known of it, and that the rest is not known. Unknown is never nothing. */
export function runCost(run: RunSummary): string {
  const { known, beside } = costParts(run);
  return [known, ...beside].join(" ");
}

/** The same where the amount stands by itself, with what belongs beside it. */
export function costParts(run: RunSummary): { known: string; beside: string[] } {
  const { cost_usd, cost_micros, unpriced, uncounted, limit_micros } = run;
  const lost = lostWords(run);
  const beyond = lost === undefined ? [] : [`and ${lost}`];
  if (cost_usd !== null) {
    const limit = limit_micros === null ? [] : [`of ${formatCost(limit_micros / 1e6)}`];
    return { known: formatCost(cost_usd), beside: [...limit, ...beyond] };
  }
  if (cost_micros === 0 && uncounted > 0) {
    return { known: "cost unknown", beside: ["as the server gives no usage", ...beyond] };
  }
  if (cost_micros === 0) return { known: formatCost(null), beside: [] };
  const unknown = `and ${formatCount(unpriced, "reply", "replies")} of unknown price`;
  return { known: formatCost(cost_micros / 1_000_000), beside: lost === undefined ? [unknown] : beyond };
}

/** "$0.12 of $2.00", what counts against the money stop of a run beside it; nothing of a run without one. */
export function spentOfLimit({ limit_micros, cost_micros, lost_micros }: RunSummary): string | undefined {
  if (limit_micros === null) return undefined;
  return `${formatCost((cost_micros + lost_micros) / 1e6)} of ${formatCost(limit_micros / 1e6)}`;
}

/** "$0.05 may have been charged for 24 answers whose cost is not known"; nothing where there is none. */
export function lostWords({ lost, lost_micros }: Pick<RunSummary, "lost" | "lost_micros">): string | undefined {
  if (lost_micros === 0) return undefined;
  const answers = lost === 1 ? "an answer" : formatCount(lost, "answer");
  return `${formatCost(lost_micros / 1_000_000)} may have been charged for ${answers} whose cost is not known`;
}

type Tokens = { [K in "prompt" | "completion" | "cached" | "reasoning" as `${K}_tokens`]: number | null };

/** Tokens in and out, where they are known: ["12,300 in (4,100 cached)", "2,050 out (800 reasoning)"]. */
export function tokenWords({ prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens }: Tokens): string[] {
  const words = (tokens: number | null, way: string, part: number | null, kind: string) =>
    tokens === null ? [] : [`${formatNumber(tokens)} ${way}${part ? ` (${formatNumber(part)} ${kind})` : ""}`];
  return [
    ...words(prompt_tokens, "in", cached_tokens, "cached"),
    ...words(completion_tokens, "out", reasoning_tokens, "reasoning"),
  ];
}

/** "14 requests", or "14 requests, 2 of them to find out the form of answers". */
export function requestWords({ requests, probes }: Pick<RunSummary, "requests" | "probes">): string {
  const words = formatCount(requests, "request");
  return probes === 0 ? words : `${words}, ${formatNumber(probes)} of them to find out the form of answers`;
}

/** How the answer of one task was come by: "2 requests, 1.9 s, tokens: 140 in, 41 out (32 reasoning), $0.00042". */
export function howAnswered({ row, attempts, cached_tokens, reasoning_tokens }: ResultDetail): string {
  if (row.cached) return "The answer from before was reused: nothing was sent or paid.";
  const parts = [formatCount(attempts, "request")];
  if (row.latency_ms !== null) parts.push(formatLatency(row.latency_ms));
  const tokens = tokenWords({ ...row, cached_tokens, reasoning_tokens });
  if (tokens.length > 0) parts.push(`tokens: ${tokens.join(", ")}`, formatCost(row.cost_usd));
  return parts.join(", ");
}
