/** A project's tasks: filtered, sorted, opened, selected, and marked as ground truth. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight, Inbox, ListFilter, PencilLine, X } from "lucide-react";
import { useCallback, useMemo, useRef, useState } from "react";
import { useCommand } from "@/components/commands";
import { LabelingPreview } from "@/components/labeling/LabelingPreview";
import { MediaCell } from "@/components/labeling/MediaCell";
import { RegionSummary } from "@/components/labeling/RegionSummary";
import { fieldOf, inShort } from "@/components/labeling/regions";
import { TaskData } from "@/components/project/TaskData";
import { QueryProblem } from "@/components/QueryProblem";
import { type Column, DataTable, SCROLL_BAR_PX, SELECTION_PX, type TableHandle } from "@/components/table/DataTable";
import { NO_ROWS, type Ranges } from "@/components/table/ranges";
import { useFocusBack } from "@/components/table/useFocusBack";
import { nextSort, sortDirection, type TasksSearch } from "@/components/tasks/filters";
import { useFirstToLabel, useTaskSteps } from "@/components/tasks/useTaskSteps";
import { useTaskView } from "@/components/tasks/useTaskView";
import { Badge } from "@/components/ui/Badge";
import { Button, IconButton } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { useMove } from "@/components/useMove";
import { useSize } from "@/components/useSize";
import { useWhileHere } from "@/components/useWhileHere";
import type { ProjectDetail, TaskRow } from "@/ipc/bindings";
import { preferencesQuery, taskRowsQuery } from "@/ipc/queries";
import { formatCount, formatNumber } from "@/lib/format";
import { SelectedTasks } from "./SelectedTasks";
import { TaskFilters } from "./TaskFilters";

const route = getRouteApi("/projects/$projectId");

export function ProjectTasks({ project }: { project: ProjectDetail }) {
  const { summary } = project;
  const { id, task_count: all } = summary;
  const search = route.useSearch();
  const navigate = useNavigate();
  const navigateWhileHere = useWhileHere(navigate);
  const { view, error, refetch } = useTaskView(summary, search);
  const change = useMove<typeof search>();
  const { q, filters, sort } = search;
  const columns = useMemo(() => columnsOf(project, sort, (sort) => change({ sort })), [project, sort, change]);
  const position = search.task === undefined || search.task > all ? undefined : search.task - 1;
  /** Where the open task stands in the table, as far as it was opened or stepped to here. */
  const [place, setPlace] = useState<number>();
  const atKeyboard = useRef<{ row: TaskRow | undefined; index: number }>(undefined);
  // Another view has other tasks in the same rows.
  const [selected, setSelected] = useState<{ viewId: string | null; rows: Ranges }>({ viewId: null, rows: NO_ROWS });
  const viewId = view?.id ?? null;
  const rows = selected.viewId === viewId ? selected.rows : NO_ROWS;
  const compact = useQuery(preferencesQuery()).data?.compact_rows ?? false;
  const around = useRef<HTMLDivElement>(null);
  const fitting = useCallback(({ clientWidth }: HTMLElement) => countFitting(columns, clientWidth), [columns]);
  const columnCount = useSize(around, fitting) ?? columns.length;
  const table = useRef<TableHandle<TaskRow>>(null);
  const isOpen = position !== undefined;
  // Beside an open task, which says the rest, a table shows what it has room for rather than cut it.
  const shown = useMemo(() => (isOpen ? narrowed(columns, columnCount) : columns), [columns, isOpen, columnCount]);

  const open = (position: number | undefined) => change({ task: position === undefined ? undefined : position + 1 });
  useFocusBack(isOpen, table);
  const find = useTaskSteps(id, viewId);
  const step = async (by: 1 | -1) => {
    if (position === undefined) return;
    const next = await find(position, place, by);
    if (next === "end" || next === "unread") return;
    setPlace(next.index);
    open(next.row.position);
  };
  const firstToLabel = useFirstToLabel(id);
  const startLabeling = async () => {
    const at = atKeyboard.current;
    // The first row is there without anybody having gone to it.
    const isMeant = (at?.index ?? 0) > 0 || around.current?.contains(document.activeElement);
    const chosen = position ?? (isMeant ? at?.row?.position : undefined);
    const index = position === undefined ? at?.index : (place ?? position);
    const first = chosen ?? (await firstToLabel({ q, filters, sort }));
    if (first === undefined) return;
    await navigateWhileHere({
      to: "/projects/$projectId/label",
      params: { projectId: id },
      search: {
        task: first + 1,
        row: chosen === undefined || index === undefined ? undefined : index + 1,
        q,
        filters,
        sort,
      },
    });
  };
  useCommand("project.label", () => void startLabeling(), { enabled: all > 0 });
  return (
    <div className="flex h-full min-h-0 flex-col">
      {all > 0 &&
        (rows.length > 0 ? (
          <SelectedTasks
            projectId={id}
            viewId={viewId}
            rows={rows}
            onClear={() => setSelected({ viewId, rows: NO_ROWS })}
          />
        ) : (
          <TaskFilters
            project={project}
            search={search}
            view={view}
            onChange={change}
            onRefresh={() => void refetch()}
          />
        ))}
      <div className="flex min-h-0 flex-1">
        <div ref={around} className="min-w-0 flex-1">
          {error === null ? (
            <DataTable<TaskRow>
              ref={table}
              label="Tasks"
              className="h-full"
              columns={shown}
              pageQuery={(offset, limit) => taskRowsQuery(id, viewId, offset, limit)}
              rowHeight={compact ? 32 : 44}
              length={view?.total}
              isGrowing={view?.isFinal !== true}
              opened={(row) => row.position === position}
              shown={position === undefined ? undefined : place}
              onOpen={(row, index) => {
                setPlace(index);
                open(row.position);
              }}
              onActive={(row, index) => {
                atKeyboard.current = { row, index };
              }}
              selection={{ rows, onChange: (rows) => setSelected({ viewId, rows }) }}
              empty={
                all === 0 ? (
                  <EmptyState icon={Inbox} title="No tasks">
                    The file that was imported had none that could be used.
                  </EmptyState>
                ) : (
                  <EmptyState
                    icon={ListFilter}
                    title="No task matches"
                    actions={
                      <Button onClick={() => change({ filters: undefined, q: undefined })}>Clear filters</Button>
                    }
                  >
                    {formatCount(all, "task")} {all === 1 ? "is" : "are"} hidden by the filters.
                  </EmptyState>
                )
              }
            />
          ) : (
            <div className="p-4">
              <QueryProblem
                title="The tasks could not be looked through"
                error={error}
                onRetry={() => void refetch()}
              />
            </div>
          )}
        </div>
        {position !== undefined && (
          <OpenTask
            project={project}
            position={position}
            onStep={(by) => void step(by)}
            onClose={() => open(undefined)}
          />
        )}
      </div>
    </div>
  );
}

