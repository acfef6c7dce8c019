import { expect, it } from "vitest";
import type { RunEstimate } from "@/ipc/bindings";
import { setLocale } from "@/lib/format";
import { runOf } from "@/lib/runs";
import { basisWords, batchWords, details, inShort, mostMicros, onlineWords, tokenWords, wantsPilot } from "./estimate";

setLocale("en-US");

function estimate(part: Partial<RunEstimate> = {}): RunEstimate {
  return {
    tasks: 200,
    owned: 20,
    unaskable: 0,
    with_media: 0,
    requests: 180,
    looked_at: 200,
    input_tokens: { low: 30_100, high: 34_900 },
    output_tokens: { low: 1_802, high: 2_210 },
    cost: { kind: "known", micros: { low: 41_234, high: 58_801 }, batch_micros: { low: 20_600, high: 29_400 } },
    is_assumed_free: false,
    time_ms: { low: 100_000, high: 140_000 },
    basis: { kind: "pilot", tasks: 20 },
    refused: null,
    short: null,
    batch_refused: null,
    ...part,
  };
}

it.each<[part: Partial<RunEstimate>, words: string]>([
  [{}, "200 tasks, 180 to ask, 20 reused · $0.04–$0.06 · about 2 min"],
  [
    { cost: { kind: "free" }, is_assumed_free: true },
    "200 tasks, 180 to ask, 20 reused · counted as free, on this computer · about 2 min",
  ],
  [{ owned: 0, requests: 200, time_ms: null }, "200 tasks, 200 to ask · $0.04–$0.06"],
  [{ owned: 200, requests: 0 }, "200 tasks, none to ask, 200 reused"],
  [
    { unaskable: 3, cost: { kind: "free" } },
    "200 tasks, 180 to ask, 20 reused, 3 cannot be asked · free · about 2 min",
  ],
  [
    { tasks: 100_000, looked_at: 4_000, requests: 74_750, owned: 25_250 },
    "100,000 tasks, about 75,000 to ask, about 25,000 reused · $0.04–$0.06 · about 2 min",
  ],
  [
    { cost: { kind: "known", micros: { low: 46, high: 46 }, batch_micros: null }, time_ms: null },
    "200 tasks, 180 to ask, 20 reused · $0.000046",
  ],
  [
    { cost: { kind: "known", micros: { low: 1_214_000, high: 115_206_600 }, batch_micros: null }, time_ms: null },
    "200 tasks, 180 to ask, 20 reused · $1.21–$115.21",
  ],
  [{ cost: { kind: "unknown", why: "price" }, time_ms: null }, "200 tasks, 180 to ask, 20 reused · price unknown"],
  [
    { cost: { kind: "unknown", why: "answer_length" }, time_ms: null },
    "200 tasks, 180 to ask, 20 reused · cost unknown",
  ],
])("%j reads %j", (part, words) => {
  expect(inShort(estimate(part))).toBe(words);
});

it("says what it is concluded from, and what is known beside it", () => {
  expect(basisWords({ kind: "pilot", tasks: 20 })).toBe("By a pilot of 20 tasks.");
  expect(basisWords({ kind: "version", answers: 1 })).toBe("By 1 answer of this version.");
  expect(details(estimate())).toEqual([
    "$0.02–$0.03 at the provider’s price of batches.",
    "1 min 40 s–2 min 20 s, as earlier runs were.",
  ]);
  const unknown = estimate({
    cost: { kind: "unknown", why: "answer_length" },
    output_tokens: null,
    time_ms: null,
    looked_at: 100,
    with_media: 1,
  });
  expect(details(unknown)).toEqual([
    "Nobody says how long an answer can get. A sample that is run first tells.",
    "No earlier run tells how long it takes.",
    "Concluded from 100 tasks.",
    "1 task shows files, which are not read for an estimate.",
  ]);
});

it("says how many requests and tokens it takes", () => {
  expect(tokenWords(estimate())).toBe("180 requests, 30,000–35,000 tokens in, 1,800–2,200 out");
  expect(tokenWords(estimate({ output_tokens: null }))).toBe(
    "180 requests, 30,000–35,000 tokens in, an unknown number out",
  );
  expect(tokenWords(estimate({ requests: 0 }))).toBeUndefined();
  expect(tokenWords(estimate({ tasks: 100_000, looked_at: 4000, requests: 74_750 }))).toMatch(
    /^about 75,000 requests,/,
  );
});

it("keeps a worst case apart from what is expected", () => {
  const blind = estimate({
    basis: { kind: "rule_of_thumb" },
    output_tokens: { low: 540, high: 5_898_240 },
    cost: {
      kind: "known",
      micros: { low: 30_000, high: 150_000_000 },
      batch_micros: { low: 15_000, high: 75_000_000 },
    },
    time_ms: null,
  });
  expect(inShort(blind)).toBe("200 tasks, 180 to ask, 20 reused · from $0.03, at most $150.00");
  expect(batchWords(blind)).toBe("As a batch · from $0.02, at most $75.00 · within 24 h");
  expect(tokenWords(blind)).toBe("180 requests, 30,000–35,000 tokens in, from 540, at most 5,900,000 out");
  expect(details(blind)[0]).toMatch(/^The least is for answers as short as .* as long as the model can write\.$/);
  const narrow = { ...blind, output_tokens: { low: 540, high: 900 } };
  expect(details(narrow)[0], "the schema says it").not.toMatch(/^The least/);
});

it("says what it comes to at once and as a batch", () => {
  expect(onlineWords(estimate())).toBe("Online · $0.04–$0.06 · about 2 min");
  expect(onlineWords(estimate({ time_ms: null }))).toBe("Online · $0.04–$0.06");
  expect(batchWords(estimate())).toBe("As a batch · $0.02–$0.03 · within 24 h");
  const unpriced = estimate({ cost: { kind: "unknown", why: "price" } });
  expect(batchWords(unpriced)).toBe("As a batch · about half the price · within 24 h");
});

it("offers a pilot where it tells much more and something is paid", () => {
  const blind = estimate({ basis: { kind: "rule_of_thumb" } });
  expect(wantsPilot(blind, 20)).toBe(true);
  expect(wantsPilot(estimate(), 20), "it is known already").toBe(false);
  expect(wantsPilot({ ...blind, cost: { kind: "free" } }, 20), "nothing is paid").toBe(false);
  expect(wantsPilot({ ...blind, requests: 20 }, 20), "it would be all").toBe(false);
});

it("knows the most that runs may cost, by their way of asking and their money stops", () => {
  const run = (part: Parameters<typeof runOf>[2]) => runOf("p", { kind: "all" }, part);
  expect(mostMicros(run({}), estimate())).toBe(58_801);
  expect(mostMicros(run({ batch: true }), estimate())).toBe(29_400);
  expect(mostMicros(run({ limit_micros: 5_000 }), estimate())).toBe(5_000);
  expect(mostMicros([run({ limit_micros: 5_000 }), run({ limit_micros: 6_000 })], estimate())).toBe(11_000);
  expect(mostMicros([run({ limit_micros: 5_000 }), run({})], estimate()), "one of them has none").toBe(58_801);
  expect(mostMicros(run({}), estimate({ cost: { kind: "free" } }))).toBe(0);
  expect(mostMicros(run({}), estimate({ cost: { kind: "unknown", why: "price" } }))).toBeUndefined();
});
