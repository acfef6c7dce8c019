/** Tasks with what each run answered, side by side. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Check, Minus, SearchX, X } from "lucide-react";
import { useMemo } from "react";
import { RegionSummary } from "@/components/labeling/RegionSummary";
import { dataText } from "@/components/labeling/regions";
import { differingControls } from "@/components/labeling/said";
import { type Column, DataTable } from "@/components/table/DataTable";
import { EmptyState } from "@/components/ui/EmptyState";
import type { ComparedRow, ComparedSegment, Outline, Region } from "@/ipc/bindings";
import { comparedRowsQuery, preferencesQuery, projectQuery } from "@/ipc/queries";
import { formatNumber } from "@/lib/format";
import type { Named } from "./CompareTab";

const route = getRouteApi("/prompts/$promptId");

type DifferenceTableProps = {
  projectId: string;
  segment: ComparedSegment;
  runs: readonly Named[];
  /** Held against the first one. */
  other: Named;
};

const NOTHING: Record<ComparedSegment, string> = {
  all: "No task was answered by all of them.",
  fixed: "No task that was wrong before is right now.",
  broken: "No task that was right before is wrong now.",
  different: "They gave the same answer for every task.",
  same: "They gave the same answer for no task.",
};

export function DifferenceTable({ projectId, segment, runs, other }: DifferenceTableProps) {
  const navigate = route.useNavigate();
  const compact = useQuery(preferencesQuery()).data?.compact_rows ?? false;
  const project = useQuery(projectQuery(projectId)).data;
  // Held still while a run counts on, or all rows would be drawn again with it.
  const names = runs.map(({ name }) => name).join("\n");
  const columns = useMemo(
    () => columnsOf(names.split("\n"), project?.variables ?? [], project?.outline),
    [names, project],
  );
  const query = { run_ids: runs.map(({ run }) => run.id), other: other.run.id, segment };
  return (
    <DataTable
      label="Tasks"
      columns={columns}
      pageQuery={(offset, limit) => comparedRowsQuery(query, offset, limit)}
      rowHeight={compact ? 32 : 40}
      onOpen={({ task_id }) =>
        void navigate({
          params: { promptId: other.run.prompt_id },
          search: { run: other.run.id, task: task_id },
        })
      }
      empty={
        <EmptyState
          icon={SearchX}
          title={segment === "fixed" || segment === "broken" ? "None" : "No such task"}
          className="py-8"
        >
          {NOTHING[segment]}
        </EmptyState>
      }
      className="h-full"
    />
  );
}

function columnsOf(
  names: readonly string[],
  keys: readonly string[],
  outline: Outline | undefined,
): Column<ComparedRow>[] {
  return [
    { id: "position", title: "#", width: "64px", align: "end", cell: ({ position }) => formatNumber(position + 1) },
    {
      id: "data",
      title: keys[0] ?? "Data",
      width: "minmax(180px, 2fr)",
      cell: ({ data }) => (
        <span dir="auto" className="block truncate">
          {dataText(data, keys)}
        </span>
      ),
    },
    {
      id: "truth",
      title: "Ground truth",
      width: "minmax(140px, 1.4fr)",
      cell: (row) =>
        row.ground_truth === null ? (
          <span className="text-subtler">None</span>
        ) : (
          <RegionSummary outline={outline} regions={telling(row, row.ground_truth)} />
        ),
    },
    ...names.map(
      (name, index): Column<ComparedRow> => ({
        id: `run-${index}`,
        title: index === 0 ? `${name} (baseline)` : name,
        width: "minmax(160px, 1.6fr)",
        cell: (row) => <Answer row={row} index={index} outline={outline} />,
      }),
    ),
  ];
}

/** What is said on the controls on which not all say the same, where there are such: a cell has no room for all of many. */
function telling(row: ComparedRow, regions: readonly Region[]): readonly Region[] {
  const controls = differing.get(row) ?? differingIn(row);
  differing.set(row, controls);
  return controls.size === 0 ? regions : regions.filter(({ from_name }) => controls.has(from_name));
}

/** Found once for all cells of a row. */
const differing = new WeakMap<ComparedRow, ReadonlySet<string>>();

function differingIn({ ground_truth, predictions }: ComparedRow): ReadonlySet<string> {
  const said = predictions.map(({ prediction }) => prediction);
  return differingControls(ground_truth === null ? said : [ground_truth, ...said]);
}

function Answer({ row, index, outline }: { row: ComparedRow; index: number; outline: Outline | undefined }) {
  const of = row.predictions[index];
  if (of === undefined) return null;
  const [Icon, words, colour] =
    of.correct === null
      ? ([Minus, "not scored", "text-subtler"] as const)
      : of.correct
        ? ([Check, "correct", "text-positive-content"] as const)
        : ([X, "wrong", "text-negative-content"] as const);
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <Icon aria-label={words} className={`size-4 shrink-0 ${colour}`} strokeWidth={2.5} />
      <RegionSummary outline={outline} regions={telling(row, of.prediction)} />
    </span>
  );
}
