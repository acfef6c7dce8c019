import { expect, it } from "vitest";
import type { ReviewItem } from "@/ipc/bindings";
import { type Open, openAt, stillOpen } from "./open";

const item = (task_id: number) => ({ task_id }) as ReviewItem;
/** A queue of these tasks, of which the first `read` are known. */
const queue = (ids: number[], read = ids.length) => {
  const items = ids.map(item);
  return { rowAt: (index: number) => (index < read ? items[index] : undefined), total: ids.length };
};
const still = (open: Open, { rowAt, total }: ReturnType<typeof queue>) => stillOpen(open, rowAt, total);
const told = ({ index, item, wanted }: Open) => [index, item?.task_id ?? null, wanted];

it("opens the row that it is at once that is read", () => {
  const open = openAt(1);
  expect(still(open, queue([7, 8, 9], 0)), "nothing is known yet").toBe(open);
  expect(told(still(open, queue([7, 8, 9])))).toEqual([1, 8, null]);
});

it("keeps a task open wherever the growing queue moves it", () => {
  const open = still(openAt(1), queue([7, 8, 9]));
  expect(told(still(open, queue([1, 2, 7, 8, 9])))).toEqual([3, 8, null]);
});

it("keeps a task open that moved out of what is known of the queue", () => {
  const open = still(openAt(1), queue([7, 8, 9]));
  expect(told(still(open, queue([1, 2, 3, 4, 5, 7, 8, 9], 4)))).toEqual([1, 8, null]);
});

it("opens what took its place when a task is gone from a queue that is known whole", () => {
  const open = still(openAt(1), queue([7, 8, 9]));
  expect(told(still(open, queue([7, 9])))).toEqual([1, 9, null]);
  expect(told(still(open, queue([7])))).toEqual([0, 7, null]);
  expect(told(still(open, queue([])))).toEqual([0, null, null]);
});

it("stays at the end when the last task is decided about", () => {
  expect(told(still(openAt(2), queue([7, 8])))).toEqual([1, 8, null]);
});

it("opens a task that came back, and goes on from it", () => {
  const open: Open = { ...still(openAt(0), queue([9])), wanted: 8 };
  expect(told(still(open, queue([9]))), "not read yet").toEqual([0, 9, 8]);
  expect(told(still(open, queue([7, 8, 9])))).toEqual([1, 8, null]);
});

it("is the same where nothing changed, so that drawing it ends", () => {
  const known = queue([7, 8, 9]);
  for (const open of [openAt(1), openAt(5), { ...openAt(0), wanted: 77 }]) {
    const once = still(open, known);
    expect(still(once, known)).toBe(once);
  }
});
