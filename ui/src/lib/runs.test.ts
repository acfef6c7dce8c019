import { expect, it } from "vitest";
import type { AskedModel, Repetition } from "@/ipc/bindings";
import { asksName, queueWords, runOf, severalRuns } from "./runs";

const run = runOf("p", { kind: "all" }, { only: "failed" });
const draft = { id: null, connection_id: "c", model: "a" };
const older = { id: "v1", connection_id: "c", model: "b" };
const model = (name: string): AskedModel => ({ connection_id: "c", model: name });

it("makes a run for each version, model and repetition, in this order", () => {
  const runs = severalRuns(run, [draft, older], [model("x"), model("y")], 2);
  const told = runs.map((one) => [one.version_id, one.model?.model, one.repetition?.number]);
  expect(told).toEqual([
    [null, "x", 1],
    [null, "x", 2],
    [null, "y", 1],
    [null, "y", 2],
    ["v1", "x", 1],
    ["v1", "x", 2],
    ["v1", "y", 1],
    ["v1", "y", 2],
  ]);
  expect(runs.every((one) => one.only === "failed" && one.prompt_id === "p")).toBe(true);
});

it("asks a version's own model once, though it is chosen by its name too", () => {
  const runs = severalRuns(run, [draft, older], [null, model("a")], 1);
  const told = runs.map((one) => [one.version_id, one.model, one.repetition]);
  expect(told).toEqual([
    [null, null, null],
    ["v1", null, null],
    ["v1", model("a"), null],
  ]);
});

it.each<[boolean, Repetition | null, string]>([
  [false, null, ""],
  [true, null, "qwen3:8b"],
  [false, { number: 2, of: 3 }, "repetition 2 of 3"],
  [true, { number: 2, of: 3 }, "qwen3:8b, repetition 2 of 3"],
])("says of a run what its version does not (%s, %o)", (is_other_model, repetition, words) => {
  expect(asksName({ is_other_model, repetition, model: "qwen3:8b", provider: "custom" })).toBe(words);
});

it.each([
  [1, "OpenAI", "Queued: the next on “OpenAI”"],
  [1200, "OpenAI", "Queued: number 1,200 on “OpenAI”"],
  [2, null, "Queued: number 2"],
  [null, "OpenAI", undefined],
])("says what a run waits for at place %s on %s", (queue_place, connection_name, words) => {
  expect(queueWords({ queue_place, connection_name })).toBe(words);
});
