import { describe, expect, it } from "vitest";
import { count, has, NO_ROWS, type Ranges, toggled, withoutRows, withRows } from "./ranges";

describe("selected rows", () => {
  it("are joined where they meet, and cut where some are taken away", () => {
    const two = withRows(withRows(NO_ROWS, 10, 20), 30, 40);
    expect(two).toEqual([
      { from: 10, to: 20 },
      { from: 30, to: 40 },
    ]);
    expect(withRows(two, 20, 30)).toEqual([{ from: 10, to: 40 }]);
    expect(withRows(two, 0, 5)).toEqual([{ from: 0, to: 5 }, ...two]);
    expect(withoutRows(two, 15, 35)).toEqual([
      { from: 10, to: 15 },
      { from: 35, to: 40 },
    ]);
    expect(withoutRows([{ from: 0, to: 9 }], 3, 4)).toEqual([
      { from: 0, to: 3 },
      { from: 4, to: 9 },
    ]);
  });

  it("are the same as a set of indices after any presses", () => {
    let ranges: Ranges = NO_ROWS;
    const set = new Set<number>();
    let seed = 7;
    for (let press = 0; press < 500; press += 1) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      const from = seed % 50;
      const to = from + 1 + (seed % 7);
      const indices = Array.from({ length: to - from }, (_, index) => from + index);
      if (press % 3 === 0) {
        ranges = withRows(ranges, from, to);
        for (const index of indices) set.add(index);
      } else if (press % 3 === 1) {
        ranges = withoutRows(ranges, from, to);
        for (const index of indices) set.delete(index);
      } else {
        ranges = toggled(ranges, from);
        if (!set.delete(from)) set.add(from);
      }
      expect(count(ranges)).toBe(set.size);
      expect(Array.from({ length: 60 }, (_, index) => has(ranges, index))).toEqual(
        Array.from({ length: 60 }, (_, index) => set.has(index)),
      );
    }
  });

  it("of a whole table are one range, however long it is", () => {
    expect(withRows(NO_ROWS, 0, 1_000_000)).toHaveLength(1);
    expect(count(withRows(NO_ROWS, 0, 1_000_000))).toBe(1_000_000);
  });
});
