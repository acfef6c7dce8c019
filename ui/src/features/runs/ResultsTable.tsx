import { useQuery } from "@tanstack/react-query";
import { Check, CircleX, Minus, TableProperties, X } from "lucide-react";
import { memo } from "react";
import { RegionSummary } from "@/components/labeling/RegionSummary";
import { dataText } from "@/components/labeling/regions";
import { type Column, DataTable } from "@/components/table/DataTable";
import { PAGE_ROWS } from "@/components/table/useRows";
import { Badge } from "@/components/ui/Badge";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import type { ProjectDetail, ResultRow, RowQuery, RowSort } from "@/ipc/bindings";
import { preferencesQuery, resultRowsQuery } from "@/ipc/queries";
import { formatDuration, formatNumber, formatPercent } from "@/lib/format";

type ResultsTableProps = {
  runId: string;
  project: ProjectDetail | undefined;
  query: RowQuery;
  /** The task that is open beside the table. */
  task: number | undefined;
  /** The row that was stepped to, to be kept in sight. */
  shown: number | undefined;
  onOpen: (taskId: number, index: number) => void;
  onSort: (sort: RowSort) => void;
  onClear: () => void;
};

export const ResultsTable = memo(function ResultsTable(props: ResultsTableProps) {
  const { runId, project, query, task, shown, onOpen, onSort, onClear } = props;
  const compact = useQuery(preferencesQuery()).data?.compact_rows ?? false;
  const outline = project?.outline;
  const keys = project?.variables ?? [];
  const columns: Column<ResultRow>[] = [
    { id: "position", title: "#", width: "64px", align: "end", cell: (row) => formatNumber(row.position + 1) },
    {
      id: "data",
      title: keys[0] ?? "Data",
      width: "minmax(200px, 2.6fr)",
      // A block of its own: text that runs from the right must lose its end, not its beginning.
      cell: (row) => (
        <span dir="auto" className="block truncate">
          {dataText(row.data, keys)}
        </span>
      ),
    },
    {
      id: "prediction",
      title: "Prediction",
      width: "minmax(150px, 1.8fr)",
      cell: (row) =>
        row.prediction === null ? (
          <span className="text-negative-content">failed</span>
        ) : (
          <RegionSummary outline={outline} regions={row.prediction} />
        ),
    },
    {
      id: "truth",
      title: "Ground truth",
      width: "minmax(150px, 1.8fr)",
      cell: (row) =>
        row.ground_truth === null ? (
          <span className="text-subtler">none</span>
        ) : (
          <RegionSummary outline={outline} regions={row.ground_truth} />
        ),
    },
    { id: "outcome", title: "Outcome", width: "118px", cell: (row) => <Outcome row={row} /> },
    {
      id: "score",
      title: "Score",
      width: "84px",
      align: "end",
      cell: (row) => (row.score === null ? <span className="text-subtler">–</span> : formatPercent(row.score, 0)),
      sort: {
        direction:
          query.sort === "score_ascending" ? "ascending" : query.sort === "score_descending" ? "descending" : "none",
        onSort: () => onSort(nextSort(query.sort)),
      },
    },
    {
      id: "latency",
      title: "Time",
      width: "88px",
      align: "end",
      cell: (row) =>
        row.cached ? (
          <span className="text-subtler">owned</span>
        ) : row.latency_ms === null ? (
          ""
        ) : (
          formatDuration(row.latency_ms)
        ),
    },
    {
      id: "error",
      title: "Error",
      width: "minmax(90px, 0.9fr)",
      cell: (row) => row.error !== null && <span title={row.error.message}>{row.error.message}</span>,
    },
  ];
  // The page that the table reads first: while it is empty, more may yet be found.
  const { data: first } = useQuery(resultRowsQuery(runId, query, 0, PAGE_ROWS));
  const isLookedFor = first?.total_is_final === false;
  const filtered = query.filter !== "all" || query.search !== "" || query.cell !== null;
  return (
    <DataTable
      label="Results"
      columns={columns}
      pageQuery={(offset, limit) => resultRowsQuery(runId, query, offset, limit)}
      rowHeight={compact ? 32 : 40}
      opened={(row) => row.task_id === task}
      onOpen={(row, index) => onOpen(row.task_id, index)}
      shown={shown}
      empty={
        <EmptyState
          icon={TableProperties}
          title={isLookedFor ? "Looking for results" : filtered ? "No result matches" : "No result yet"}
          actions={filtered && <Button onClick={onClear}>Clear filters</Button>}
          className="py-8"
        >
          {filtered && !isLookedFor ? "Another filter may show some." : "Results appear here as they arrive."}
        </EmptyState>
      }
      className="h-full"
    />
  );
});

function nextSort(sort: RowSort): RowSort {
  return sort === "position" ? "score_ascending" : sort === "score_ascending" ? "score_descending" : "position";
}

/** What a model did instead of answering, by the codes of failures. */
const ANSWERLESS: Readonly<Record<string, string>> = { refused: "Refused", filtered: "Filtered", truncated: "Cut off" };

export function Outcome({ row }: { row: Pick<ResultRow, "correct" | "error"> }) {
  if (row.error !== null) {
    return (
      <Badge tone="negative" icon={CircleX}>
        {ANSWERLESS[row.error.code] ?? "Failed"}
      </Badge>
    );
  }
  if (row.correct === null) {
    return (
      <Badge icon={Minus} title="This task has no ground truth">
        Not scored
      </Badge>
    );
  }
  return row.correct ? (
    <Badge tone="positive" icon={Check}>
      Correct
    </Badge>
  ) : (
    <Badge tone="warning" icon={X}>
      Wrong
    </Badge>
  );
}
