import { render, screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { RunMetrics, RunSummary } from "@/ipc/bindings";
import { Cards } from "./Cards";

const unscored = {
  accuracy: null,
  accuracy_with_failed: null,
  mean_score: null,
  prompt_tokens: 0,
  completion_tokens: 0,
  cached_tokens: 0,
  reasoning_tokens: 0,
  cost_usd: 0,
  cost_micros: 0,
  limit_micros: null,
  cached: 0,
  requests: 8,
  probes: 0,
  uncounted: 0,
  lost: 0,
  lost_micros: 0,
  retries: 0,
  total: 8,
  wall_ms: 900,
};

const waiting = { done: 0, failed: 0, accuracy_with_failed: null };

it.each<[words: string, part: Partial<RunSummary>, hasTruth?: boolean]>([
  ["no task of this run has ground truth", { subset: { kind: "all" }, done: 8, failed: 0 }],
  ["no task of this run has ground truth", { subset: { kind: "custom" }, done: 8, failed: 0 }, true],
  ["no task of this run has ground truth", { subset: { kind: "all" }, ...waiting }],
  ["no task with ground truth was answered yet", { subset: { kind: "all" }, ...waiting }, true],
  ["no task with ground truth was answered yet", { subset: { kind: "custom" }, ...waiting, done: 2 }, true],
  ["no task with ground truth was answered", { subset: { kind: "all" }, done: 8, failed: 2, accuracy_with_failed: 0 }],
  [
    "no task with ground truth was answered",
    { subset: { kind: "ground-truth" }, done: 8, failed: 8, accuracy_with_failed: 0 },
  ],
  ["no task with ground truth was answered yet", { subset: { kind: "ground-truth-held-out" }, ...waiting }, true],
  ["no answer could be compared with its ground truth", { subset: { kind: "ground-truth-dev" }, done: 8, failed: 7 }],
])("says “%s” of %j", (words, part, hasTruth = false) => {
  render(<Cards run={{ ...unscored, ...part } as RunSummary} hasTruth={hasTruth} />);
  expect(screen.getAllByText("Not scored"), "neither accuracy nor mean score").toHaveLength(2);
  expect(screen.getByText(words)).toBeTruthy();
});

it.each<[input: string, output: string, part: Partial<RunSummary>]>([
  ["12,300 in (4,100 cached)", "2,050 out (800 reasoning)", { cached_tokens: 4_100, reasoning_tokens: 800 }],
  ["12,300 in", "2,050 out", {}],
])("tells input from output, as “%s” and “%s”", (input, output, part) => {
  const summary = { ...unscored, subset: { kind: "all" }, prompt_tokens: 12_300, completion_tokens: 2_050, ...part };
  render(<Cards run={summary as RunSummary} hasTruth />);
  expect(screen.getByText("14,350")).toBeTruthy();
  expect(screen.getByText(input)).toBeTruthy();
  expect(screen.getByText(output)).toBeTruthy();
});

it.each<[amount: string, beside: string[], part: Partial<RunSummary>]>([
  ["$1.97", ["of $2.00", "184 answers reused"], { cost_usd: 1.97, limit_micros: 2_000_000, cached: 184 }],
  ["$1.97", ["8 requests"], { cost_usd: 1.97 }],
  ["price unknown", ["8 requests"], { cost_usd: null }],
  ["$0.50", ["and 12 replies of unknown price", "8 requests"], { cost_usd: null, cost_micros: 500_000, unpriced: 12 }],
])("tells the cost %s with %s", (amount, beside, part) => {
  render(<Cards run={{ ...unscored, subset: { kind: "all" }, ...part } as RunSummary} hasTruth />);
  expect(screen.getByText(amount)).toBeTruthy();
  for (const words of beside) expect(screen.getByText(words)).toBeTruthy();
});

it("says what else was asked, and that a server which counts nothing leaves the cost unknown", () => {
  const part = { cost_usd: null, unpriced: 8, uncounted: 8, requests: 10, probes: 2 };
  render(<Cards run={{ ...unscored, subset: { kind: "all" }, ...part } as RunSummary} hasTruth />);
  expect(screen.getByText("cost unknown")).toBeTruthy();
  expect(screen.getByText("as the server gives no usage")).toBeTruthy();
  expect(screen.getByText("10 requests, 2 of them to find out the form of answers")).toBeTruthy();
});

it("says between what the mean score likely is, and how long answers took", () => {
  const metrics = { mean_score: { value: 0.8, low: 0.75, high: 0.84 }, latency: { p50_ms: 900, p95_ms: 2300 } };
  const run = { ...unscored, subset: { kind: "all" }, done: 8, failed: 0, mean_score: 0.8 } as RunSummary;
  render(<Cards run={run} hasTruth metrics={metrics as RunMetrics} />);
  expect(screen.getByText("(75.0–84.0)", { ignore: "[aria-hidden]" })).toBeTruthy();
  expect(screen.getByText(/^p50 900.ms, p95 2.3.s$/)).toBeTruthy();
});

it("tells no time of a run that has not begun, and none that was measured of one that just began", () => {
  const told = (part: Partial<RunSummary>) => {
    const { container, unmount } = render(
      <Cards run={{ ...unscored, subset: { kind: "all" }, wall_ms: 0, ...part } as RunSummary} hasTruth />,
    );
    const time = within(container).getByText("Time").closest("div")?.textContent;
    unmount();
    return time;
  };
  expect(told({ started_at: null })).toMatch(/^Time–/);
  expect(told({ started_at: "2026-11-25T10:00:00Z" })).toMatch(/^Time0 ms/);
});
