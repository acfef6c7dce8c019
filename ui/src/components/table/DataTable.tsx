// biome-ignore-all lint/a11y/useSemanticElements: a <table> cannot place its rows by hand
// biome-ignore-all lint/a11y/useFocusableInteractive: rows take the focus, not their cells
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid itself listens for the keys of its rows
/** A table of any length: rows are drawn as they come into sight and read in pages. */
import { type QueryKey, type UseQueryOptions, useQueries } from "@tanstack/react-query";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { QueryProblem } from "@/components/QueryProblem";
import { classes } from "@/lib/classes";
import { useRowWindow } from "./useRowWindow";

/** Rows that are read at once. */
export const PAGE_ROWS = 200;
const HEAD_HEIGHT = 36;

export type Column<Row> = {
  id: string;
  title: string;
  /** A CSS grid track: `"80px"`, `"minmax(200px, 2fr)"`. */
  width: string;
  align?: "start" | "end";
  cell: (row: Row) => ReactNode;
  /** The head sorts: its present direction, and what a press does. */
  sort?: { direction: "ascending" | "descending" | "none"; onSort: () => void };
};

type Page<Row> = { total: number; rows: Row[] };
// biome-ignore lint/suspicious/noExplicitAny: the key's type differs from query to query, and nothing here reads it
type PageQuery<Row> = UseQueryOptions<Page<Row>, Error, Page<Row>, any>;

type DataTableProps<Row> = {
  /** Accessible name. */
  label: string;
  columns: readonly Column<Row>[];
  /** The rows from `offset` on. Its `total` is the length of the table. */
  pageQuery: (offset: number, limit: number) => PageQuery<Row>;
  /** In pixels: 44 comfortable, 32 compact. */
  rowHeight: number;
  /** The row that is open beside the table. */
  opened?: (row: Row) => boolean;
  onOpen?: (row: Row, index: number) => void;
  /** The row to come into sight whenever this becomes another one. */
  shown?: number | undefined;
  rowTone?: (row: Row) => "negative" | undefined;
  empty: ReactNode;
  className?: string;
};

