import { useQuery } from "@tanstack/react-query";
import { TableProperties } from "lucide-react";
import { memo, type Ref, useMemo } from "react";
import { type Arrangement, arranged, withWidths } from "@/components/table/arrangement";
import { type Column, DataTable, type TableHandle } from "@/components/table/DataTable";
import { PAGE_ROWS } from "@/components/table/useRows";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import type { ResultRow, RowFilter, RowQuery, RowSort } from "@/ipc/bindings";
import { preferencesQuery, resultRowsQuery } from "@/ipc/queries";
import { POSITION, type ResultColumn, sortable } from "./resultColumns";

type ResultsTableProps = {
  ref: Ref<TableHandle<ResultRow>>;
  runId: string;
  columns: readonly ResultColumn[];
  arrangement: Arrangement;
  query: RowQuery;
  /** The task that is open beside the table. */
  task: number | undefined;
  /** The row that was stepped to, to be kept in sight. */
  shown: number | undefined;
  onOpen: (taskId: number, index: number) => void;
  onSort: (sort: RowSort) => void;
  onArrange: (arrangement: Arrangement) => void;
  onClear: () => void;
};

export const ResultsTable = memo(function ResultsTable(props: ResultsTableProps) {
  const { ref, runId, columns, arrangement, query, task, shown, onOpen, onSort, onArrange, onClear } = props;
  const compact = useQuery(preferencesQuery()).data?.compact_rows ?? false;
  const drawn = useMemo(() => {
    const [first, ...rest] = arranged(columns, arrangement).map((column) => sortable(column, query.sort, onSort));
    const kept: Column<ResultRow>[] = [POSITION, ...(first === undefined ? [] : [first])];
    return [...kept.map((column) => ({ ...column, isKept: true })), ...rest];
  }, [columns, arrangement, query.sort, onSort]);
  // The page that the table reads first: while it is empty, more may yet be found.
  const { data: first } = useQuery(resultRowsQuery(runId, query, 0, PAGE_ROWS));
  const isLookedFor = first?.total_is_final === false;
  const filtered = query.filter !== "all" || query.search !== "" || query.cell !== null;
  return (
    <DataTable
      ref={ref}
      label="Results"
      columns={drawn}
      pageQuery={(offset, limit) => resultRowsQuery(runId, query, offset, limit)}
      rowHeight={compact ? 32 : 40}
      opened={(row) => row.task_id === task}
      onOpen={(row, index) => onOpen(row.task_id, index)}
      onResize={(widths) => onArrange(withWidths(arrangement, widths))}
      shown={shown}
      empty={
        <EmptyState
          icon={TableProperties}
          title={isLookedFor ? "Looking for results" : filtered ? "No result matches" : "No result yet"}
          actions={filtered && <Button onClick={onClear}>Clear filters</Button>}
          className="py-8 cramped:py-2"
        >
          {isLookedFor
            ? "They appear here as they are found."
            : filtered
              ? emptyWords(query)
              : "Results appear here as they arrive."}
        </EmptyState>
      }
      className="h-full"
    />
  );
});

/** What a filter that leaves nothing says of the run, where nothing else is looked for. */
const NOTHING_LEFT: Partial<Record<RowFilter, string>> = {
  needs_review: "Everything that needed a review is decided.",
  changed: "Every answer is what the earlier version said.",
  wrong: "No answer differs from its ground truth.",
  failed: "Every task that was attended to has an answer.",
};

function emptyWords({ filter, search, cell }: RowQuery): string {
  const words = search === "" && cell === null ? NOTHING_LEFT[filter] : undefined;
  return words ?? "Another filter may show some.";
}
