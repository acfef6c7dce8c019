import { expect, it } from "vitest";
import { runParts } from "./parts";

it("tells what became of the tasks, and never counts a failed one as wrong", () => {
  const { parts, words } = runParts({ total: 1_000, done: 400, scored: 200, correct: 150, failed: 30 });
  expect(parts.map(({ kind, count }) => [kind, count])).toEqual([
    ["correct", 150],
    ["wrong", 50],
    ["answered", 170],
    ["failed", 30],
  ]);
  expect(words).toBe("150 correct, 50 wrong, 170 answered, not scored, 30 failed, 600 left");
});

it("leaves out what there is none of", () => {
  const { parts, words } = runParts({ total: 60, done: 0, scored: 0, correct: 0, failed: 0 });
  expect(parts).toEqual([]);
  expect(words).toBe("60 left");
});
