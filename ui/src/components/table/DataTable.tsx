// biome-ignore-all lint/a11y/useSemanticElements: a <table> cannot place its rows by hand
// biome-ignore-all lint/a11y/useFocusableInteractive: rows take the focus, not their cells
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid itself listens for the keys of its rows
/** A table of any length: rows are drawn as they come into sight and read in pages. */
import { ArrowDown, ArrowUp, Check, Minus } from "lucide-react";
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type ReactNode,
  type Ref,
  type UIEvent,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { flushSync } from "react-dom";
import { useCommand } from "@/components/commands";
import { QueryProblem } from "@/components/QueryProblem";
import { copyText } from "@/components/ui/copyText";
import { MoreBeside } from "@/components/ui/MoreBeside";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { Explained, Term } from "@/components/ui/Term";
import { toast } from "@/components/ui/toast";
import type { Point } from "@/components/useDrag";
import { classes } from "@/lib/classes";
import { formatNumber } from "@/lib/format";
import { type TermName, terms } from "@/lib/terms";
import { copied } from "./copied";
import { GoToRow } from "./GoToRow";
import { count, has, NO_ROWS, type Ranges, toggled, withRows } from "./ranges";
import { edgeSpeed } from "./rowWindow";
import { useColumnWidths } from "./useColumnWidths";
import { PAGE_ROWS, type PageQuery, useRows } from "./useRows";
import { useRowWindow } from "./useRowWindow";

const HEAD_HEIGHT = 36;

/** What a table takes of its width before its columns have any: the boxes that select rows, and the scroll bar of `main.css`. */
export const SELECTION_PX = 44;
export const SCROLL_BAR_PX = 12;

const SELECTION_TRACK = `${SELECTION_PX}px`;

export type Column<Row> = {
  id: string;
  title: string;
  /** What the title means, where not everybody knows. */
  term?: TermName;
  /** A CSS grid track: `"80px"`, `"minmax(200px, 2fr)"`. */
  width: string;
  align?: "start" | "end";
  cell: (row: Row) => ReactNode;
  /** What a copy of the row has of it; nothing of a column without. */
  text?: (row: Row) => string;
  /** Stays in sight while others are scrolled. Only columns at the beginning can, and all but the last with a width in pixels. */
  isKept?: boolean;
  /** The head sorts: its present direction, and what a press does. */
  sort?: { direction: "ascending" | "descending" | "none"; onSort: () => void };
};

/** For what is dragged over the table, for what arranges its columns, and for what goes back to it. */
export type TableHandle<Row> = {
  /** Gives the focus to the row that the keyboard was at, in sight; without any row, to the table. */
  focus: () => void;
  /** The row that is seen at a point of the window. */
  rowAtPoint: (point: Point) => Row | undefined;
  /** Scrolls for a frame of so many milliseconds if the point is near the upper or the lower edge. */
  scrollNear: (point: Point, elapsed_ms: number) => void;
  /** Makes a column wider by so many pixels, or narrower; one that is not shown stays as it is. */
  resizeBy: (columnId: string, by: number) => void;
  /** Makes a column as wide as what it holds. */
  fit: (columnId: string) => void;
};

/** However long a frame took, rows do not leap away under the pointer. */
const FRAME_MS_MAX = 50;

type DataTableProps<Row> = {
  ref?: Ref<TableHandle<Row>>;
  /** Accessible name. */
  label: string;
  columns: readonly Column<Row>[];
  pageQuery: PageQuery<Row>;
  /** In pixels: 44 comfortable, 32 compact. */
  rowHeight: number;
  /** The row that is open beside the table. */
  opened?: (row: Row) => boolean;
  onOpen?: (row: Row, index: number) => void;
  /** The row that the keyboard is at, whenever it becomes another one. */
  onActive?: (row: Row | undefined, index: number) => void;
  /** Rows can be selected, any number of them. */
  selection?: { rows: Ranges; onChange: (rows: Ranges) => void };
  /** The length of the table, where it is known from elsewhere than its pages. */
  length?: number | undefined;
  /** More rows may still be found: being empty is not yet to be told. */
  isGrowing?: boolean;
  /** The row to come into sight whenever this becomes another one. */
  shown?: number | undefined;
  rowTone?: (row: Row) => "negative" | undefined;
  /** Columns can be given other widths, in pixels. */
  onResize?: (widths: Record<string, number>) => void;
  /** The row that takes what is held over it. Given only while something is dragged, when no row answers to hovering. */
  dropTarget?: ((row: Row) => boolean) | undefined;
  empty: ReactNode;
  className?: string;
};

