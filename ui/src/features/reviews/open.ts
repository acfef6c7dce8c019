/** Which task of the queue is open, while the queue under it grows, changes its order, and loses what was decided about. */
import type { ReviewItem } from "@/ipc/bindings";

export type Open = {
  /** Its place in the queue, as far as is known. */
  index: number;
  /** `null` until it is read. */
  item: ReviewItem | null;
  /** It came back into the queue, and is opened where it is found. */
  wanted: number | null;
};

export const openAt = (index: number): Open => ({ index, item: null, wanted: null });

/** How far around a place an item that moved is looked for. */
const NEAR_ROWS = 400;

/**
 * What is open once the queue has `total` rows, of which some are known. An item that is open stays open wherever it moves:
 * nobody may decide about another one than that which they look at. The same object when nothing changed.
 */
export function stillOpen(open: Open, rowAt: (index: number) => ReviewItem | undefined, total: number): Open {
  const last = Math.max(0, total - 1);
  const index = Math.min(open.index, last);
  if (open.wanted !== null) {
    const at = placeOf(open.wanted, rowAt, index, total);
    if (at !== undefined) return { index: at, item: rowAt(at) ?? null, wanted: null };
  }
  const here = total === 0 ? undefined : rowAt(index);
  if (open.item === null) {
    return here === undefined && index === open.index ? open : { ...open, index, item: here ?? null };
  }
  if (here?.task_id === open.item.task_id) {
    return here === open.item && index === open.index ? open : { ...open, index, item: here };
  }
  const moved = placeOf(open.item.task_id, rowAt, index, total);
  if (moved !== undefined) return { ...open, index: moved, item: rowAt(moved) ?? open.item };
  if (isKnownWhole(rowAt, total)) return { ...open, index, item: here ?? null };
  return index === open.index ? open : { ...open, index };
}

function placeOf(
  taskId: number,
  rowAt: (index: number) => ReviewItem | undefined,
  near: number,
  total: number,
): number | undefined {
  for (let away = 0; away <= NEAR_ROWS; away += 1) {
    if (near + away < total && rowAt(near + away)?.task_id === taskId) return near + away;
    if (near - away >= 0 && rowAt(near - away)?.task_id === taskId) return near - away;
  }
  return undefined;
}

function isKnownWhole(rowAt: (index: number) => ReviewItem | undefined, total: number): boolean {
  if (total > NEAR_ROWS) return false;
  for (let index = 0; index < total; index += 1) if (rowAt(index) === undefined) return false;
  return true;
}
