import { expect, it } from "vitest";
import type { ResultDetail, RunSummary } from "@/ipc/bindings";
import { setLocale } from "@/lib/format";
import { howAnswered, runCost } from "./cost";

setLocale("en-US");

it.each<
  [
    cost: Pick<RunSummary, "cost_usd" | "cost_micros" | "unpriced" | "uncounted" | "limit_micros"> &
      Partial<RunSummary>,
    words: string,
  ]
>([
  [{ cost_usd: 0, cost_micros: 0, unpriced: 0, uncounted: 0, limit_micros: null }, "$0.00"],
  [{ cost_usd: 0.000003, cost_micros: 3, unpriced: 0, uncounted: 0, limit_micros: null }, "$0.000003"],
  [{ cost_usd: 0.52, cost_micros: 520_000, unpriced: 0, uncounted: 0, limit_micros: 2_000_000 }, "$0.52 of $2.00"],
  [{ cost_usd: null, cost_micros: 0, unpriced: 12, uncounted: 0, limit_micros: null }, "price unknown"],
  [
    { cost_usd: null, cost_micros: 0, unpriced: 12, uncounted: 12, limit_micros: null },
    "cost unknown as the server gives no usage",
  ],
  [
    { cost_usd: null, cost_micros: 520_000, unpriced: 1, uncounted: 0, limit_micros: 1_000_000 },
    "$0.52 and 1 reply of unknown price",
  ],
  [
    { cost_usd: null, cost_micros: 0, unpriced: 24, uncounted: 24, limit_micros: null, lost: 24, lost_micros: 50_000 },
    "cost unknown as the server gives no usage and $0.05 may have been charged for 24 answers whose cost is not known",
  ],
  [
    {
      cost_usd: 0.52,
      cost_micros: 520_000,
      unpriced: 0,
      uncounted: 0,
      limit_micros: null,
      lost: 1,
      lost_micros: 2_000,
    },
    "$0.52 and $0.002 may have been charged for an answer whose cost is not known",
  ],
])("what a run cost, %j, reads %j", (cost, words) => {
  expect(runCost({ lost: 0, lost_micros: 0, ...cost } as RunSummary)).toBe(words);
});

it.each<[detail: Record<string, unknown>, words: string]>([
  [{ cost_usd: null }, "1 request, 1.9\u00a0s, tokens: 140 in, 9 out, price unknown"],
  [{ cost_usd: 0.00042 }, "1 request, 1.9\u00a0s, tokens: 140 in, 9 out, $0.00042"],
  [{ cost_usd: 0.0000003, completion_tokens: null }, "1 request, 1.9\u00a0s, tokens: 140 in, $0.0000003"],
  [{ prompt_tokens: null, completion_tokens: null, cost_usd: 0 }, "1 request, 1.9\u00a0s"],
  [{ cost_usd: null, cached: true }, "The answer from before was reused: nothing was sent or paid."],
])("how a task was answered, %j, reads %j", (row, words) => {
  const answered = { cached: false, latency_ms: 1_940, prompt_tokens: 140, completion_tokens: 9, ...row };
  const detail = { row: answered, attempts: 1, cached_tokens: null, reasoning_tokens: null };
  expect(howAnswered(detail as ResultDetail)).toBe(words);
});

it("says which tokens were cheaper, and which nobody sees", () => {
  const row = { cached: false, latency_ms: null, prompt_tokens: 140, completion_tokens: 9, cost_usd: 0.01 };
  const detail = { row, attempts: 2, cached_tokens: 128, reasoning_tokens: 1 };
  expect(howAnswered(detail as ResultDetail)).toBe(
    "2 requests, tokens: 140 in (128 cached), 9 out (1 reasoning), $0.01",
  );
});