export function DataTable<Row>({ label, columns, pageQuery, rowHeight, ...rest }: DataTableProps<Row>) {
  const { ref, opened, onOpen, onActive, selection, length, isGrowing = false, shown, ...looks } = rest;
  const { rowTone, onResize, dropTarget, empty, className } = looks;
  const [read, setRead] = useState(0);
  const total = length ?? read;
  const [active, setActive] = useState(0);
  const { scroller, rows, start, end, height, viewport, page, topOf, slotOf, showRow, scrollBy } = useRowWindow(
    total,
    rowHeight,
    HEAD_HEIGHT,
  );
  const { rowAt, known, failed, isPending } = useRows(pageQuery, start, end, total);
  if (known !== undefined && known !== read) setRead(known);
  // Another filter or order is another table: it is read from its top.
  const shape = JSON.stringify(pageQuery(0, PAGE_ROWS).queryKey);
  const seenShape = useRef(shape);
  useEffect(() => {
    if (seenShape.current === shape) return;
    seenShape.current = shape;
    setActive(0);
    showRow(0);
  }, [shape, showRow]);
  useEffect(() => {
    if (shown === undefined) return;
    setActive(shown);
    showRow(shown);
  }, [shown, showRow]);
  const lead = selection === undefined ? [] : [SELECTION_TRACK];
  const widths = useColumnWidths(scroller, columns, lead, onResize);
  const current = Math.min(active, Math.max(0, total - 1));
  const indexOf = (columnId: string) => columns.findIndex(({ id }) => id === columnId);
  useImperativeHandle(ref, () => ({
    focus: () => {
      if (total > 0) showRow(current);
      // A row that is only now drawn takes it from the table.
      (rowElement(rows.current, current) ?? scroller.current)?.focus({ preventScroll: true });
    },
    rowAtPoint: ({ x, y }) => {
      const element = document.elementFromPoint(x, y)?.closest("[role=row]") ?? null;
      const index = rows.current?.contains(element) ? rowIndex(element) : undefined;
      return index === undefined ? undefined : rowAt(index);
    },
    scrollNear: ({ x, y }, elapsed_ms) => {
      const box = scroller.current?.getBoundingClientRect();
      if (box === undefined || x < box.left || x >= box.right) return;
      const speed = edgeSpeed(y, box.top + HEAD_HEIGHT, box.bottom);
      if (speed !== 0) scrollBy(speed * Math.min(elapsed_ms, FRAME_MS_MAX));
    },
    resizeBy: (columnId, by) => {
      const index = indexOf(columnId);
      if (index !== -1) widths.resizeBy(index, by);
    },
    fit: (columnId) => {
      const index = indexOf(columnId);
      if (index !== -1) widths.fit(index);
    },
  }));
  const currentIsDrawn = current >= start && current < end;
  // Asked before anything of it goes: of an element that is gone nothing tells that it had the focus.
  const hadFocus = rows.current?.contains(document.activeElement) === true;
  // An element that had the focus may be another row's by now, or be gone where fewer rows are drawn: the focus waits with the
  // table for its row to return.
  useLayoutEffect(() => {
    const focused = document.activeElement;
    const index = rowIndex(focused);
    const isOfAnother = index !== undefined && index !== current && rows.current?.contains(focused) === true;
    if (isOfAnother || (hadFocus && focused === document.body)) scroller.current?.focus({ preventScroll: true });
    if (document.activeElement === scroller.current && currentIsDrawn) {
      rowElement(rows.current, current)?.focus({ preventScroll: true });
    }
  });

  // One that became lower, as when something comes back above it, keeps the row of the keyboard in sight.
  const seenViewport = useRef(viewport);
  useLayoutEffect(() => {
    if (seenViewport.current === viewport) return;
    seenViewport.current = viewport;
    const focused = document.activeElement;
    if (focused === scroller.current || rows.current?.contains(focused)) showRow(current);
  }, [viewport, current, rows, scroller, showRow]);

  const tellActive = useRef(onActive);
  tellActive.current = onActive;
  const activeRow = total === 0 ? undefined : rowAt(current);
  useEffect(() => tellActive.current?.(activeRow, current), [activeRow, current]);

  /** Where a selection by Shift began. */
  const anchor = useRef(0);
  const selectTo = (index: number) => {
    const [from, to] = [Math.min(anchor.current, index), Math.max(anchor.current, index) + 1];
    selection?.onChange(withRows(NO_ROWS, from, to));
  };
  const toggle = (index: number) => selection?.onChange(toggled(selection.rows, index));

  const focusRow = (next: number) => {
    // The row may only now come into being.
    flushSync(() => {
      setActive(next);
      showRow(next);
    });
    rowElement(rows.current, next)?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.altKey || !(target === scroller.current || target.matches("[role=row]"))) return;
    const steps: Record<string, number> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: total - 1,
    };
    const next = steps[event.key];
    const row = rowAt(current);
    if (next !== undefined) {
      event.preventDefault();
      const index = Math.min(Math.max(0, next), total - 1);
      if (event.shiftKey) selectTo(index);
      else anchor.current = index;
      focusRow(index);
    } else if (event.key === "c" && (event.ctrlKey || event.metaKey) && !event.shiftKey && row !== undefined) {
      // What was selected with the mouse is copied by the browser.
      if (window.getSelection()?.isCollapsed === false || columns.every(({ text }) => text === undefined)) return;
      event.preventDefault();
      void copyRow(row, current);
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey) && selection !== undefined) {
      event.preventDefault();
      selection.onChange(withRows(NO_ROWS, 0, total));
    } else if (event.key === "Escape" && selection !== undefined && selection.rows.length > 0) {
      event.stopPropagation();
      selection.onChange(NO_ROWS);
    } else if (event.key === " " && !event.ctrlKey && selection !== undefined) {
      event.preventDefault();
      toggle(current);
    } else if ((event.key === "Enter" || event.key === " ") && !event.ctrlKey && row !== undefined) {
      if (onOpen === undefined) return;
      event.preventDefault();
      onOpen(row, current);
    }
  };
  const copyRow = async (row: Row, index: number) => {
    if (await copyText(copied(columns, row), "row"))
      toast({ title: `The cells of row ${formatNumber(index + 1)} are copied` });
  };
  const onClick = (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const index = rowIndex(target.closest("[role=row]"));
    if (index === undefined) return;
    const row = rowAt(index);
    if (selection !== undefined && event.shiftKey) {
      selectTo(index);
      return;
    }
    anchor.current = index;
    if (selection !== undefined && (event.ctrlKey || event.metaKey || target.closest("[data-selects]") !== null))
      toggle(index);
    else if (row !== undefined) onOpen?.(row, index);
  };
  const [isAsking, setAsking] = useState(false);
  useCommand("table.go-to", () => setAsking(true), { enabled: total > 0 });

  const drawn: ReactNode[] = [];
  for (let index = start; index < end; index += 1) {
    const row = rowAt(index);
    const slot = slotOf(index);
    drawn[slot] = (
      <DrawnRow<Row>
        key={slot}
        index={index}
        row={row}
        columns={columns}
        top={topOf(index)}
        isCurrent={index === (currentIsDrawn ? current : start)}
        isOpened={row !== undefined && (opened?.(row) ?? false)}
        isSelected={selection === undefined ? undefined : has(selection.rows, index)}
        canHover={onOpen !== undefined && dropTarget === undefined}
        isDropTarget={row !== undefined && (dropTarget?.(row) ?? false)}
        tone={row === undefined ? undefined : rowTone?.(row)}
      />
    );
  }
  const measures = {
    "--tracks": [...lead, ...columns.map((column) => column.width)].join(" "),
    "--row-height": `${rowHeight}px`,
  } as CSSProperties;
  return (
    <MoreBeside className={classes("flex min-h-0 flex-col", className)}>
      <div
        ref={scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={total + 1}
        aria-colcount={columns.length + (selection === undefined ? 0 : 1)}
        aria-multiselectable={selection !== undefined || undefined}
        aria-busy={isPending}
        tabIndex={total === 0 ? 0 : -1}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          const index = rowIndex(event.target);
          if (index !== undefined) setActive(index);
        }}
        onClick={onClick}
        onScroll={markScrolled}
        style={measures}
        // A browser that anchors its scrolling moves a compressed table by several rows for each pixel.
        className="@container scroll-area min-h-0 flex-1 overflow-auto -outline-offset-2 [contain:strict] [overflow-anchor:none]"
      >
        <div
          role="row"
          style={{ height: HEAD_HEIGHT }}
          aria-rowindex={1}
          className="sticky top-0 z-10 grid min-w-fit grid-cols-(--tracks) items-center border-b bg-background text-xs font-semibold text-subtle"
        >
          {selection !== undefined && <SelectAll selection={selection} total={total} />}
          {columns.map((column, index) => (
            <Head
              key={column.id}
              column={column as Column<unknown>}
              kept={keptAt(columns, index, lead)}
              // Those before the last that is kept say where it stands.
              {...(onResize !== undefined && columns[index + 1]?.isKept !== true && { index, widths })}
            />
          ))}
        </div>
        <div role="rowgroup" className="min-w-fit" style={{ height }}>
          {/* Still in sight while the scrollbar moves: the rows are never ahead of what was drawn for it. */}
          <div
            role="none"
            className="sticky overflow-y-clip"
            style={{ top: HEAD_HEIGHT, height: Math.min(viewport, height) }}
          >
            <div ref={rows} role="none">
              {drawn}
            </div>
          </div>
        </div>
      </div>
      {failed !== undefined && (
        <div className="absolute inset-x-0 top-9 bottom-0 bg-background">
          <QueryProblem title="The rows could not be read" error={failed.error} onRetry={() => void failed.refetch()} />
        </div>
      )}
      {(length ?? known) === 0 && !isGrowing && failed === undefined && (
        <ScrollRegion label="No rows" className="absolute inset-x-0 top-9 bottom-0 bg-background [container-type:size]">
          {empty}
        </ScrollRegion>
      )}
      {isAsking && (
        <GoToRow
          total={total}
          onClose={() => setAsking(false)}
          onGo={(index) => {
            // The row must be there before the dialog gives the focus to it.
            flushSync(() => {
              setActive(index);
              showRow(index);
            });
            setAsking(false);
          }}
          finalFocus={() => rowElement(rows.current, current)}
        />
      )}
    </MoreBeside>
  );
}

