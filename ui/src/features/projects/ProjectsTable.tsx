import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowUpRight, CloudDownload, Ellipsis, Link2, MessageSquarePlus, PencilLine, Trash2 } from "lucide-react";
import { useState } from "react";
import { useCommand } from "@/components/commands";
import { Badge } from "@/components/ui/Badge";
import { IconButton } from "@/components/ui/Button";
import { ListCell, type ListColumn, ListRow, ListTable } from "@/components/ui/ListTable";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/Menu";
import { RelativeTime } from "@/components/ui/Time";
import { useRowAt } from "@/components/ui/useRowAt";
import type { ProjectSummary } from "@/ipc/bindings";
import { formatNumber, sentence } from "@/lib/format";
import { inUse, useDeleteProject } from "./deleteProject";
import { RenameProjectDialog } from "./RenameProjectDialog";

export type Sorting = { sort: "name" | "tasks" | "updated"; desc: boolean };

// Where the window is narrow, or zoomed: a name is worth more than what is told of the project on its own screen.
const givesWay = {
  truths: "@max-[30rem]:hidden",
  updated: "@max-[36rem]:hidden",
  controls: "@max-[40rem]:hidden",
  prompts: "@max-[51.25rem]:hidden",
};

const columns: readonly ListColumn<Sorting["sort"]>[] = [
  { id: "name", title: "Name", sort: { by: "name" } },
  { id: "controls", title: "Controls", className: givesWay.controls },
  { id: "tasks", title: "Tasks", align: "end", sort: { by: "tasks", descending: true } },
  { id: "truths", title: "Ground truths", term: "groundTruth", align: "end", className: givesWay.truths },
  { id: "prompts", title: "Prompts", align: "end", className: givesWay.prompts },
  { id: "updated", title: "Updated", className: givesWay.updated, sort: { by: "updated", descending: true } },
];

type ProjectsTableProps = {
  projects: readonly ProjectSummary[];
  sorting: Sorting;
  onSort: (sorting: Sorting) => void;
};

export function ProjectsTable({ projects, sorting, onSort }: ProjectsTableProps) {
  const { row, asked, onFocus, onLeave } = useRowAt(projects);
  const [renamed, setRenamed] = useState<ProjectSummary | null>(null);
  const remove = useDeleteProject();
  useCommand("row.rename", () => row && setRenamed(row), asked("Rename"));
  useCommand("row.delete", () => row && remove(row), { ...asked("Delete"), disabledReason: row && inUse(row) });
  return (
    <>
      <ListTable label="Projects" columns={columns} sorting={sorting} onSort={onSort} onLeave={onLeave}>
        {projects.map((project) => (
          <ProjectRow
            key={project.id}
            project={project}
            onFocus={() => onFocus(project)}
            onRename={() => setRenamed(project)}
            onDelete={() => remove(project)}
          />
        ))}
      </ListTable>
      {renamed !== null && <RenameProjectDialog project={renamed} onClose={() => setRenamed(null)} />}
    </>
  );
}

type ProjectRowProps = {
  project: ProjectSummary;
  onFocus: () => void;
  onRename: () => void;
  onDelete: () => void;
};

function ProjectRow({ project, onFocus, onRename, onDelete }: ProjectRowProps) {
  const navigate = useNavigate();
  const open = () => void navigate({ to: "/projects/$projectId", params: { projectId: project.id } });
  return (
    <ListRow onOpen={open} onFocus={onFocus}>
      <ListCell>
        <div className="flex min-w-0 items-center gap-2">
          <Link
            data-row
            to="/projects/$projectId"
            params={{ projectId: project.id }}
            title={project.name}
            dir="auto"
            className="min-w-0 truncate rounded-sm font-semibold text-content"
          >
            {project.name}
          </Link>
          {project.is_sample && <Badge size="small">Sample</Badge>}
          {project.link !== null && (
            <Badge size="small" icon={Link2} title={`From ${project.link.title} on ${project.link.server_name}`}>
              Linked
            </Badge>
          )}
        </div>
        {project.ineligible !== null && (
          <div className="mt-0.5 text-xs text-warning-content">{sentence(project.ineligible)}</div>
        )}
      </ListCell>
      <ListCell className={givesWay.controls}>
        <div className="w-max max-w-[24cqw] truncate text-subtle" title={project.controls.join(", ")}>
          {project.controls.join(", ")}
        </div>
      </ListCell>
      <ListCell className="text-right tabular-nums">{formatNumber(project.task_count)}</ListCell>
      <ListCell className={`text-right tabular-nums ${givesWay.truths}`}>
        {project.ground_truth_count === 0 ? (
          <span className="text-subtler">None</span>
        ) : (
          formatNumber(project.ground_truth_count)
        )}
      </ListCell>
      <ListCell className={`text-right tabular-nums ${givesWay.prompts}`}>
        {project.prompt_count === 0 ? <span className="text-subtler">None</span> : formatNumber(project.prompt_count)}
      </ListCell>
      <ListCell className={givesWay.updated}>
        {/* As wide as it gets: no column moves as time goes by. */}
        <RelativeTime iso={project.updated_at} className="block min-w-28 truncate text-subtle" />
      </ListCell>
      <ListCell className="px-2 py-1.5">
        <Menu align="end" trigger={<IconButton icon={Ellipsis} label={`Actions for ${project.name}`} tipSide="left" />}>
          <MenuItem icon={ArrowUpRight} onClick={open}>
            Open
          </MenuItem>
          <MenuItem icon={PencilLine} command="row.rename" onClick={onRename}>
            Rename
          </MenuItem>
          <MenuItem
            icon={MessageSquarePlus}
            disabledReason={project.ineligible ?? undefined}
            onClick={() =>
              void navigate({ to: ".", search: (old) => ({ ...old, dialog: "create", project: project.id }) })
            }
          >
            Create Prompt
          </MenuItem>
          {project.link !== null && (
            <MenuItem
              icon={CloudDownload}
              onClick={() =>
                void navigate({ to: ".", search: (old) => ({ ...old, dialog: "pull", project: project.id }) })
              }
            >
              Pull changes…
            </MenuItem>
          )}
          <MenuSeparator />
          <MenuItem
            icon={Trash2}
            tone="negative"
            command="row.delete"
            disabledReason={inUse(project)}
            onClick={onDelete}
          >
            Delete
          </MenuItem>
        </Menu>
      </ListCell>
    </ListRow>
  );
}
