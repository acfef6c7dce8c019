/** The queue of one run, as far as it is in sight. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { PAGE_ROWS, useRows } from "@/components/table/useRows";
import { useRowWindow } from "@/components/table/useRowWindow";
import type { ReviewItem, ReviewPage, ReviewReason, ReviewRun } from "@/ipc/bindings";
import { reviewQueueQuery } from "@/ipc/queries";
import { isAtWork } from "@/lib/runs";

/** Two lines: the task, and why it is here. */
export const ROW_HEIGHT = 60;

const asRows = ({ total, items }: ReviewPage) => ({ total, rows: items });

export function useQueue(run: ReviewRun, reasons: readonly ReviewReason[]) {
  const grows = isAtWork(run);
  const pageQuery = (offset: number, limit: number) => reviewQueueQuery(run.run_id, reasons, grows, offset, limit);
  // What there is of everything is in each page; the first is always known.
  const first = useQuery({ ...pageQuery(0, PAGE_ROWS), placeholderData: keepPreviousData });
  const total = first.isPlaceholderData ? 0 : (first.data?.total ?? 0);
  const window = useRowWindow(total, ROW_HEIGHT, 0);
  const { rowAt, failed, isPending } = useRows<ReviewItem>(
    (offset, limit) => ({ ...pageQuery(offset, limit), select: asRows }),
    window.start,
    window.end,
    total,
  );
  const client = useQueryClient();
  /** The rows from `first` to `last`: what is not known of them is read, one page after the other. */
  const rowsBetween = async (first: number, last: number, signal: AbortSignal): Promise<ReviewItem[]> => {
    const rows: ReviewItem[] = [];
    for (let page = Math.floor(first / PAGE_ROWS); page * PAGE_ROWS <= last && !signal.aborted; page += 1) {
      const offset = page * PAGE_ROWS;
      const { items } = await client.fetchQuery(pageQuery(offset, PAGE_ROWS));
      rows.push(...items.slice(Math.max(0, first - offset), last + 1 - offset));
    }
    return rows;
  };
  return {
    window,
    rowAt,
    rowsBetween,
    /** Another filter makes it another queue. */
    filter: reasons.join(),
    total,
    /** By reason, whatever is filtered; kept while another filter is read. */
    counts: first.data?.counts,
    /** Nothing of it is known yet. */
    isPending: first.isPending || first.isPlaceholderData,
    isReading: isPending,
    /** More may be found. */
    isGrowing: grows || first.data?.total_is_final === false,
    failed: first.isError ? first : failed,
  };
}

export type Queue = ReturnType<typeof useQueue>;
