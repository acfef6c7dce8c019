import { describe, expect, it } from "vitest";
import type { OutlineNode, Region } from "@/ipc/bindings";
import { piecesOf, spanOf, valueAt, valueText } from "./regions";

const region = (type: string, value: Region["value"]): Region => ({
  id: "r",
  from_name: "c",
  to_name: "t",
  type,
  value,
});

describe("regions", () => {
  it("counts spans in code points, so an emoji before one does not shift it", () => {
    const pieces = piecesOf("🙂🙂 Berlin!", [{ start: 3, end: 9, labels: ["Place"], colour: "" }]);
    expect(pieces.map((piece) => piece.text)).toEqual(["🙂🙂 ", "Berlin", "!"]);
  });

  it("shows both labels where spans overlap", () => {
    const spans = [
      { start: 0, end: 4, labels: ["A"], colour: "" },
      { start: 2, end: 6, labels: ["B"], colour: "" },
    ];
    const labels = piecesOf("abcdef", spans).map((piece) => piece.spans.flatMap((span) => span.labels).join(""));
    expect(labels).toEqual(["A", "AB", "B"]);
  });

  it("keeps offsets outside the text from losing any of it", () => {
    const pieces = piecesOf("abc", [{ start: -2, end: 99, labels: [], colour: "" }]);
    expect(pieces.map((piece) => piece.text).join("")).toBe("abc");
  });

  it("takes the colour of a span from its own control, not from another that knows the label too", () => {
    const control = (name: string, colour: string) =>
      ({ name, classes: [{ value: "X", alias: null, colour, hotkey: null }] }) as unknown as OutlineNode;
    const outline = { nodes: [control("other", "#111111"), control("c", "#222222")] };
    expect(spanOf(region("labels", { start: 0, end: 1, labels: ["X"] }), outline)?.colour).toBe("#222222");
  });

  it("says every kind of region in words", () => {
    expect(valueText(region("choices", { choices: ["Positive"] }))).toBe("Positive");
    expect(valueText(region("rating", { rating: 4 }))).toBe("4");
    expect(valueText(region("pairwise", { selected: "left" }))).toBe("The first is better");
    expect(valueText(region("textarea", { text: ["one", "two"] }))).toBe("one, two");
    expect(valueText(region("labels", { start: 1, end: 3, labels: ["X"] }), "abcd")).toBe("X: “bc”");
    expect(spanOf(region("choices", { choices: [] }))).toBeNull();
  });

  it("finds the value that a config names, by its whole key first", () => {
    const data = { rec: { body: "inner", list: ["a", "b"] }, "rec.title": "whole" };
    expect(["rec.body", "rec.title", "rec.list[1]", "rec.none", "none"].map((path) => valueAt(data, path))).toEqual([
      "inner",
      "whole",
      "b",
      undefined,
      undefined,
    ]);
  });
});
