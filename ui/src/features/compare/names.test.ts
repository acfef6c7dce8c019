import { expect, it } from "vitest";
import type { RunSummary } from "@/ipc/bindings";
import { runNames } from "./names";

type Part = Partial<Pick<RunSummary, "prompt_id" | "version_number" | "model" | "number">>;
const named = (...parts: Part[]) =>
  runNames(
    parts.map((part) => ({
      run: { prompt_id: "a", provider: "custom", model: "qwen3:8b", ...part } as RunSummary,
      promptName: part.prompt_id === "b" ? "Tone" : "Topics",
    })),
  );

it("calls runs by their version where that tells them apart", () => {
  expect(named({ version_number: 3 }, { version_number: 4 })).toEqual(["v3", "v4"]);
});

it("names the model where one version was asked of two, and the run where of one twice", () => {
  const one = { version_number: 4, number: 6 };
  expect(named({ version_number: 3 }, one, { ...one, model: "gpt-5-mini", number: 7 })).toEqual([
    "v3",
    "v4 with qwen3:8b",
    "v4 with gpt-5-mini",
  ]);
  expect(named(one, { ...one, number: 8 })).toEqual(["v4, run 6", "v4, run 8"]);
});

it("names the prompts where there are several", () => {
  expect(named({ version_number: 1 }, { version_number: 1, prompt_id: "b" })).toEqual(["Topics v1", "Tone v1"]);
});