type Sort = TasksSearch["sort"];

/** With the least that it needs to be read. */
type TaskColumn = Column<TaskRow> & { least_px: number };

/** How many columns from the beginning fit: at least the number of a task and what it begins with. */
export function countFitting(columns: readonly Pick<TaskColumn, "least_px">[], width: number): number {
  let left = width - SELECTION_PX - SCROLL_BAR_PX;
  const first = columns.findIndex(({ least_px }, index) => {
    left -= least_px;
    return index >= 2 && left < 0;
  });
  return first === -1 ? columns.length : first;
}

function narrowed(columns: readonly TaskColumn[], count: number): TaskColumn[] {
  return columns
    .slice(0, count)
    .map((column) =>
      column.id.startsWith("data-") ? { ...column, width: `minmax(${column.least_px}px, 2fr)` } : column,
    );
}

function columnsOf(project: ProjectDetail, sort: Sort, onSort: (sort: Sort) => void): TaskColumn[] {
  const shown = project.variables.slice(0, 4);
  const pictures = new Set(project.outline.nodes.filter(({ tag }) => tag.toLowerCase() === "image").map(fieldOf));
  const sortBy = (by: NonNullable<Sort>["by"]) => ({
    direction: sortDirection(sort, by),
    onSort: () => onSort(nextSort(sort, by)),
  });
  return [
    {
      id: "position",
      title: "#",
      width: "84px",
      least_px: 84,
      cell: (row) => <span className="text-subtler tabular-nums">{formatNumber(row.position + 1)}</span>,
      sort: sortBy({ kind: "position" }),
    },
    ...shown.map((variable, index) => ({
      id: `data-${variable}`,
      title: variable,
      width: index === 0 ? "minmax(200px, 3fr)" : "minmax(140px, 2fr)",
      least_px: 140,
      // A block of its own: text that runs from the right must lose its end, not its beginning.
      cell: (row: TaskRow) =>
        pictures.has(variable) ? (
          <MediaCell key={row.id} taskId={row.id} field={variable} value={row.data[variable]} />
        ) : (
          <span dir="auto" className="block truncate">
            {inShort(row.data[variable])}
          </span>
        ),
      sort: sortBy({ kind: "field", field: variable }),
    })),
    {
      id: "truth",
      title: "Ground truth",
      term: "groundTruth",
      width: "minmax(140px, 1.5fr)",
      least_px: 140,
      cell: (row) =>
        row.ground_truth === null ? (
          <span className="text-subtler">None</span>
        ) : (
          <RegionSummary outline={project.outline} regions={row.ground_truth} />
        ),
    },
    {
      id: "split",
      title: "Part",
      term: "heldOut",
      width: "92px",
      least_px: 92,
      cell: (row) => (row.ground_truth === null ? "" : row.held_out ? "Held out" : "Dev"),
    },
    {
      id: "annotations",
      title: "Annotations",
      width: "110px",
      least_px: 110,
      align: "end",
      cell: (row) => formatNumber(row.annotation_count),
    },
  ];
}

