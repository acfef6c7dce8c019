import { expect, it } from "vitest";
import { isStep } from "./useMove";

it.each<[before: object, after: object, step: boolean, what: string]>([
  [{}, { tab: "versions" }, true, "another tab"],
  [{ tab: "versions" }, {}, true, "and the one before"],
  [{}, { run: "run-1" }, true, "another run"],
  [{ q: "late" }, { q: "late", task: 3 }, true, "a task that is opened"],
  [{ task: 3 }, { task: 4 }, false, "the one after it"],
  [{ task: 3 }, { task: undefined }, false, "none any more"],
  [{}, { version: "version-1" }, true, "a version that is opened"],
  [{ version: "version-1" }, { version: "version-2" }, false, "another one"],
  [{ q: "lat" }, { q: "late" }, false, "typing"],
  [{}, { sort: "score_ascending", filter: "wrong" }, false, "an order and a filter"],
])("%j to %j: %s, %s", (before, after, step) => {
  expect(isStep({ ...before }, { ...after })).toBe(step);
});
