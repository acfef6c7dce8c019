/** Which tasks the table shows: chips for the filters, a search over the data, and how many there are. */
import { LoaderCircle, Plus, RefreshCw, X } from "lucide-react";
import { useRef, useState } from "react";
import { useCommand } from "@/components/commands";
import { RestingSearch } from "@/components/RestingSearch";
import { filterText, type TasksSearch } from "@/components/tasks/filters";
import type { OpenView } from "@/components/tasks/useTaskView";
import { Button, IconButton } from "@/components/ui/Button";
import { Popover } from "@/components/ui/Popover";
import type { ProjectDetail, TaskFilter } from "@/ipc/bindings";
import { formatCount, formatNumber } from "@/lib/format";
import { FilterForm } from "./FilterForm";

type TaskFiltersProps = {
  project: ProjectDetail;
  search: TasksSearch;
  view: OpenView | undefined;
  onChange: (part: Partial<TasksSearch>) => void;
  /** Looks again for what passes the filters. */
  onRefresh: () => void;
};

export function TaskFilters({ project, search, view, onChange, onRefresh }: TaskFiltersProps) {
  const { q, filters = [] } = search;
  const input = useRef<HTMLInputElement>(null);
  /** The place of the filter that is being edited; that after the last one is for a new one. */
  const [edited, setEdited] = useState<number>();
  useCommand("screen.find", () => input.current?.focus());
  useCommand("table.filter", () => setEdited(filters.length));
  const put = (next: TaskFilter[]) => onChange({ filters: next.length === 0 ? undefined : next });
  const form = (index: number, filter: TaskFilter | undefined) => (
    <FilterForm
      project={project}
      filter={filter}
      onCancel={() => setEdited(undefined)}
      onSubmit={(next) => {
        setEdited(undefined);
        put(filter === undefined ? [...filters, next] : filters.with(index, next));
      }}
    />
  );
  const openAt = (index: number) => ({
    open: edited === index,
    onOpenChange: (open: boolean) => setEdited(open ? index : undefined),
  });
  return (
    <div className="flex shrink-0 items-start gap-4 border-b px-4 py-2">
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-2">
        <RestingSearch
          ref={input}
          label="Search in the data"
          value={q ?? ""}
          onChange={(text) => onChange({ q: text === "" ? undefined : text })}
          className="w-52 min-w-0"
        />
        {filters.map((filter, index) => {
          const words = filterText(filter, project);
          return (
            // The same filter may stand there twice: only its place tells it apart.
            <span key={index} className="inline-flex h-8 max-w-80 items-center rounded-sm border bg-surface text-sm">
              <Popover
                title="Change the filter"
                {...openAt(index)}
                trigger={
                  <button
                    type="button"
                    className="h-full min-w-0 truncate rounded-l-sm pr-1 pl-2.5 hover:bg-surface-hover data-popup-open:bg-surface-hover"
                  >
                    {words}
                  </button>
                }
              >
                {form(index, filter)}
              </Popover>
              <button
                type="button"
                aria-label={`Remove the filter “${words}”`}
                onClick={() => put(filters.toSpliced(index, 1))}
                className="flex h-full w-7 shrink-0 items-center justify-center rounded-r-sm text-subtler hover:bg-surface-hover hover:text-content"
              >
                <X aria-hidden className="size-3.5" />
              </button>
            </span>
          );
        })}
        <Popover
          title="Add a filter"
          {...openAt(filters.length)}
          trigger={
            <Button icon={Plus} command="table.filter" onClick={undefined}>
              Filter
            </Button>
          }
        >
          {form(filters.length, undefined)}
        </Popover>
        {(filters.length > 0 || q !== undefined) && (
          <Button look="string" onClick={() => onChange({ filters: undefined, q: undefined })}>
            Clear
          </Button>
        )}
      </div>
      <div className="flex h-8 shrink-0 items-center gap-1 text-sm text-subtler tabular-nums">
        <span role="status">{view === undefined ? "" : counted(view, project.summary.task_count)}</span>
        {view?.isFinal === false && <LoaderCircle aria-hidden className="size-4 animate-spin" />}
        {view?.isFinal === true && view.id !== null && (
          <IconButton icon={RefreshCw} size="small" label="Look again" onClick={onRefresh} />
        )}
      </div>
    </div>
  );
}

/** "1,000 tasks", "12 of 1,000 tasks", "12 of 1,000 tasks so far" */
function counted({ id, total, isFinal }: OpenView, all: number): string {
  if (id === null || (isFinal && total === all)) return formatCount(all, "task");
  return `${formatNumber(total)} of ${formatCount(all, "task")}${isFinal ? "" : " so far"}`;
}
