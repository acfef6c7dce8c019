import { expect, it } from "vitest";
import type { ModelInfo, ModelPrice, Provider } from "@/ipc/bindings";
import { setLocale } from "./format";
import { isHere, modelOf, priceWords, replacementOf, retirementOf, speedWords, worksOffline } from "./models";

setLocale("en-US");
const now = new Date("2026-11-25T10:30:00Z");

const model = (part: Partial<ModelInfo>): ModelInfo => ({
  id: "m",
  context_tokens: null,
  output_tokens_max: null,
  has_vision: null,
  has_pdf: null,
  price: null,
  listed_price: null,
  retires: null,
  is_retired: false,
  is_added: false,
  is_free: false,
  is_assumed_free: false,
  structure: null,
  speed: null,
  reasoning: null,
  refuses: [],
  ...part,
});
const price = (part: Partial<ModelPrice>): ModelPrice => ({
  input_micros: null,
  output_micros: null,
  cached_micros: null,
  batch_input_micros: null,
  batch_output_micros: null,
  has_tiers: false,
  is_own: false,
  ...part,
});

it.each<[retires: string | null, isRetired: boolean, kind: string | undefined]>([
  [null, false, undefined],
  ["2026-11-25", false, "retired"],
  ["2026-11-26", false, "soon"],
  ["2027-01-24", false, "soon"],
  ["2027-01-25", false, "later"],
  // Whose clock is ahead is not known here.
  ["2026-11-26", true, "retired"],
])("a model that retires on %j (Rust says %j) is %j", (retires, is_retired, kind) => {
  expect(retirementOf(model({ retires, is_retired }), now)?.kind).toBe(kind);
});

it.each<[provider: Provider, endpoint: string | null, here: boolean]>([
  ["practice", null, true],
  ["custom", "http://127.0.0.1:8080/v1", true],
  ["custom", "http://[::1]:8080/v1", true],
  ["custom", "http://localhost/v1", true],
  ["custom", "http://192.168.0.7:8080/v1", false],
  ["custom", "https://localhost.example.org/v1", false],
  ["custom", null, false],
  ["azure_open_ai", "http://127.0.0.1:8080", false],
])("%s at %j is on this computer: %j", (provider, endpoint, here) => {
  expect(isHere({ provider, endpoint })).toBe(here);
});

it.each<[provider: Provider, endpoint: string | null, base_url: string | null, works: boolean]>([
  ["practice", null, null, true],
  ["custom", "http://localhost:1234/v1", null, true],
  ["custom", "https://models.example.org/v1", null, false],
  ["open_ai", null, null, false],
  ["open_ai", null, "http://127.0.0.1:4000", true],
  ["azure_open_ai", "https://res.openai.azure.com", null, false],
])("%s at %j by way of %j works while Offline is on: %j", (provider, endpoint, base_url, works) => {
  expect(worksOffline({ provider, endpoint, base_url })).toBe(works);
});

it("says how fast a model is as far as its server counts", () => {
  expect(speedWords({ parallel: 4, tokens_per_second: 38.24, tokens_per_second_parallel: 91.7 })).toBe(
    "38 tokens a second. Up to 4 requests at once help, 92 tokens a second together.",
  );
  expect(speedWords({ parallel: 1, tokens_per_second: 3.14, tokens_per_second_parallel: 3.14 })).toBe(
    "3.1 tokens a second. One request at a time; more would wait for each other.",
  );
  expect(speedWords({ parallel: 2, tokens_per_second: null, tokens_per_second_parallel: null })).toBe(
    "Up to 2 requests at once help.",
  );
});

it("never takes an unknown price for nothing", () => {
  const away = { provider: "open_ai", endpoint: null } as const;
  expect(priceWords(model({}), away)).toBe("price unknown");
  expect(priceWords(model({ price: price({}) }), away)).toBe("price unknown");
  expect(priceWords(model({ price: price({ input_micros: 75_000 }) }), away)).toBe("$0.075 in, unknown out per 1M");
  const tiers = price({ input_micros: 2_500_000, output_micros: 10_000_000, has_tiers: true });
  expect(priceWords(model({ price: tiers }), away)).toBe("from $2.50 in, $10.00 out per 1M");
  expect(priceWords(model({}), { provider: "practice", endpoint: null })).toBe("free, on this computer");
});

it("says whose price it is, and takes it for a server on this computer too", () => {
  const own = model({ price: price({ input_micros: 500_000, output_micros: 0, is_own: true }) });
  const here = { provider: "custom", endpoint: "http://127.0.0.1:8080/v1" } as const;
  expect(priceWords(own, here)).toBe("$0.50 in, $0.00 out per 1M, your price");
});

it("offers the model that costs most like one that goes, and stays", () => {
  const at = (id: string, dollars: number, retires: string | null = null) =>
    model({ id, retires, price: price({ input_micros: dollars * 1e6, output_micros: dollars * 4e6 }) });
  const gone = at("gone", 30, "2026-10-23");
  const offered = [at("small", 0.1), at("large", 10), at("soon", 25, "2026-12-01"), gone, model({ id: "own" })];
  expect(replacementOf(gone, offered, now)?.id).toBe("large");
  expect(replacementOf(at("cheap", 0.2), offered, now)?.id).toBe("small");
  expect(replacementOf(model({ id: "unknown" }), offered, now)?.id).toBe("small");
  expect(replacementOf(gone, [gone], now)).toBeUndefined();
});

it("has one name for the practice model, also where only its id is told", () => {
  expect(["practice", "qwen3:8b"].map(modelOf)).toEqual(["Practice model", "qwen3:8b"]);
});
