/**
 * Which rows of a very long table are in sight, and where they stand.
 *
 * Browsers clamp an element at some 33.5 million pixels, less under zoom, so a million rows do not fit. Above a height
 * that every browser takes at 400 % zoom the scroll range is compressed: the scrollbar then jumps over rows, while wheel
 * and keys still move by exact pixels.
 */

const PHYSICAL_MAX = 8_000_000;

export type Geometry = {
  count: number;
  rowHeight: number;
  /** Height of the space for rows, in pixels. */
  viewport: number;
};

/** Height of all rows, as if there were no limit. */
function totalHeight({ count, rowHeight }: Geometry): number {
  return count * rowHeight;
}

/** Height that the scrolled element gets. */
export function physicalHeight(geometry: Geometry): number {
  return Math.min(totalHeight(geometry), PHYSICAL_MAX);
}

export function isCompressed(geometry: Geometry): boolean {
  return totalHeight(geometry) > PHYSICAL_MAX;
}

/** The largest offset: the last row stands at the lower edge. */
export function lastOffset(geometry: Geometry): number {
  return Math.max(0, totalHeight(geometry) - geometry.viewport);
}

export function clampOffset(geometry: Geometry, offset: number): number {
  return Math.min(Math.max(0, offset), lastOffset(geometry));
}

/** What the scrollbar's position means, in pixels of all rows. */
export function offsetAt(geometry: Geometry, scrollTop: number): number {
  if (!isCompressed(geometry)) return clampOffset(geometry, scrollTop);
  const range = physicalHeight(geometry) - geometry.viewport;
  return clampOffset(geometry, (scrollTop / range) * lastOffset(geometry));
}

/** Where the scrollbar stands for an offset. */
export function scrollTopAt(geometry: Geometry, offset: number): number {
  if (!isCompressed(geometry)) return offset;
  const range = physicalHeight(geometry) - geometry.viewport;
  return (offset / lastOffset(geometry)) * range;
}

/** `start` moves by so many rows at once: most frames of a slow scroll then draw the rows that are drawn already. */
const STEP = 3;

/** How many rows are drawn at most: those in sight, `overscan` on each side, and what `STEP` adds. */
export function rowsDrawnMax({ rowHeight, viewport }: Geometry, overscan: number): number {
  return Math.ceil(viewport / rowHeight) + 1 + 2 * overscan + STEP - 1;
}

/** The rows to draw: those in sight and at least `overscan` on each side, as far as there are any; `end` is not among them. */
export function rowsToDraw(geometry: Geometry, offset: number, overscan: number): { start: number; end: number } {
  const first = Math.max(0, Math.floor(offset / geometry.rowHeight) - overscan);
  const start = Math.min(first - (first % STEP), geometry.count);
  return { start, end: Math.min(geometry.count, start + rowsDrawnMax(geometry, overscan)) };
}

/** The offset nearest to the present one that shows all of `row`. */
export function offsetShowing(geometry: Geometry, offset: number, row: number): number {
  const top = row * geometry.rowHeight;
  const bottom = top + geometry.rowHeight;
  if (top < offset) return clampOffset(geometry, top);
  if (bottom > offset + geometry.viewport) return clampOffset(geometry, bottom - geometry.viewport);
  return offset;
}

/** How near to an edge something that is held over the rows makes them scroll, in pixels. */
const EDGE_PX = 40;

/** How fast they scroll for what is held at the edge itself or beyond it, in pixels a millisecond. */
const EDGE_SPEED_MAX = 0.8;

/** How fast rows that are seen from `top` to `bottom` scroll for what is held at `y`, in pixels a millisecond; negative is up. */
export function edgeSpeed(y: number, top: number, bottom: number): number {
  const edge = Math.min(EDGE_PX, (bottom - top) / 3);
  const into = Math.min(0, y - top - edge) + Math.max(0, y - bottom + edge);
  return (Math.min(Math.max(-edge, into), edge) / edge) * EDGE_SPEED_MAX;
}
