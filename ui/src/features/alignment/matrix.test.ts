import { expect, it } from "vitest";
import { condensed, rowShares, sum } from "./matrix";

const confusion = {
  labels: ["rare", "often", "never", "some", ""],
  counts: [
    [1, 0, 0, 0, 0],
    [0, 40, 0, 3, 2],
    [0, 0, 0, 0, 0],
    [1, 2, 0, 9, 0],
    [0, 0, 0, 0, 0],
  ],
};

it("stays as it is while it can be looked at", () => {
  expect(condensed(confusion).classes.map(({ label }) => label)).toEqual(confusion.labels);
});

it("keeps the classes that occur most in their order, and counts all others as one", () => {
  const { classes, counts } = condensed(confusion, 3);
  expect(classes).toEqual([{ label: "often" }, { label: "some" }, { label: "" }, { label: "other", others: 2 }]);
  expect(counts).toEqual([
    [40, 3, 2, 0],
    [2, 9, 0, 1],
    [0, 0, 0, 0],
    [0, 0, 0, 1],
  ]);
  expect(sum(counts.flat()), "nothing is lost").toBe(sum(confusion.counts.flat()));
});

it("shares each row among its cells, and an empty row among none", () => {
  expect(
    rowShares([
      [1, 3],
      [0, 0],
    ]),
  ).toEqual([
    [0.25, 0.75],
    [0, 0],
  ]);
});
