import { expect, it } from "vitest";
import type { Region } from "@/ipc/bindings";
import { answersOf, differenceOf } from "./answers";

const choice = (id: string, value: Region["value"]): Region => ({
  id,
  from_name: "topic",
  to_name: "text",
  type: "choices",
  value,
});

it("tells an answer once, with all who gave it, whatever ids and order its regions have", () => {
  const span = { ...choice("s", { start: 1, end: 4, labels: ["Name"] }), type: "labels" };
  const answers = answersOf([
    { run_id: "one", prediction: [choice("a", { choices: ["Other"] })] },
    { run_id: "two", prediction: [choice("b", { choices: ["Billing"] }), span] },
    {
      run_id: "three",
      prediction: [{ ...span, value: { labels: ["Name"], end: 4, start: 1 } }, choice("c", { choices: ["Billing"] })],
    },
  ]);
  expect(answers.map(({ runIds }) => runIds)).toEqual([["two", "three"], ["one"]]);
});

it("takes answers for the same that say the same on each control", () => {
  const classes = (id: string, ...choices: string[]) => choice(id, { choices });
  const texts = (id: string, text: string | string[]) => ({
    ...choice(id, { text }),
    from_name: "why",
    type: "textarea",
  });
  const answers = answersOf([
    { run_id: "one", prediction: [classes("a", "Billing", "Other"), texts("b", "late")] },
    { run_id: "two", prediction: [texts("c", ["late"]), classes("d", "Other"), classes("e", "Billing")] },
    { run_id: "three", prediction: [texts("f", "late")] },
  ]);
  expect(answers.map(({ runIds }) => runIds)).toEqual([["one", "two"], ["three"]]);
  expect(differenceOf([texts("a", "late")], [texts("b", ["late"])])).toEqual({ more: [], less: [] });
});

it("tells of another answer only what is different in it", () => {
  const rated = { ...choice("s", { rating: 4 }), from_name: "stars", type: "rating" };
  const own = [choice("a", { choices: ["Other"] }), rated];
  const other = choice("b", { choices: ["Billing"] });
  expect(differenceOf(own, [other, rated]), "a choice stands in the place of the other").toEqual({
    more: [other],
    less: [],
  });
  expect(differenceOf(own, [rated]), "nothing was chosen").toEqual({ more: [], less: [own[0]] });
  const mark = (id: string, start: number, end: number) => ({
    ...choice(id, { start, end, labels: ["Name"] }),
    type: "labels",
  });
  const [first, second] = [mark("c", 1, 4), mark("d", 7, 9)];
  expect(differenceOf([first], [second]), "a mark stands for itself").toEqual({ more: [second], less: [first] });
});
