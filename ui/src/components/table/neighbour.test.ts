import { describe, expect, it, vi } from "vitest";
import { neighbour } from "./neighbour";

/** A table of 1, 2, 3, …: the row at index 0 is 1. */
function table(total: number) {
  return vi.fn(async (offset: number, limit: number) => ({
    total,
    rows: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, index) => offset + index + 1),
  }));
}

const is = (wanted: number) => (row: number) => row === wanted;

describe("neighbour of a row", () => {
  it("steps across the edge of a page, both ways", async () => {
    expect(await neighbour(is(200), 1, 199, table(500))).toEqual({ row: 201, index: 200 });
    expect(await neighbour(is(201), -1, 200, table(500))).toEqual({ row: 200, index: 199 });
  });

  it("stays at the ends", async () => {
    expect(await neighbour(is(1), -1, 0, table(500))).toBeUndefined();
    expect(await neighbour(is(500), 1, 499, table(500))).toBeUndefined();
    expect(await neighbour(is(1), 1, 0, table(0))).toBeUndefined();
  });

  it("reads a page or two, however far down a table of a million rows it is", async () => {
    const read = table(1_000_000);
    expect(await neighbour(is(700_001), 1, 700_000, read)).toEqual({ row: 700_002, index: 700_001 });
    expect(read.mock.calls.length).toBeLessThan(4);
  });

  it("finds a row that moved, and one whose place is not known", async () => {
    expect(await neighbour(is(350), 1, 10, table(1000))).toEqual({ row: 351, index: 350 });
    expect(await neighbour(is(350), 1, 9_999_999, table(1000))).toEqual({ row: 351, index: 350 });
  });

  it("gives up on a row that is not in the table", async () => {
    const read = table(1_000_000);
    expect(await neighbour(is(2_000_000), 1, 0, read)).toBeUndefined();
    expect(read.mock.calls.length).toBeLessThan(200);
  });
});
