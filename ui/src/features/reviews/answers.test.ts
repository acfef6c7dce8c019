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
  const span = choice("s", { start: 1, end: 4 });
  const answers = answersOf([
    { run_id: "one", prediction: [choice("a", { choices: ["Other"] })] },
    { run_id: "two", prediction: [choice("b", { choices: ["Billing"] }), span] },
    { run_id: "three", prediction: [{ ...span, value: { end: 4, start: 1 } }, choice("c", { choices: ["Billing"] })] },
  ]);
  expect(answers.map(({ runIds }) => runIds)).toEqual([["two", "three"], ["one"]]);
});

it("tells of another answer only what is different in it", () => {
  const stars = choice("s", { rating: 4 });
  const rated = { ...stars, from_name: "stars" };
  const own = [choice("a", { choices: ["Other"] }), rated];
  const other = choice("b", { choices: ["Billing"] });
  expect(differenceOf(own, [other, rated]), "a choice stands in the place of the other").toEqual({
    more: [other],
    less: [],
  });
  expect(differenceOf(own, [rated]), "nothing was chosen").toEqual({ more: [], less: [own[0]] });
  const [first, second] = [choice("c", { start: 1, end: 4 }), choice("d", { start: 7, end: 9 })];
  expect(differenceOf([first], [second]), "a mark stands for itself").toEqual({ more: [second], less: [first] });
});
