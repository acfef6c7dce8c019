import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import {
  clampOffset,
  type Geometry,
  isCompressed,
  offsetAt,
  offsetShowing,
  physicalHeight,
  rowsInSight,
  scrollTopAt,
} from "./rowWindow";

const OVERSCAN = 6;

type RowWindow = {
  scroller: RefObject<HTMLDivElement | null>;
  start: number;
  end: number;
  /** Height of the element that holds the rows. */
  height: number;
  /** How many whole rows are in sight. */
  page: number;
  /** Distance of a row from the top of the element that holds the rows. */
  topOf: (row: number) => number;
  showRow: (row: number) => void;
};

/** Follows the scrolling of an element whose first `headHeight` pixels are a sticky head, and says which rows to draw. */
export function useRowWindow(count: number, rowHeight: number, headHeight: number): RowWindow {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ offset: 0, scrollTop: 0, viewport: 0 });
  /** A scroll position that we set ourselves: the event it causes must not round our exact offset. */
  const own = useRef<number | null>(null);
  const geometry: Geometry = { count, rowHeight, viewport: view.viewport };
  const latest = useRef({ geometry, offset: view.offset });
  latest.current = { geometry, offset: clampOffset(geometry, view.offset) };

  const moveTo = useCallback((offset: number) => {
    const element = scroller.current;
    if (element === null) return;
    const { geometry } = latest.current;
    const next = clampOffset(geometry, offset);
    element.scrollTop = scrollTopAt(geometry, next);
    own.current = element.scrollTop;
    latest.current.offset = next;
    setView((old) => ({ ...old, offset: next, scrollTop: element.scrollTop }));
  }, []);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = () => setView((old) => ({ ...old, viewport: Math.max(0, element.clientHeight - headHeight) }));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [headHeight]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const onScroll = () => {
      const { scrollTop } = element;
      if (own.current !== null && Math.abs(own.current - scrollTop) < 1) return;
      own.current = null;
      setView((old) => ({ ...old, scrollTop, offset: offsetAt(latest.current.geometry, scrollTop) }));
    };
    const onWheel = (event: WheelEvent) => {
      const { geometry, offset } = latest.current;
      if (!isCompressed(geometry) || event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? geometry.rowHeight : 1;
      moveTo(offset + event.deltaY * unit);
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      element.removeEventListener("scroll", onScroll);
      element.removeEventListener("wheel", onWheel);
    };
  }, [moveTo]);

  const showRow = useCallback(
    (row: number) => {
      const { geometry, offset } = latest.current;
      const next = offsetShowing(geometry, offset, row);
      if (next !== offset) moveTo(next);
    },
    [moveTo],
  );

  const { offset } = latest.current;
  const { start, end } = rowsInSight(geometry, offset, OVERSCAN);
  // Uncompressed, offset and scrollTop are one, and a row keeps its place while the browser scrolls.
  const shift = isCompressed(geometry) ? view.scrollTop - offset : 0;
  return {
    scroller,
    start,
    end,
    height: physicalHeight(geometry),
    page: Math.max(1, Math.floor(view.viewport / rowHeight) - 1),
    topOf: (row) => row * rowHeight + shift,
    showRow,
  };
}
