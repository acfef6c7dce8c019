import { describe, expect, it } from "vitest";
import type { OutlineNode, Region } from "@/ipc/bindings";
import { classesOf, colourOf, inShort, piecesOf, spanOf, valueAt, valueText } from "./regions";

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

  it("takes the colour of a class by its whole name, and only else by what a path ends with", () => {
    const option = (value: string, colour: string, alias: string | null = null) => ({ value, alias, colour });
    const node = {
      classes: [option("b", "#111111"), option("a / b", "#222222"), option("Long", "#333333", "c")],
    } as unknown as OutlineNode;
    expect(["b", "a / b", "z / b", "c", "z / Long", "zb", "none"].map((name) => colourOf(node, name))).toEqual([
      "#111111",
      "#222222",
      "#111111",
      "#333333",
      "#333333",
      "#A49F95",
      "#A49F95",
    ]);
    expect(colourOf(undefined, "b")).toBe("#A49F95");
  });

  it("has each path of a taxonomy as one class", () => {
    const paths = region("taxonomy", { taxonomy: [["Animals", "Cat"], ["Plants"]] });
    expect(classesOf(paths)).toEqual(["Animals / Cat", "Plants"]);
    expect(classesOf(region("rating", { rating: 4 }))).toEqual([]);
  });

  it("says every kind of region in words", () => {
    expect(valueText(region("choices", { choices: ["Positive"] }))).toBe("Positive");
    expect(valueText(region("rating", { rating: 4 }))).toBe("4");
    expect(valueText(region("pairwise", { selected: "left" }))).toBe("The first is better");
    expect(valueText(region("textarea", { text: ["one", "two"] }))).toBe("one, two");
    expect(valueText(region("ranker", { ranker: { good: ["a", "b"], bad: [] } }))).toBe("good: 1. a, 2. b; bad: ");
    expect(valueText(region("labels", { start: 1, end: 3, labels: ["X"] }), "abcd")).toBe("X: “bc”");
    expect(spanOf(region("choices", { choices: [] }))).toBeNull();
  });

  it("shows a file that stands in the data itself by its type", () => {
    expect(inShort("data:image/png;base64,iVBORw0KGgo")).toBe("data:image/png…");
    expect(inShort(["data:application/pdf,a", "one\n two", null, { a: 1 }])).toBe(
      'data:application/pdf…, one two, , {"a":1}',
    );
    expect([inShort("data: none, as ever"), inShort("x".repeat(500)).length]).toEqual(["data: none, as ever", 400]);
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
