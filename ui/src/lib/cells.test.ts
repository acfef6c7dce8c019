import { describe, expect, it } from "vitest";
import type { CellFilter } from "@/ipc/bindings";
import { cellOf, cellWords, readCellSearch, searchOf } from "./cells";

const confused: CellFilter = { kind: "confusion", control: "topic", truth: "Billing", predicted: "" };
const missed: CellFilter = { kind: "class", control: "topic", class: "Billing", outcome: "fn" };
const refused: CellFilter = { kind: "error", code: "bad_request" };

describe("a cell in the address", () => {
  it.each([confused, missed, refused])("comes back as it was: %j", (cell) => {
    expect(cellOf(readCellSearch(searchOf(cell)))).toEqual(cell);
  });

  it("takes the place of another one, whose parts go", () => {
    expect(cellOf({ ...searchOf(confused), ...searchOf(missed) })).toEqual(missed);
    expect(cellOf({ ...searchOf(refused), ...searchOf(missed) })).toEqual(missed);
    expect(cellOf({ ...searchOf(missed), ...searchOf(null) })).toBeNull();
  });

  it("is none while a part is missing, or is no outcome at all", () => {
    expect(cellOf({ control: "topic", truth: "Billing" })).toBeNull();
    expect(cellOf({ truth: "Billing", predicted: "Delivery" })).toBeNull();
    expect(cellOf(readCellSearch({ control: "topic", class: "Billing", outcome: "no" }))).toBeNull();
  });

  it("may name a class that looks like a number", () => {
    expect(cellOf(readCellSearch({ control: "stars", truth: 5, predicted: 4 }))).toEqual({
      kind: "confusion",
      control: "stars",
      truth: "5",
      predicted: "4",
    });
  });
});

it("says what a cell holds", () => {
  expect(cellWords(confused)).toBe("topic: Billing, answered as nothing chosen");
  expect(cellWords({ ...confused, predicted: "Billing" })).toBe("topic: Billing, and answered so");
  expect(cellWords(missed)).toBe("topic: Billing, missed");
  expect(cellWords(refused)).toBe("failed: bad_request");
});