export function DataTable<Row>({ label, columns, pageQuery, rowHeight, ...rest }: DataTableProps<Row>) {
  const { opened, onOpen, shown, rowTone, empty, className } = rest;
  const [total, setTotal] = useState(0);
  const [active, setActive] = useState(0);
  const { scroller, start, end, height, page, topOf, showRow } = useRowWindow(total, rowHeight, HEAD_HEIGHT);

  const firstPage = Math.floor(start / PAGE_ROWS);
  const lastPage = Math.max(firstPage, Math.floor(Math.max(0, end - 1) / PAGE_ROWS));
  const numbers = Array.from({ length: lastPage - firstPage + 1 }, (_, index) => firstPage + index);
  const pages = useQueries({ queries: numbers.map((number) => pageQuery(number * PAGE_ROWS, PAGE_ROWS)) });
  // Pages that scrolled out of sight are kept by the query cache; those in sight while they are read again stay drawn.
  const drawn = useRef(new Map<number, Row[]>());
  const shape = keyOf(pageQuery(0, PAGE_ROWS).queryKey);
  const drawnShape = useRef(shape);
  if (drawnShape.current !== shape) {
    drawn.current.clear();
    drawnShape.current = shape;
  }
  for (const [index, result] of pages.entries()) {
    const number = numbers[index];
    if (number !== undefined && result.data !== undefined) drawn.current.set(number, result.data.rows);
  }
  for (const number of drawn.current.keys()) if (!numbers.includes(number)) drawn.current.delete(number);
  const rowAt = (index: number) => drawn.current.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];

  const known = pages.find((result) => result.data !== undefined)?.data?.total;
  useEffect(() => {
    if (known !== undefined) setTotal(known);
  }, [known]);
  // Another filter or order is another table: it is read from its top.
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
  const current = Math.min(active, Math.max(0, total - 1));
  const failed = pages.find((result) => result.isError);

  const focusRow = (index: number) => {
    const next = Math.min(Math.max(0, index), total - 1);
    setActive(next);
    showRow(next);
    // The row may only now come into being.
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${next + 2}"]`)?.focus({ preventScroll: true });
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey || !(event.target as HTMLElement).matches("[role=row]")) return;
    const steps: Record<string, number> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: total - 1,
    };
    const target = steps[event.key];
    if (target !== undefined) {
      event.preventDefault();
      focusRow(target);
    } else if ((event.key === "Enter" || event.key === " ") && !event.ctrlKey) {
      const row = rowAt(current);
      if (row === undefined || onOpen === undefined) return;
      event.preventDefault();
      onOpen(row, current);
    }
  };

  const tracks = { gridTemplateColumns: columns.map((column) => column.width).join(" ") };
  return (
    <div className={classes("relative flex min-h-0 flex-col", className)}>
      <div
        ref={scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={total + 1}
        aria-colcount={columns.length}
        aria-busy={pages.some((result) => result.isPending)}
        tabIndex={total === 0 ? 0 : -1}
        onKeyDown={onKeyDown}
        // A browser that anchors its scrolling moves a compressed table by several rows for each pixel.
        className="scroll-area min-h-0 flex-1 overflow-auto [contain:strict] [overflow-anchor:none]"
      >
        <div
          role="row"
          aria-rowindex={1}
          style={{ ...tracks, height: HEAD_HEIGHT }}
          className="sticky top-0 z-10 grid min-w-fit items-center border-b bg-background text-xs font-semibold text-subtle"
        >
          {columns.map((column) => (
            <Head key={column.id} column={column as Column<unknown>} />
          ))}
        </div>
        <div role="rowgroup" className="relative min-w-fit" style={{ height }}>
          {Array.from({ length: end - start }, (_, place) => {
            const index = start + place;
            const row = rowAt(index);
            return (
              <div
                key={index}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={row !== undefined && (opened?.(row) ?? false)}
                tabIndex={index === current ? 0 : -1}
                onFocus={() => setActive(index)}
                onClick={() => row !== undefined && onOpen?.(row, index)}
                style={{ ...tracks, height: rowHeight, transform: `translateY(${topOf(index)}px)` } as CSSProperties}
                className={classes(
                  "absolute inset-x-0 top-0 grid min-w-fit items-center text-sm outline-0 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-focus",
                  index % 2 === 1 && "bg-surface",
                  row !== undefined && rowTone?.(row) === "negative" && "bg-negative-tint",
                  onOpen !== undefined && "hover:bg-primary-tint",
                  row !== undefined && opened?.(row) && "bg-primary-tint",
                )}
              >
                {columns.map((column) => (
                  <div
                    key={column.id}
                    role="gridcell"
                    className={classes("min-w-0 truncate px-3", column.align === "end" && "text-right tabular-nums")}
                  >
                    {row === undefined ? <div className="h-3 w-2/3 rounded-sm bg-inset" /> : column.cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {failed !== undefined && (
        <div className="absolute inset-x-0 top-9 bottom-0 bg-background">
          <QueryProblem title="The rows could not be read" error={failed.error} onRetry={() => void failed.refetch()} />
        </div>
      )}
      {known === 0 && failed === undefined && (
        <div className="absolute inset-x-0 top-9 bottom-0 overflow-auto bg-background">{empty}</div>
      )}
    </div>
  );
}

/** Filters and sorting are part of a query's key; its page is not what makes it another table. */
function keyOf(key: QueryKey | undefined): string {
  return JSON.stringify(key);
}

function Head({ column }: { column: Column<unknown> }) {
  const { sort } = column;
  const alignment = column.align === "end" ? "justify-end" : "justify-start";
  if (sort === undefined) {
    return (
      <div role="columnheader" className={classes("flex px-3", alignment)}>
        {column.title}
      </div>
    );
  }
  return (
    <div role="columnheader" aria-sort={sort.direction} className={classes("flex px-1.5", alignment)}>
      <button
        type="button"
        onClick={sort.onSort}
        className="flex h-7 items-center gap-1 rounded-sm px-1.5 font-semibold hover:bg-surface-hover"
      >
        {column.title}
        {sort.direction === "ascending" && <ArrowUp aria-hidden className="size-3.5" />}
        {sort.direction === "descending" && <ArrowDown aria-hidden className="size-3.5" />}
      </button>
    </div>
  );
}
