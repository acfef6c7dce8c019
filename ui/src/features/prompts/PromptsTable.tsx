import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowUpRight, Download, Ellipsis, Folder, Layers, type LucideIcon, PencilLine, Trash2 } from "lucide-react";
import { useState } from "react";
import { useCommand } from "@/components/commands";
import { Badge } from "@/components/ui/Badge";
import { IconButton } from "@/components/ui/Button";
import { ListCell, type ListColumn, ListRow, ListTable } from "@/components/ui/ListTable";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/Menu";
import { RunStatusBadge } from "@/components/ui/RunStatusBadge";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import { useRowAt } from "@/components/ui/useRowAt";
import type { PromptSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { formatBounds, formatCount, formatPercent } from "@/lib/format";
import { modelLabel, modelTitle } from "@/lib/models";
import { LazyEditPromptDialog, LazyExportPromptsDialog } from "./later";
import { useRestorePrompt } from "./restore";

export type Sorting = { sort: "name" | "project" | "accuracy" | "updated"; desc: boolean };

// Where the window is narrow, what is least needed to choose a prompt goes first.
const givesWay = {
  updated: "@max-[30rem]:hidden",
  project: "@max-[40rem]:hidden",
  model: "@max-[48.75rem]:hidden",
  lastRun: "@max-[57.5rem]:hidden",
};

const columns: readonly ListColumn<Sorting["sort"]>[] = [
  { id: "name", title: "Name", sort: { by: "name" } },
  { id: "project", title: "Target project", className: givesWay.project, sort: { by: "project" } },
  { id: "model", title: "Latest version", className: givesWay.model },
  { id: "accuracy", title: "Best accuracy", term: "bestAccuracy", sort: { by: "accuracy", descending: true } },
  { id: "run", title: "Last run", className: givesWay.lastRun },
  { id: "updated", title: "Updated", className: givesWay.updated, sort: { by: "updated", descending: true } },
];

type PromptsTableProps = {
  prompts: readonly PromptSummary[];
  sorting: Sorting;
  onSort: (sorting: Sorting) => void;
};

export function PromptsTable({ prompts, sorting, onSort }: PromptsTableProps) {
  const { row, asked, onFocus, onLeave } = useRowAt(prompts);
  const [exported, setExported] = useState<PromptSummary | null>(null);
  const [edited, setEdited] = useState<PromptSummary | null>(null);
  const remove = useDeletePrompt();
  const namesSpaces = new Set(prompts.map(({ space_id }) => space_id)).size > 1;
  useCommand("row.rename", () => row && setEdited(row), asked("Rename"));
  useCommand("row.delete", () => row && remove(row), asked("Delete"));
  return (
    <>
      <ListTable label="Prompts" columns={columns} sorting={sorting} onSort={onSort} onLeave={onLeave}>
        {prompts.map((prompt) => (
          <PromptRow
            key={prompt.id}
            prompt={prompt}
            space={namesSpaces ? prompt.space_name : undefined}
            onFocus={() => onFocus(prompt)}
            onRename={() => setEdited(prompt)}
            onExport={() => setExported(prompt)}
            onDelete={() => remove(prompt)}
          />
        ))}
      </ListTable>
      {exported !== null && <LazyExportPromptsDialog prompt={exported} onClose={() => setExported(null)} />}
      {edited !== null && <LazyEditPromptDialog prompt={edited} onClose={() => setEdited(null)} />}
    </>
  );
}

/** Where a prompt is. */
function Place({ icon: Icon, name }: { icon: LucideIcon; name: string }) {
  return (
    <span className="flex max-w-32 min-w-0 items-center gap-1" title={`In ${name}`}>
      <Icon aria-hidden className="size-3 shrink-0" />
      <span className="truncate" dir="auto">
        {name}
      </span>
    </span>
  );
}

type PromptRowProps = {
  prompt: PromptSummary;
  space: string | undefined;
  onFocus: () => void;
  onRename: () => void;
  onExport: () => void;
  onDelete: () => void;
};

function PromptRow({ prompt, space, onFocus, onRename, onExport, onDelete }: PromptRowProps) {
  const navigate = useNavigate();
  const open = () => void navigate({ to: "/prompts/$promptId", params: { promptId: prompt.id } });
  const { latest_version: version, best_accuracy: accuracy, last_run: lastRun } = prompt;
  return (
    <ListRow onOpen={open} onFocus={onFocus}>
      <ListCell>
        <div className="flex min-w-0 items-center gap-2">
          <Link
            data-row
            to="/prompts/$promptId"
            params={{ promptId: prompt.id }}
            title={prompt.name}
            dir="auto"
            className="min-w-0 truncate rounded-sm font-semibold text-content"
          >
            {prompt.name}
          </Link>
          {prompt.is_sample && <Badge size="small">Sample</Badge>}
        </div>
        {/* Below the name, which needs its line for itself. */}
        {(space !== undefined || prompt.folder !== "" || prompt.description !== "") && (
          <div className="mt-0.5 flex min-w-0 items-center gap-2 text-xs text-subtler">
            {space !== undefined && <Place icon={Layers} name={space} />}
            {prompt.folder !== "" && <Place icon={Folder} name={prompt.folder} />}
            <span className="min-w-0 flex-1 truncate text-left" title={prompt.description} dir="auto">
              {prompt.description}
            </span>
          </div>
        )}
      </ListCell>
      <ListCell className={givesWay.project}>
        <div className="w-max max-w-[16cqw] truncate text-left" title={prompt.project_name ?? undefined} dir="auto">
          {prompt.project_name ?? <span className="text-subtler">No target yet</span>}
        </div>
      </ListCell>
      <ListCell className={givesWay.model}>
        {version === null ? (
          <span className="whitespace-nowrap text-subtler">No version yet</span>
        ) : (
          <div className="w-max max-w-[18cqw]">
            <div className="truncate">
              Version {version.number}
              {prompt.has_draft && ", changed since"}
              {prompt.labels.map(({ name, number }) => `, ${name}: v${number}`)}
            </div>
            <div className="mt-0.5 truncate text-xs text-subtler" title={modelTitle(version)}>
              {modelLabel(version)}
            </div>
          </div>
        )}
      </ListCell>
      <ListCell>
        {accuracy === null ? (
          <span className="whitespace-nowrap text-subtler">Not scored</span>
        ) : (
          <>
            <div className="font-semibold tabular-nums">{formatPercent(accuracy.value)}</div>
            <div
              className="mt-0.5 text-xs whitespace-nowrap text-subtler tabular-nums"
              title={`${accuracy.correct} of ${formatCount(accuracy.scored, "scored task")} correct; the true value is likely in this interval`}
            >
              {formatBounds(accuracy)}
            </div>
          </>
        )}
      </ListCell>
      <ListCell className={givesWay.lastRun}>
        {lastRun === null ? (
          <span className="whitespace-nowrap text-subtler">Never run</span>
        ) : (
          <>
            {/* The badge is higher than a line, and is not to push the one below it. */}
            <div className="flex h-5 items-center">
              <RunStatusBadge status={lastRun.status} />
            </div>
            <RelativeTime iso={lastRun.at} className="mt-0.5 block min-w-24 truncate text-xs text-subtler" />
          </>
        )}
      </ListCell>
      <ListCell className={givesWay.updated}>
        {/* As wide as it gets: no column moves as time goes by. */}
        <RelativeTime iso={prompt.updated_at} className="block min-w-28 truncate text-subtle" />
      </ListCell>
      <ListCell className="px-2 py-1.5">
        <Menu align="end" trigger={<IconButton icon={Ellipsis} label={`Actions for ${prompt.name}`} tipSide="left" />}>
          <MenuItem icon={ArrowUpRight} onClick={open}>
            Open
          </MenuItem>
          <MenuItem icon={PencilLine} command="row.rename" onClick={onRename}>
            Edit
          </MenuItem>
          <MenuItem icon={Download} onClick={onExport}>
            Export…
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={Trash2} tone="negative" command="row.delete" onClick={onDelete}>
            Delete
          </MenuItem>
        </Menu>
      </ListCell>
    </ListRow>
  );
}

/** Deletes at once and offers the way back. */
function useDeletePrompt(): (prompt: PromptSummary) => void {
  const restore = useRestorePrompt();
  const { mutate } = useMutation({
    mutationFn: (prompt: PromptSummary) => ipc.deletePrompt(prompt.id),
    onSuccess: (_, prompt) =>
      toast({ title: `Deleted “${prompt.name}”`, action: { label: "Undo", run: () => restore.mutate(prompt) } }),
    onError: (error, prompt) =>
      toast({ kind: "failed", title: `“${prompt.name}” was not deleted`, description: messageOf(error) }),
  });
  return mutate;
}
