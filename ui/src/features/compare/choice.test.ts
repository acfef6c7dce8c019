import { expect, it } from "vitest";
import type { RunSummary } from "@/ipc/bindings";
import { defaultChoice } from "./choice";

const run = (id: string, version_number: number, part: Partial<RunSummary> = {}) =>
  ({ id, version_number, model: "qwen3:8b", scored: 40, done: 60, ...part }) as RunSummary;

it("holds the newest scored run against the newest of an earlier version", () => {
  expect(defaultChoice([run("d", 3, { scored: 0 }), run("c", 3), run("b", 2), run("a", 1)])).toEqual(["b", "c"]);
});

it("takes another model of the same version where no earlier one was run", () => {
  expect(
    defaultChoice([run("c", 2, { model: "gpt-5-mini" }), run("b", 2, { model: "gpt-5-mini" }), run("a", 2)]),
  ).toEqual(["a", "c"]);
});

it("takes runs without ground truth rather than none, and never one alone", () => {
  expect(defaultChoice([run("b", 2, { scored: 0 }), run("a", 1, { scored: 0 })])).toEqual(["a", "b"]);
  expect(defaultChoice([run("a", 1), run("q", 1, { scored: 0, done: 0 })])).toEqual([]);
  expect(defaultChoice([])).toEqual([]);
});