/** The index of the row that an element of the table is, counted from 0; `undefined` for the head and all else. */
function rowIndex(element: Element | null): number | undefined {
  const index = Number(element?.matches("[role=row]") ? element.getAttribute("aria-rowindex") : undefined) - 2;
  return index >= 0 ? index : undefined;
}

function rowElement(rows: HTMLElement | null, index: number): HTMLElement | null {
  return rows?.querySelector<HTMLElement>(`[aria-rowindex="${index + 2}"]`) ?? null;
}

type DrawnRowProps<Row> = {
  index: number;
  /** `undefined` while it is read. */
  row: Row | undefined;
  columns: readonly Column<Row>[];
  top: number;
  /** The row that Tab leads to. */
  isCurrent: boolean;
  isOpened: boolean;
  /** `undefined` where rows cannot be selected. */
  isSelected: boolean | undefined;
  canHover: boolean;
  isDropTarget: boolean;
  tone: "negative" | undefined;
};

/** Where a column that is kept in sight stays: its distance from the left edge in pixels, and whether it is the last one. */
type Kept = { left: number; isLast: boolean } | undefined;

function keptAt(columns: readonly Column<never>[], index: number, lead: readonly string[]): Kept {
  if (columns[index]?.isKept !== true) return undefined;
  const before = [...lead, ...columns.slice(0, index).map(({ width }) => width)];
  const left = before.reduce((sum, width) => sum + Number.parseFloat(width), 0);
  return { left, isLast: columns[index + 1]?.isKept !== true };
}

