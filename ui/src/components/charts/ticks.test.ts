import { describe, expect, it } from "vitest";
import { placed, shareDomain, thinned } from "./ticks";

it("leaves ticks out where there is no room for all, evenly and from the first on", () => {
  expect(thinned([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([1, 4, 7]);
  expect(thinned([1, 2, 3], 8)).toEqual([1, 2, 3]);
  expect(thinned([], 3)).toEqual([]);
});

it("has an axis of shares end at fives of points around the intervals, and never beyond none and all", () => {
  expect(shareDomain([0.61, 0.7], [0.82, 0.94])).toEqual([0.55, 1]);
  expect(shareDomain([0.01], [0.03])).toEqual([0, 0.05]);
  expect(shareDomain([0.975], [1])).toEqual([0.95, 1]);
});

describe("names of points", () => {
  const room = { width: 300, height: 200 };

  it("stand on the right of their points", () => {
    expect(placed([{ x: 50, y: 100, width: 40 }], room)[0]?.x).toBeGreaterThan(50);
  });

  it("stand on the left where the right has no room", () => {
    const [name] = placed([{ x: 280, y: 100, width: 60 }], room);
    expect((name?.x ?? 0) + 60).toBeLessThan(280);
  });

  it("do not lie on each other where points are close", () => {
    const [first, second] = placed(
      [
        { x: 100, y: 100, width: 60 },
        { x: 102, y: 101, width: 60 },
      ],
      room,
    );
    const apart =
      Math.abs((first?.y ?? 0) - (second?.y ?? 0)) >= 12 || Math.abs((first?.x ?? 0) - (second?.x ?? 0)) >= 60;
    expect(apart).toBe(true);
  });
});
