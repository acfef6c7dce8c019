/** Giving the columns of a table their widths: by the edge of a head, by so many pixels, or by what they hold. */
import { type PointerEvent, type RefObject, useCallback, useEffect, useRef } from "react";
import { type Arranged, FITTED_MAX, WIDTH_MIN } from "./arrangement";

type ColumnWidths = {
  /** To be called when the pointer is pressed on the edge of a column's head. */
  press: (event: PointerEvent, index: number) => void;
  /** Wider by so many pixels, or narrower. */
  resizeBy: (index: number, by: number) => void;
  /** As wide as the longest of what it holds in the rows that are drawn. */
  fit: (index: number) => void;
};

/**
 * `scroller` is the grid: its `--tracks` are those of all rows, `lead` of them before the columns'. `onResize` gets the
 * widths of the column and of those before it that would otherwise give way to it.
 */
export function useColumnWidths(
  scroller: RefObject<HTMLElement | null>,
  columns: readonly Arranged[],
  lead: readonly string[],
  onResize: ((widths: Record<string, number>) => void) | undefined,
): ColumnWidths {
  const latest = useRef({ columns, lead, onResize });
  latest.current = { columns, lead, onResize };
  const leave = useRef<() => void>(undefined);
  useEffect(() => () => leave.current?.(), []);

  /** Shows widths without drawing a row again. */
  const show = useCallback(
    (widths: Readonly<Record<string, string>>) => {
      const { columns, lead } = latest.current;
      const tracks = [...lead, ...columns.map(({ id, width }) => widths[id] ?? width)];
      scroller.current?.style.setProperty("--tracks", tracks.join(" "));
    },
    [scroller],
  );

  /** What its head measures now, and the widths once it is `width` wide. */
  const widthsWith = useCallback(
    (index: number) => {
      const { columns, lead } = latest.current;
      const heads = [...(scroller.current?.querySelectorAll("[role=columnheader]") ?? [])].slice(lead.length);
      const measured = heads.map((head) => Math.round(head.getBoundingClientRect().width));
      return {
        now: measured[index] ?? WIDTH_MIN,
        with: (width: number) => {
          const widths: Record<string, number> = {};
          // A column before it that gave way would take its edge from under the pointer.
          for (const [place, column] of columns.slice(0, index).entries())
            if (column.width.includes("fr")) widths[column.id] = measured[place] ?? WIDTH_MIN;
          const column = columns[index];
          if (column !== undefined) widths[column.id] = Math.max(WIDTH_MIN, Math.round(width));
          return widths;
        },
      };
    },
    [scroller],
  );

  const press = useCallback(
    (event: PointerEvent, index: number) => {
      if (event.button !== 0) return;
      event.preventDefault();
      leave.current?.();
      const { pointerId, clientX, currentTarget } = event;
      const widths = widthsWith(index);
      let wanted: Record<string, number> | undefined;
      currentTarget.setPointerCapture(pointerId);
      const listening = new AbortController();
      const end = () => {
        listening.abort();
        leave.current = undefined;
      };
      leave.current = end;
      const listen = <Name extends keyof WindowEventMap>(name: Name, heard: (event: WindowEventMap[Name]) => void) =>
        window.addEventListener(name, heard, { capture: true, signal: listening.signal });
      listen("pointermove", (event) => {
        if (event.pointerId !== pointerId) return;
        wanted = widths.with(widths.now + event.clientX - clientX);
        show(Object.fromEntries(Object.entries(wanted).map(([id, width]) => [id, `${width}px`])));
      });
      listen("pointerup", (event) => {
        if (event.pointerId !== pointerId) return;
        end();
        if (wanted !== undefined) latest.current.onResize?.(wanted);
      });
      const giveUp = () => {
        end();
        show({});
      };
      listen("pointercancel", (event) => {
        if (event.pointerId === pointerId) giveUp();
      });
      listen("keydown", (event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        giveUp();
      });
    },
    [show, widthsWith],
  );

  const resizeBy = useCallback(
    (index: number, by: number) => {
      const widths = widthsWith(index);
      latest.current.onResize?.(widths.with(widths.now + by));
    },
    [widthsWith],
  );

  const fit = useCallback(
    (index: number) => {
      const { columns, lead } = latest.current;
      const column = columns[index];
      if (column === undefined) return;
      const widths = widthsWith(index);
      // Each row is a grid of its own, so each says by itself how wide it would have the column.
      show({ [column.id]: "max-content" });
      const rows = [...(scroller.current?.querySelectorAll("[role=row]") ?? [])];
      const wide = rows.map((row) => row.children[lead.length + index]?.getBoundingClientRect().width ?? 0);
      show({});
      latest.current.onResize?.(widths.with(Math.min(FITTED_MAX, Math.ceil(Math.max(WIDTH_MIN, ...wide)))));
    },
    [scroller, show, widthsWith],
  );
  return { press, resizeBy, fit };
}
