/** Which tasks of the queue are selected: by task, as the queue may change its order, or all that the filter leaves. */
import type { ReviewItem, ReviewReason, ReviewTasks } from "@/ipc/bindings";

export type Selection = { kind: "all" } | { kind: "these"; items: ReadonlyMap<number, ReviewItem> };

export const NOTHING: Selection = { kind: "these", items: new Map() };
export const ALL: Selection = { kind: "all" };

export function isSelected(selection: Selection, item: ReviewItem): boolean {
  return selection.kind === "all" || selection.items.has(item.task_id);
}

/** With the item, or without it if it was selected. From all of the queue it goes back to the item alone. */
export function toggled(selection: Selection, item: ReviewItem): Selection {
  if (selection.kind === "all") return { kind: "these", items: new Map([[item.task_id, item]]) };
  const items = new Map(selection.items);
  if (!items.delete(item.task_id)) items.set(item.task_id, item);
  return { kind: "these", items };
}

export function selectionOf(items: readonly ReviewItem[]): Selection {
  return { kind: "these", items: new Map(items.map((item) => [item.task_id, item])) };
}

export function tasksOf(selection: Selection, reasons: readonly ReviewReason[]): ReviewTasks {
  return selection.kind === "all"
    ? { kind: "all", reasons: [...reasons] }
    : { kind: "these", task_ids: [...selection.items.keys()] };
}
