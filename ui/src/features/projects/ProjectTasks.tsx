import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight, Inbox, X } from "lucide-react";
import { useMemo } from "react";
import { LabelingPreview } from "@/components/labeling/LabelingPreview";
import { RegionSummary } from "@/components/labeling/RegionSummary";
import { TaskData } from "@/components/project/TaskData";
import { type Column, DataTable } from "@/components/table/DataTable";
import { Badge } from "@/components/ui/Badge";
import { IconButton } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import type { JsonValue, ProjectDetail, TaskRow } from "@/ipc/bindings";
import { taskRowsQuery } from "@/ipc/queries";
import { formatNumber } from "@/lib/format";

const route = getRouteApi("/projects/$projectId");

export function ProjectTasks({ project }: { project: ProjectDetail }) {
  const { id, task_count: total } = project.summary;
  const { task } = route.useSearch();
  const navigate = route.useNavigate();
  const columns = useMemo(() => columnsOf(project), [project]);
  const open = (position: number | undefined) =>
    void navigate({
      search: (old) => ({ ...old, task: position === undefined ? undefined : position + 1 }),
      replace: true,
    });
  const position = task === undefined || task > total ? undefined : task - 1;
  return (
    <div className="flex h-full min-h-0">
      <DataTable<TaskRow>
        label="Tasks"
        className="min-w-0 flex-1"
        columns={columns}
        pageQuery={(offset, limit) => taskRowsQuery(id, offset, limit)}
        rowHeight={44}
        opened={(row) => row.position === position}
        onOpen={(row) => open(row.position)}
        empty={
          <EmptyState icon={Inbox} title="No tasks">
            The file that was imported had none that could be used.
          </EmptyState>
        }
      />
      {position !== undefined && <OpenTask project={project} position={position} onMove={open} />}
    </div>
  );
}

function columnsOf(project: ProjectDetail): Column<TaskRow>[] {
  const shown = project.variables.slice(0, 4);
  return [
    {
      id: "position",
      title: "#",
      width: "72px",
      cell: (row) => <span className="text-subtler tabular-nums">{formatNumber(row.position + 1)}</span>,
    },
    ...shown.map((variable, index) => ({
      id: `data-${variable}`,
      title: variable,
      width: index === 0 ? "minmax(200px, 3fr)" : "minmax(140px, 2fr)",
      // A block of its own: text that runs from the right must lose its end, not its beginning.
      cell: (row: TaskRow) => (
        <span dir="auto" className="block truncate">
          {inOneLine(row.data[variable])}
        </span>
      ),
    })),
    {
      id: "truth",
      title: "Ground truth",
      width: "minmax(140px, 1.5fr)",
      cell: (row) =>
        row.ground_truth === null ? (
          <span className="text-subtler">None</span>
        ) : (
          <RegionSummary outline={project.outline} regions={row.ground_truth} />
        ),
    },
    {
      id: "annotations",
      title: "Annotations",
      width: "110px",
      align: "end",
      cell: (row) => formatNumber(row.annotation_count),
    },
  ];
}

/** As much of a value as a line of a table can show. */
function inOneLine(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.slice(0, 400).replace(/\s+/g, " ");
}

type OpenTaskProps = {
  project: ProjectDetail;
  position: number;
  /** Opens another task, or none. */
  onMove: (position: number | undefined) => void;
};

/** The task that is open beside the table, as annotators see it. */
function OpenTask({ project, position, onMove }: OpenTaskProps) {
  const { id, task_count: total } = project.summary;
  const tasks = useQuery({ ...taskRowsQuery(id, position, 1), placeholderData: (previous) => previous });
  const task = tasks.data?.rows[0];
  return (
    <aside
      aria-label={`Task ${position + 1} of ${total}`}
      className="flex w-[clamp(300px,36%,480px)] shrink-0 flex-col border-l"
      onKeyDown={(event) => event.key === "Escape" && onMove(undefined)}
    >
      <div className="flex h-9 shrink-0 items-center gap-1 border-b pr-2 pl-4">
        <h2 className="flex-1 truncate text-sm font-semibold tabular-nums">
          Task {formatNumber(position + 1)} <span className="font-normal text-subtler">of {formatNumber(total)}</span>
        </h2>
        <IconButton
          icon={ChevronLeft}
          size="small"
          label="Previous task"
          disabled={position === 0}
          onClick={() => onMove(position - 1)}
        />
        <IconButton
          icon={ChevronRight}
          size="small"
          label="Next task"
          disabled={position + 1 >= total}
          onClick={() => onMove(position + 1)}
        />
        <IconButton icon={X} size="small" label="Close the task" onClick={() => onMove(undefined)} />
      </div>
      <ScrollRegion label="The task" className="min-h-0 flex-1 px-4 py-4">
        {task !== undefined && (
          <div className="flex flex-col gap-5">
            <section className="flex flex-col gap-2">
              <h3 className="flex items-center gap-2 text-xs font-semibold text-subtler">
                Interface
                {task.ground_truth !== null && <Badge tone="positive">Ground truth</Badge>}
              </h3>
              <div className="rounded-md border bg-surface p-3">
                <LabelingPreview outline={project.outline} data={task.data} regions={task.ground_truth ?? []} />
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
