import { beforeEach, describe, expect, it } from "vitest";
import {
  AS_MADE,
  arranged,
  inOrder,
  isAsMade,
  keepArrangement,
  moved,
  readArrangement,
  withShown,
  withWidths,
} from "./arrangement";

const answer = { id: "answer", width: "150px" };
const tokens = { id: "tokens", width: "80px", isOptional: true };
const columns = [{ id: "text", width: "minmax(100px, 1fr)" }, answer, tokens, { id: "error", width: "90px" }];
const ids = (all: readonly { id: string }[]) => all.map(({ id }) => id).join(" ");

describe("arrangement of columns", () => {
  it("shows what is shown at first, and what was chosen", () => {
    expect(ids(arranged(columns, AS_MADE))).toBe("text answer error");
    const chosen = withShown(withShown(AS_MADE, tokens, true), answer, false);
    expect(ids(arranged(columns, chosen))).toBe("text tokens error");
    expect(isAsMade(chosen)).toBe(false);
    expect(isAsMade(withShown(withShown(chosen, tokens, false), answer, true)), "shown and hidden as at first").toBe(
      true,
    );
  });

  it.each([
    ["error", 0, "error text answer tokens"],
    ["text", 1, "answer text tokens error"],
    ["text", 99, "answer tokens error text"],
    ["answer", -1, "answer text tokens error"],
    ["gone", 1, "text answer tokens error"],
  ])("takes %s to place %i", (id, to, order) => {
    expect(ids(inOrder(columns, moved(columns, AS_MADE, id, to)))).toBe(order);
  });

  it("puts a column that is new behind the one that it was made behind", () => {
    const before = columns.filter(({ id }) => id !== "tokens");
    const reversed = moved(before, moved(before, AS_MADE, "error", 0), "text", 2);
    expect(ids(inOrder(before, reversed))).toBe("error answer text");
    expect(ids(inOrder(columns, reversed))).toBe("error answer tokens text");
  });

  it("takes a column that is away meanwhile behind the others, and does not lose it", () => {
    const first = moved(columns, AS_MADE, "error", 0);
    const without = columns.filter(({ id }) => id !== "error");
    const other = moved(without, first, "answer", 0);
    expect(ids(inOrder(without, other))).toBe("answer text tokens");
    expect(ids(inOrder(columns, other))).toBe("answer text tokens error");
  });

  it("gives a column the width that it was given", () => {
    const [text, other] = arranged(columns, withWidths(AS_MADE, { text: 240 }));
    expect([text?.width, other?.width]).toEqual(["240px", "150px"]);
  });
});

describe("what is kept of it", () => {
  const KEY = "touchstone.columns.test";
  beforeEach(() => localStorage.clear());

  it("comes back as it was, and is gone once it is as made", () => {
    const mine = withWidths(withShown(moved(columns, AS_MADE, "error", 0), tokens, true), { text: 240 });
    keepArrangement(KEY, mine);
    expect(readArrangement(KEY)).toEqual(mine);
    keepArrangement(KEY, AS_MADE);
    expect(localStorage.length).toBe(0);
  });

  it.each([
    ["no JSON", "{"],
    ["another thing", "7"],
    ["parts of another kind", '{"order":[1],"shown":{"a":2},"widths":{"a":"7px","b":-3,"c":null}}'],
  ])("is as made where there is %s", (_, text) => {
    localStorage.setItem(KEY, text);
    expect(readArrangement(KEY)).toEqual(AS_MADE);
  });
});
