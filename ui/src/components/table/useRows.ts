/** Reads the pages of a long table that are in sight. */
import { type UseQueryOptions, type UseQueryResult, useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

/** Rows that are read at once. */
export const PAGE_ROWS = 200;

/** A page is read when a row of it is nearer to being drawn than this part of a page. */
const AHEAD_PAGES = 0.75;

/** Where the scrollbar jumps over pages, they are read no more often than this. */
const JUMP_MS = 80;

type Page<Row> = { total: number; rows: Row[] };
// biome-ignore lint/suspicious/noExplicitAny: what else a page has and the key's type differ from query to query
type Query<Row> = UseQueryOptions<any, Error, Page<Row>, any>;

/** The rows from `offset` on. Its `total` is the length of the table. */
export type PageQuery<Row> = (offset: number, limit: number) => Query<Row>;

type Rows<Row> = {
  /** `undefined` while it is read. */
  rowAt: (index: number) => Row | undefined;
  /** The length of the table, once a page was read. */
  known: number | undefined;
  failed: UseQueryResult<Page<Row>, Error> | undefined;
  isPending: boolean;
};

/** Rows `start..end` of the `total` that are known of, by pages of `pageRows`. */
export function useRows<Row>(
  pageQuery: PageQuery<Row>,
  start: number,
  end: number,
  total: number,
  pageRows = PAGE_ROWS,
): Rows<Row> {
  const client = useQueryClient();
  const query = (number: number) => pageQuery(number * pageRows, pageRows);
  const ahead = AHEAD_PAGES * pageRows;
  const first = Math.floor(Math.max(0, start - ahead) / pageRows);
  const last = Math.floor(Math.max(0, Math.min(total, end + ahead) - 1) / pageRows);
  // Another filter, order or search is another table, of which the pages of the old place were never asked.
  const shape = JSON.stringify(query(0).queryKey);
  const [asked, setAsked] = useState({ shape, first, last, at: 0 });
  const isAsked = asked.shape === shape && asked.first === first && asked.last === last;
  const adjoins = first <= asked.last + 1 && last >= asked.first - 1;
  const atOnce =
    asked.shape !== shape ||
    adjoins ||
    range(first, last).every((number) => client.getQueryData(query(number).queryKey) !== undefined);
  if (!isAsked && atOnce) setAsked({ ...asked, shape, first, last });
  useEffect(() => {
    if (isAsked) return;
    const wait = Math.max(0, asked.at + JUMP_MS - performance.now());
    const timer = setTimeout(() => setAsked({ shape, first, last, at: performance.now() }), wait);
    return () => clearTimeout(timer);
  }, [isAsked, asked.at, shape, first, last]);

  const numbers = range(asked.first, asked.last);
  const pages = useQueries({ queries: numbers.map(query) });
  return {
    rowAt: (index) => pages[Math.floor(index / pageRows) - asked.first]?.data?.rows[index % pageRows],
    known: pages.find(({ data }) => data !== undefined)?.data?.total,
    failed: pages.find(({ isError }) => isError),
    isPending: pages.some(({ isPending }) => isPending),
  };
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
