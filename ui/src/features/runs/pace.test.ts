import { expect, it } from "vitest";
import type { RunProgress } from "@/ipc/bindings";
import { type Reading, rates, withReadings } from "./pace";

const at = (seconds: number, done: number): Reading => ({ at: seconds * 1000, done });

it("tells the pace of each step of five seconds, as far as there are readings", () => {
  const readings = [at(100, 10), at(105, 60), at(107, 80), at(110, 85)];
  expect(rates(readings, 110_000)).toEqual([
    { ago_s: 5, rate: 10 },
    { ago_s: 0, rate: 5 },
  ]);
  expect(rates([], 110_000)).toEqual([]);
});

it("falls to nothing where a run stands still", () => {
  const told = rates([at(0, 0), at(10, 100)], 20_000);
  expect(told.map(({ rate }) => rate)).toEqual([10, 10, 0, 0]);
});

it("shows no more than the last five minutes", () => {
  const readings = Array.from({ length: 400 }, (_, second) => at(second, second * 8));
  const told = rates(readings, 399_000);
  expect(told).toHaveLength(60);
  expect(told[0]).toEqual({ ago_s: 295, rate: 8 });
});

it("keeps one reading of each second of each run, and forgets those that are too old", () => {
  const progress = (id: string, done: number, status = "in_progress") => ({ run: { id, done, status } }) as RunProgress;
  let paces = withReadings({}, [progress("a", 1), progress("q", 0, "queued")], 1_000_000);
  expect(paces).toEqual({ a: [{ at: 1_000_000, done: 1 }] });
  expect(withReadings(paces, [progress("a", 2)], 1_000_100), "too soon").toBe(paces);
  paces = withReadings(paces, [progress("b", 5)], 1_300_000);
  expect(Object.keys(paces)).toEqual(["a", "b"]);
  paces = withReadings(paces, [progress("b", 9)], 1_400_000);
  expect(Object.keys(paces)).toEqual(["b"]);
});
