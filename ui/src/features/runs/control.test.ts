import { expect, test } from "vitest";
import { nextConcurrency } from "./control";

test("the limit goes up and down by steps, from any number, and ends where Rust's does", () => {
  expect([nextConcurrency(8, 1), nextConcurrency(8, -1)]).toEqual([12, 6]);
  expect([nextConcurrency(50, 1), nextConcurrency(50, -1)]).toEqual([64, 48]);
  expect([nextConcurrency(512, 1), nextConcurrency(1, -1)]).toEqual([undefined, undefined]);
});