/** A kept one stays only where it leaves room for others, the first always. */
function keptClasses(kept: Kept): string | undefined {
  if (kept === undefined) return undefined;
  const edge = kept.isLast && "in-data-scrolled:border-r";
  return classes("z-1 bg-inherit", kept.left === 0 ? "sticky left-0" : "@xl:sticky @xl:left-(--kept-left)", edge);
}

/** Only where it stays: what is moved otherwise would be shifted by it. */
function keptStyle(kept: Kept): CSSProperties | undefined {
  return kept && ({ "--kept-left": `${kept.left}px` } as CSSProperties);
}

/** The edge of what is kept in sight shows while something is beneath it. */
function markScrolled({ currentTarget }: UIEvent<HTMLElement>): void {
  currentTarget.toggleAttribute("data-scrolled", currentTarget.scrollLeft > 0);
}

const cellClasses = {
  start: "min-w-0 truncate px-3 first:pl-4",
  end: "min-w-0 truncate px-3 text-right tabular-nums",
};
const UNREAD = "min-w-0 px-3 first:pl-4 before:block before:h-3 before:w-2/3 before:rounded-sm before:bg-inset";

/** Drawn again only when it changed: of a scrolled table, the few rows that came into sight. */
const DrawnRow = memo(function DrawnRow(props: DrawnRowProps<unknown>) {
  const { index, row, columns, top, isCurrent, isOpened, isSelected, canHover, isDropTarget, tone } = props;
  const lead = isSelected === undefined ? [] : [SELECTION_TRACK];
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected ?? isOpened}
      aria-current={isSelected !== undefined && isOpened ? true : undefined}
      tabIndex={isCurrent ? 0 : -1}
      style={{ transform: `translateY(${top}px)` }}
      className={classes(
        "absolute inset-x-0 top-0 grid h-(--row-height) min-w-fit grid-cols-(--tracks) items-center bg-background text-sm outline-0 [contain:content]",
        // Its own outline would lie under the cells that are kept in sight. No other row has the box of it: each would be one
        // more to place while the table scrolls.
        "focus-visible:after:pointer-events-none focus-visible:after:absolute focus-visible:after:inset-0 focus-visible:after:z-2 focus-visible:after:border-2 focus-visible:after:border-focus",
        index % 2 === 1 && "bg-surface",
        tone === "negative" && "bg-negative-tint",
        canHover && "hover:bg-primary-tint",
        (isOpened || isSelected || isDropTarget) && "bg-primary-tint",
        isDropTarget &&
          "after:pointer-events-none after:absolute after:inset-0 after:z-2 after:border-2 after:border-primary-content",
      )}
    >
      {isSelected !== undefined && (
        <div role="gridcell" data-selects className="flex h-full items-center pl-4">
          <SelectionBox state={isSelected ? "all" : "none"} />
        </div>
      )}
      {columns.map((column, index) => {
        const kept = keptAt(columns, index, lead);
        const plain = row === undefined ? UNREAD : cellClasses[column.align ?? "start"];
        return (
          <div
            key={column.id}
            role="gridcell"
            style={keptStyle(kept)}
            className={kept === undefined ? plain : classes(plain, "h-full content-center", keptClasses(kept))}
          >
            {row !== undefined && column.cell(row)}
          </div>
        );
      })}
    </div>
  );
}) as <Row>(props: DrawnRowProps<Row>) => ReactNode;

