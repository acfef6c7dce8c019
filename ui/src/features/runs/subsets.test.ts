import { expect, it } from "vitest";
import { firstSubset, offeredSubsets } from "./subsets";

const kinds = (task_count: number) => offeredSubsets({ task_count }).map(({ kind }) => kind);
const first = (task_count: number, ground_truth_count = 0) => firstSubset({ task_count, ground_truth_count }).kind;

it("offers a sample only of a project that has more tasks than it", () => {
  expect(kinds(20)).toEqual(["ground-truth", "ground-truth-dev", "ground-truth-held-out", "all"]);
  expect(kinds(21)[0]).toBe("sample");
});

it("begins with the ground truth, or with a sample, or with what there is", () => {
  expect([first(21, 1), first(21), first(20)]).toEqual(["ground-truth", "sample", "all"]);
});