type OpenTaskProps = {
  project: ProjectDetail;
  position: number;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
};

/** The task that is open beside the table, as annotators see it. */
function OpenTask({ project, position, onStep, onClose }: OpenTaskProps) {
  const { id, task_count: total } = project.summary;
  const tasks = useQuery({ ...taskRowsQuery(id, null, position, 1), placeholderData: (previous) => previous });
  const task = tasks.data?.rows[0];
  useCommand("task.previous", () => onStep(-1));
  useCommand("task.next", () => onStep(1));
  return (
    <aside
      aria-label={`Task ${position + 1} of ${total}`}
      className="flex w-[clamp(300px,36%,480px)] shrink-0 flex-col border-l"
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <div className="flex h-9 shrink-0 items-center gap-1 border-b pr-2 pl-4">
        <h2 className="flex-1 truncate text-sm font-semibold tabular-nums">
          Task {formatNumber(position + 1)} <span className="font-normal text-subtler">of {formatNumber(total)}</span>
        </h2>
        <IconButton icon={PencilLine} size="small" label="Label this task" command="project.label" />
        <IconButton icon={ChevronLeft} size="small" label="Previous task" command="task.previous" />
        <IconButton icon={ChevronRight} size="small" label="Next task" command="task.next" />
        <IconButton icon={X} size="small" label="Close the task" onClick={onClose} />
      </div>
      <ScrollRegion label="The task" className="min-h-0 flex-1 px-4 py-4">
        {task !== undefined && (
          <div className="flex flex-col gap-5">
            <section className="flex flex-col gap-2">
              <h3 className="flex items-center gap-2 text-xs font-semibold text-subtler">
                Interface
                {task.ground_truth !== null && <Badge tone="positive">Ground truth</Badge>}
                {task.held_out && <Badge>Held out</Badge>}
              </h3>
              <div className="rounded-md border bg-surface p-3">
                <LabelingPreview
                  outline={project.outline}
                  data={task.data}
                  regions={task.ground_truth ?? []}
                  taskId={task.id}
                />
              </div>
            </section>
            <section className="flex flex-col gap-2">
              <h3 className="text-xs font-semibold text-subtler">Data</h3>
              <TaskData data={task.data} />
            </section>
          </div>
        )}
      </ScrollRegion>
    </aside>
  );
}
