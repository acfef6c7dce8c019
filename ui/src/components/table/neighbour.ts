/** Stepping from one open row to the next, in the order of the table and across its pages. */
import { PAGE_ROWS } from "./useRows";

type ReadPage<Row> = (offset: number, limit: number) => Promise<{ total: number; rows: readonly Row[] }>;

/** Pages that are looked through before giving up: a row that the filter hides is on none of them. */
const PAGES_MAX = 100;

/**
 * The row after (`by` 1) or before (-1) the one that is `open`, and its place. `near` is where that stood last, or should
 * stand: rows may have moved, so the pages around it are looked through, nearest first. `undefined` at the ends.
 */
export async function neighbour<Row>(
  open: (row: Row) => boolean,
  by: 1 | -1,
  near: number,
  read: ReadPage<Row>,
): Promise<{ row: Row; index: number } | undefined> {
  const page = (number: number) => read(number * PAGE_ROWS, PAGE_ROWS);
  const start = Math.max(0, Math.floor(near / PAGE_ROWS));
  const { total } = await page(start);
  for (const number of outward(start, Math.ceil(total / PAGE_ROWS))) {
    const { rows } = await page(number);
    const place = rows.findIndex(open);
    if (place === -1) continue;
    const index = number * PAGE_ROWS + place + by;
    if (index < 0 || index >= total) return undefined;
    const row = rows[place + by] ?? (await page(Math.floor(index / PAGE_ROWS))).rows[index % PAGE_ROWS];
    return row && { row, index };
  }
  return undefined;
}

/** Page numbers from `start` on, to both sides in turn. */
function outward(start: number, count: number): number[] {
  const from = Math.min(start, Math.max(0, count - 1));
  return Array.from({ length: count }, (_, distance) => (distance === 0 ? [from] : [from + distance, from - distance]))
    .flat()
    .filter((number) => number >= 0 && number < count)
    .slice(0, PAGES_MAX);
}
