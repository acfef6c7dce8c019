import { expect, it } from "vitest";
import type { JsonValue, Region } from "@/ipc/bindings";
import { matchesOn } from "./match";

const region = (from_name: string, type: string, value: { [key: string]: JsonValue }, id = "a"): Region => ({
  id,
  from_name,
  to_name: "text",
  type,
  value,
});
const topic = (...choices: string[]) => region("topic", "choices", { choices });
const span = (start: number, end: number, label: string, text = "") =>
  region("entity", "labels", { start, end, text, labels: [label] }, `${start}`);

it.each<[what: string, control: string, said: Region[], truth: Region[], matches: boolean | null]>([
  ["the same choice", "topic", [topic("Billing")], [topic("Billing")], true],
  ["another choice", "topic", [topic("Billing")], [topic("Praise")], false],
  ["a choice on one side alone", "topic", [topic("Billing")], [], false],
  ["the same set in another order", "topic", [topic("A", "B")], [topic("B", "A")], true],
  ["a set in two regions", "topic", [topic("A"), topic("B")], [topic("B", "A")], true],
  ["a smaller set", "topic", [topic("A")], [topic("B", "A")], false],
  ["nothing on either side", "tone", [topic("A")], [topic("B")], null],
  ["what another control says", "topic", [topic("A"), span(0, 2, "X")], [topic("A"), span(0, 3, "X")], true],
  ["spans in another order", "entity", [span(0, 2, "X"), span(5, 9, "Y")], [span(5, 9, "Y"), span(0, 2, "X")], true],
  ["a span without its words", "entity", [span(0, 2, "X", "ab")], [span(0, 2, "X")], true],
  ["a longer span", "entity", [span(0, 2, "X")], [span(0, 3, "X")], false],
  ["a span twice", "entity", [span(0, 2, "X"), span(0, 2, "X")], [span(0, 2, "X")], false],
  [
    "the same path in a taxonomy",
    "kind",
    [region("kind", "taxonomy", { taxonomy: [["Food", "Fruit"]] })],
    [region("kind", "taxonomy", { taxonomy: [["Food", "Fruit"]] })],
    true,
  ],
  [
    "a text on its own and in a list",
    "note",
    [region("note", "textarea", { text: "ok" })],
    [region("note", "textarea", { text: ["ok"] })],
    true,
  ],
  [
    "a box with its sides in another order",
    "box",
    [region("box", "rectanglelabels", { x: 1, y: 2, rectanglelabels: ["Car"] })],
    [region("box", "rectanglelabels", { rectanglelabels: ["Car"], y: 2, x: 1 })],
    true,
  ],
])("%s", (_, control, prediction, ground_truth, matches) => {
  expect(matchesOn(control, { correct: false, prediction, ground_truth })).toBe(matches);
});

it("goes by the score where that says that all is right", () => {
  const rating = (value: number) => [region("stars", "number", { number: value })];
  const row = { prediction: rating(0.1 + 0.2), ground_truth: rating(0.3) };
  expect(matchesOn("stars", { ...row, correct: true })).toBe(true);
});

it("compares nothing where there is no ground truth or no answer", () => {
  expect(matchesOn("topic", { correct: null, prediction: [topic("A")], ground_truth: null })).toBe(null);
  expect(matchesOn("topic", { correct: null, prediction: null, ground_truth: [topic("A")] })).toBe(null);
});