function SelectionBox({ state }: { state: "all" | "some" | "none" }) {
  return (
    <span
      aria-hidden
      className={classes(
        "flex size-4 items-center justify-center rounded-sm border border-border-field bg-background text-on-primary",
        state !== "none" && "border-primary-edge bg-primary",
      )}
    >
      {state === "all" && <Check className="size-3" strokeWidth={3.5} />}
      {state === "some" && <Minus className="size-3" strokeWidth={3.5} />}
    </span>
  );
}

type SelectAllProps = { selection: { rows: Ranges; onChange: (rows: Ranges) => void }; total: number };

function SelectAll({ selection, total }: SelectAllProps) {
  const selected = count(selection.rows);
  const isAll = selected > 0 && selected >= total;
  return (
    <div role="columnheader" className="flex items-center pl-2.5">
      <button
        type="button"
        aria-label={isAll ? "Select no row" : "Select all rows"}
        onClick={() => selection.onChange(isAll ? NO_ROWS : withRows(NO_ROWS, 0, total))}
        className="flex size-7 items-center justify-center rounded-sm hover:bg-surface-hover"
      >
        <SelectionBox state={isAll ? "all" : selected > 0 ? "some" : "none"} />
      </button>
    </div>
  );
}

type HeadProps = {
  column: Column<unknown>;
  kept: Kept;
  /** Where its width can be changed. */
  index?: number;
  widths?: ReturnType<typeof useColumnWidths>;
};

