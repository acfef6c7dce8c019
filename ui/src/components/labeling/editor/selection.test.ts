import { expect, it } from "vitest";
import { move, placeOf, START, trimmed } from "./selection";

it("moves by what a reader sees as one character", () => {
  const text = "a👩‍👩‍👧b";
  expect(move(text, 1, 1, "grapheme"), "a family is one step of five code points").toBe(6);
  expect(move(text, 6, -1, "grapheme")).toBe(1);
  expect([move(text, 7, 1, "grapheme"), move(text, 0, -1, "grapheme")]).toEqual([7, 0]);
});

it("moves by words and not by blanks", () => {
  expect([move("Ada met Bob", 0, 1, "word"), move("Ada met Bob", 3, 1, "word")]).toEqual([3, 7]);
  expect(move("Ada met Bob", 11, -1, "word")).toBe(7);
});

it("marks no blanks at the ends", () => {
  expect(trimmed("😀 Ada met", 1, 6)).toEqual({ start: 2, end: 5, text: "Ada" });
  expect(trimmed("a  b", 1, 3).text).toBe("");
});

it("counts code points up to a point of the page", () => {
  const root = document.createElement("div");
  root.innerHTML = `<span ${START}="0">😀 </span><mark ${START}="2">Ada</mark><span ${START}="5">!</span>`;
  const [smile, ada] = root.children;
  expect(placeOf(root, smile?.firstChild as Node, 2), "two UTF-16 units are one code point").toBe(1);
  expect(placeOf(root, ada?.firstChild as Node, 1)).toBe(3);
  expect([placeOf(root, root, 1), placeOf(root, root, 3)]).toEqual([2, 6]);
  expect(placeOf(root, document.body, 0)).toBeNull();
});
