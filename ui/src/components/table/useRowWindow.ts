import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import {
  clampOffset,
  type Geometry,
  isCompressed,
  offsetAt,
  offsetShowing,
  physicalHeight,
  rowsDrawnMax,
  rowsToDraw,
  scrollTopAt,
} from "./rowWindow";

/** Rows come into sight in the frame that draws them, so one is enough to have them cut off at the edges. */
const OVERSCAN = 1;

/** Rows that stand in relation to the same place: browsers round the positions of boxes many millions of pixels down. */
const GROUP = 1024;

/** How long no row came or went before scrolling counts as over. */
const REST_MS = 250;

type RowWindow = {
  /** The element that scrolls. Its first `headHeight` pixels are a sticky head. */
  scroller: RefObject<HTMLDivElement | null>;
  /** The element that holds the rows. It stands still in sight while the scroller scrolls, and is moved by this hook. */
  rows: RefObject<HTMLDivElement | null>;
  start: number;
  end: number;
  /** Height of the element that makes the scroller scroll. */
  height: number;
  /** Height of the space for rows. */
  viewport: number;
  /** How many whole rows are in sight. */
  page: number;
  /** Distance of a row from the top of the element that holds the rows. */
  topOf: (row: number) => number;
  /**
   * Which of the elements that are kept for rows draws a row. While it is scrolled, a row that comes into sight takes
   * the element of one that left, and no element is made or moved; at rest, the elements stand in the order of the rows.
   */
  slotOf: (row: number) => number;
  showRow: (row: number) => void;
  /** By so many pixels, down; within a frame. */
  scrollBy: (pixels: number) => void;
};

/** Follows the scrolling of an element and says which rows to draw. */
export function useRowWindow(count: number, rowHeight: number, headHeight: number): RowWindow {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState(0);
  const geometry: Geometry = { count, rowHeight, viewport };
  const [drawn, setDrawn] = useState(() => rowsToDraw(geometry, 0, OVERSCAN));
  /** The row whose element comes first. */
  const [firstInOrder, setFirstInOrder] = useState(0);
  /** A scroll position that we set ourselves: the event it causes must not round our exact offset. */
  const own = useRef<number | null>(null);
  const latest = useRef({ geometry, offset: 0, drawn });
  latest.current.geometry = geometry;
  latest.current.drawn = drawn;
  const base = drawn.start - (drawn.start % GROUP);

  /** Moves the rows to where the offset has them, and draws others if others came into sight. */
  const place = useCallback((render: (change: () => void) => void) => {
    const { geometry, offset, drawn } = latest.current;
    const next = rowsToDraw(geometry, offset, OVERSCAN);
    if (next.start !== drawn.start || next.end !== drawn.end) render(() => setDrawn(next));
    // Drawing others moves them too.
    else if (rows.current !== null) shift(rows.current, latest.current.offset, drawn.start, geometry.rowHeight);
  }, []);

  useLayoutEffect(() => {
    if (rows.current !== null) shift(rows.current, latest.current.offset, drawn.start, rowHeight);
  });

  const moveTo = useCallback(
    (offset: number, render = (change: () => void) => change()) => {
      const element = scroller.current;
      if (element === null) return;
      const { geometry } = latest.current;
      const next = clampOffset(geometry, offset);
      latest.current.offset = next;
      element.scrollTop = scrollTopAt(geometry, next);
      own.current = element.scrollTop;
      place(render);
    },
    [place],
  );

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = () => setViewport(Math.max(0, element.clientHeight - headHeight));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [headHeight]);

  // Where the measures change, the row that was uppermost stays it.
  const before = useRef({ rowHeight });
  useLayoutEffect(() => {
    const { offset, geometry } = latest.current;
    const scaled = (offset / before.current.rowHeight) * rowHeight;
    before.current = { rowHeight };
    const wanted = clampOffset({ count, rowHeight, viewport }, scaled);
    // The browser itself keeps the place of a table that it scrolls.
    if (wanted !== offset || isCompressed(geometry)) moveTo(wanted);
    else place((change) => change());
  }, [count, rowHeight, viewport, moveTo, place]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    let frame = 0;
    let wheeled = 0;
    // Once a frame, and within it: what is drawn a frame late is a blank row.
    const draw = () => {
      frame = 0;
      const { geometry, offset } = latest.current;
      if (wheeled !== 0) {
        latest.current.offset = clampOffset(geometry, offset + wheeled);
        wheeled = 0;
        element.scrollTop = scrollTopAt(geometry, latest.current.offset);
        own.current = element.scrollTop;
      }
      place(flushSync);
    };
    const schedule = () => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    const onScroll = () => {
      const { scrollTop } = element;
      if (own.current !== null && Math.abs(own.current - scrollTop) < 1) return;
      own.current = null;
      latest.current.offset = offsetAt(latest.current.geometry, scrollTop);
      schedule();
    };
    const onWheel = (event: WheelEvent) => {
      const { geometry, offset } = latest.current;
      if (!isCompressed(geometry) || event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? geometry.rowHeight : 1;
      event.preventDefault();
      wheeled = clampOffset(geometry, offset + wheeled + event.deltaY * unit) - offset;
      schedule();
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener("scroll", onScroll);
      element.removeEventListener("wheel", onWheel);
    };
  }, [place]);

  useEffect(() => {
    const timer = setTimeout(() => {
      // The focus stays with an element, not with what is in it.
      if (!rows.current?.contains(document.activeElement)) setFirstInOrder(drawn.start);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [drawn]);

  const showRow = useCallback(
    (row: number) => {
      const { geometry, offset } = latest.current;
      const next = offsetShowing(geometry, offset, row);
      if (next !== offset) moveTo(next);
    },
    [moveTo],
  );

  const scrollBy = useCallback((pixels: number) => moveTo(latest.current.offset + pixels, flushSync), [moveTo]);

  const end = Math.min(drawn.end, count);
  const slots = rowsDrawnMax(geometry, OVERSCAN);
  return {
    scroller,
    rows,
    start: Math.min(drawn.start, end),
    end,
    height: physicalHeight(geometry),
    viewport,
    page: Math.max(1, Math.floor(viewport / rowHeight) - 1),
    topOf: (row) => (row - base) * rowHeight,
    slotOf: (row) => (((row - firstInOrder) % slots) + slots) % slots,
    showRow,
    scrollBy,
  };
}

function shift(rows: HTMLElement, offset: number, start: number, rowHeight: number): void {
  rows.style.transform = `translateY(${(start - (start % GROUP)) * rowHeight - offset}px)`;
}
