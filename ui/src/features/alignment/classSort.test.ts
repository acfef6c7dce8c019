import { expect, it } from "vitest";
import type { PerClass } from "@/ipc/bindings";
import { sorted } from "./classSort";

const row = (name: string, precision: number | null, support: number, hits: number): PerClass => ({
  class: name,
  precision: precision === null ? null : { value: precision, low: precision, high: precision },
  recall: null,
  f1: null,
  support,
  predicted: 10,
  true_positives: hits,
});
const rows = [row("Billing", 0.5, 20, 4), row("Alarm", null, 3, 3), row("Chat", 0.9, 20, 9)];
const names = (by: Parameters<typeof sorted>[1]["by"], descending: boolean) =>
  sorted(rows, { by, descending }).map((one) => one.class);

it("puts what cannot be told last, whichever way it is ordered", () => {
  expect(names("precision", true)).toEqual(["Chat", "Billing", "Alarm"]);
  expect(names("precision", false)).toEqual(["Billing", "Chat", "Alarm"]);
});

it("orders by name, and by what was missed or wrong", () => {
  expect(names("class", false)).toEqual(["Alarm", "Billing", "Chat"]);
  expect(names("fn", true)).toEqual(["Billing", "Chat", "Alarm"]);
  expect(names("fp", true)).toEqual(["Alarm", "Billing", "Chat"]);
});

it("keeps the order of the config among equals", () => {
  expect(names("support", true)).toEqual(["Billing", "Chat", "Alarm"]);
});
