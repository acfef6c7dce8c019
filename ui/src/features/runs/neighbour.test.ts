import { describe, expect, it, vi } from "vitest";
import { neighbour } from "./neighbour";

/** A table of tasks 1, 2, 3, …: the task at index 0 is 1. */
function table(total: number) {
  return vi.fn(async (offset: number, limit: number) => ({
    total,
    rows: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, index) => ({
      task_id: offset + index + 1,
    })),
  }));
}

describe("neighbour of a result", () => {
  it("steps across the edge of a page, both ways", async () => {
    expect(await neighbour(200, 1, 199, table(500))).toEqual({ task: 201, index: 200 });
    expect(await neighbour(201, -1, 200, table(500))).toEqual({ task: 200, index: 199 });
  });

  it("stays at the ends", async () => {
    expect(await neighbour(1, -1, 0, table(500))).toBeUndefined();
    expect(await neighbour(500, 1, 499, table(500))).toBeUndefined();
    expect(await neighbour(1, 1, 0, table(0))).toBeUndefined();
  });

  it("reads a page or two, however far down a table of a million rows it is", async () => {
    const read = table(1_000_000);
    expect(await neighbour(700_001, 1, 700_000, read)).toEqual({ task: 700_002, index: 700_001 });
    expect(read.mock.calls.length).toBeLessThan(4);
  });

  it("finds a row that moved, and one whose place is not known", async () => {
    expect(await neighbour(350, 1, 10, table(1000))).toEqual({ task: 351, index: 350 });
    expect(await neighbour(350, 1, 9_999_999, table(1000))).toEqual({ task: 351, index: 350 });
  });

  it("gives up on a task that is not in the table", async () => {
    const read = table(1_000_000);
    expect(await neighbour(2_000_000, 1, 0, read)).toBeUndefined();
    expect(read.mock.calls.length).toBeLessThan(200);
  });
});
