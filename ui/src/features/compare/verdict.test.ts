import { describe, expect, it } from "vitest";
import type { PairedVerdict } from "@/ipc/bindings";
import { probabilityWords, verdictWords } from "./verdict";

const pair: PairedVerdict = {
  run_id: "b",
  baseline_id: "a",
  difference: { value: 0.032, low: 0.004, high: 0.061 },
  score_difference: null,
  mcnemar_p: 0.021,
  adjusted_p: 0.021,
  both_correct: 300,
  fixed: 31,
  broken: 15,
  both_wrong: 66,
  different: 80,
  verdict: "better",
  more_tasks_needed: null,
  per_class: [],
};
const names = { run: "v4", baseline: "v3" };
const check = (part: Partial<PairedVerdict>, shared = 412) => verdictWords({ ...pair, ...part }, shared, names);

describe("a verdict", () => {
  it("says by how much a run is better, and what was fixed and broken", () => {
    expect(check({})).toBe("v4 is better than v3 by 3.2 points (0.4 to 6.1), likely real: 31 fixed, 15 broken.");
  });

  it("turns the numbers of a worse one around, so that none is negative without need", () => {
    const difference = { value: -0.032, low: -0.061, high: 0.001 };
    expect(check({ verdict: "worse", difference, fixed: 15, broken: 31 })).toBe(
      "v4 is worse than v3 by 3.2 points (\u22120.1 to 6.1), likely real: 15 fixed, 31 broken.",
    );
  });

  it("says how many more ground truths would tell, as far as that can be estimated", () => {
    const open: Partial<PairedVerdict> = {
      verdict: "cannot_tell",
      difference: { value: 0.01, low: -0.014, high: 0.034 },
    };
    expect(check({ ...open, more_tasks_needed: 117 })).toBe(
      "Cannot tell whether v4 is better than v3: 31 fixed, 15 broken of 412, a difference of +1.0 points (\u22121.4 to 3.4). About 120 more ground truths are needed.",
    );
    expect(check({ ...open, more_tasks_needed: 1 })).toMatch(/About 1 more ground truth is needed\.$/);
    expect(check({ ...open, more_tasks_needed: null })).toMatch(/More ground truth is needed\.$/);
    expect(check({ ...open, fixed: 9, broken: 9 })).toMatch(/3\.4\)\.$/);
  });

  it("says without an interval that runs answered alike", () => {
    const alike = { verdict: "cannot_tell", different: 0, fixed: 0, broken: 0 } as const;
    expect(check(alike, 31)).toBe("v4 and v3 answered alike on all 31 tasks.");
    expect(check(alike, 1)).toBe("v4 and v3 answered alike on the one task.");
    expect(check({ ...alike, difference: null }, 0)).toMatch(/^Cannot tell v4 from v3/);
  });

  it("says that runs are equal, or that nothing was scored", () => {
    const difference = { value: 0.002, low: -0.003, high: 0.007 };
    expect(check({ verdict: "same", difference, fixed: 3, broken: 2 })).toBe(
      "v4 and v3 do equally well: 3 fixed, 2 broken, a difference of +0.2 points (\u22120.3 to 0.7).",
    );
    expect(check({ verdict: "cannot_tell", difference: null }, 0)).toBe(
      "Cannot tell v4 from v3: no task that both have answered has ground truth.",
    );
  });
});

it("writes probabilities to three digits", () => {
  expect(probabilityWords(0.0214)).toBe("= 0.021");
  expect(probabilityWords(0.00002)).toBe("< 0.001");
});