function Head({ column, kept, index, widths }: HeadProps) {
  const { sort } = column;
  const alignment = column.align === "end" ? "justify-end" : "justify-start";
  const edge = index !== undefined && widths !== undefined && (
    // By keyboard, the menu of the columns does the same.
    <span
      aria-hidden
      data-resizes
      onPointerDown={(event) => widths.press(event, index)}
      onDoubleClick={() => widths.fit(index)}
      className={classes(
        "absolute inset-y-0 right-0 w-2 cursor-col-resize touch-none after:absolute after:inset-y-1.5 after:right-0 after:w-px after:bg-border hover:after:inset-y-0 hover:after:w-0.5 hover:after:bg-focus",
        // There is a line already.
        kept !== undefined && "in-data-scrolled:not-hover:after:hidden",
      )}
    />
  );
  const shared = classes(
    "flex h-full min-w-0 items-center",
    edge && "relative",
    // After "relative", which it is as well.
    keptClasses(kept),
    alignment,
  );
  if (sort === undefined) {
    return (
      <div role="columnheader" style={keptStyle(kept)} className={classes(shared, "px-3 first:pl-4")}>
        {column.term === undefined ? (
          <span className="truncate" title={column.title} dir="auto">
            {column.title}
          </span>
        ) : (
          <Term of={column.term}>{column.title}</Term>
        )}
        {edge}
      </div>
    );
  }
  return (
    <div
      role="columnheader"
      aria-sort={sort.direction}
      style={keptStyle(kept)}
      className={classes(shared, "px-1.5 first:pl-2.5")}
    >
      <Explained as={column.term && terms[column.term]}>
        <button
          type="button"
          onClick={sort.onSort}
          className="flex h-7 min-w-0 items-center gap-1 rounded-sm px-1.5 font-semibold hover:bg-surface-hover"
        >
          <span className="truncate">{column.title}</span>
          {sort.direction === "ascending" && <ArrowUp aria-hidden className="size-3.5 shrink-0" />}
          {sort.direction === "descending" && <ArrowDown aria-hidden className="size-3.5 shrink-0" />}
        </button>
      </Explained>
      {edge}
    </div>
  );
}
