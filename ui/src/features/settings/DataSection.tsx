/** The workspace file: where it is, whether it is whole, backups, and what can be read of a damaged one. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { ArchiveRestore, FolderOpen, HardDriveDownload, LifeBuoy, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { Loaded } from "@/components/Loaded";
import { Banner } from "@/components/ui/Banner";
import { Button, IconButton } from "@/components/ui/Button";
import { CopyButton } from "@/components/ui/CopyButton";
import { ConfirmDialog } from "@/components/ui/Dialog";
import { ScrollTable, scrollCell } from "@/components/ui/ScrollTable";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { BackupReason, SalvagedWorkspace, WorkspaceBackup, WorkspaceCheck, WorkspaceFile } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { workspaceFileQuery } from "@/ipc/queries";
import { formatBytes, formatCount, sentence } from "@/lib/format";
import { WorkspaceQuestion } from "./WorkspaceQuestion";
import { backUpWorkspace } from "./workspaces";

const REASONS: Record<BackupReason, string> = {
  update: "Before an update of Touchstone changed its format",
  replaced: "Before a backup took its place",
};

const COLUMNS = [
  { title: "Kept" },
  { title: "Size", className: "text-right" },
  { title: "Written", className: "text-right" },
  { title: "Restore", className: "text-right" },
];

export function DataSection() {
  return (
    <Loaded query={useQuery(workspaceFileQuery())} what="the workspace file">
      {(file) => <Controls file={file} />}
    </Loaded>
  );
}

function Controls({ file }: { file: WorkspaceFile }) {
  const [restoring, setRestoring] = useState<string | null>(null);
  const [opening, setOpening] = useState<string | null>(null);
  const check = useMutation({ mutationFn: ipc.checkWorkspace });
  const backUp = useMutation({ mutationFn: backUpWorkspace });
  const show = useMutation({ mutationFn: ipc.showWorkspace });
  const choose = useMutation({
    mutationFn: ipc.chooseBackup,
    onSuccess: (path) => setRestoring(path),
  });
  const salvage = useMutation({
    mutationFn: async () => {
      const path = await ipc.chooseWorkspacePath("workspace salvaged");
      return path === null ? null : ipc.salvageWorkspace(path);
    },
  });
  const found = check.data ?? file.damage;
  const works = [
    { work: check, title: "The workspace was not checked" },
    { work: backUp, title: "The workspace was not backed up" },
    { work: choose, title: "No backup could be chosen" },
    { work: show, title: "The folder was not shown" },
    { work: salvage, title: "The workspace was not salvaged" },
  ];
  const failed = works.find(({ work }) => work.isError);
  return (
    <>
      <div className="flex w-full items-center gap-2">
        <code className="min-w-0 font-mono text-xs break-all select-text">{file.path}</code>
        <CopyButton text={file.path} label="Copy the path" size="small" />
        <IconButton
          icon={FolderOpen}
          size="small"
          label="Show the workspace in its folder"
          onClick={() => show.mutate()}
        />
        <span className="ml-auto text-xs whitespace-nowrap text-subtler">
          {file.bytes === null ? "No file" : formatBytes(file.bytes)}
        </span>
      </div>
      <div className="flex w-full flex-wrap gap-2">
        <Button icon={ShieldCheck} onClick={() => check.mutate()} waiting={check.isPending}>
          Check
        </Button>
        <Button icon={HardDriveDownload} onClick={() => backUp.mutate()} waiting={backUp.isPending}>
          Back up…
        </Button>
        <Button icon={ArchiveRestore} onClick={() => choose.mutate()} waiting={choose.isPending}>
          Restore…
        </Button>
        <Button icon={LifeBuoy} onClick={() => salvage.mutate()} waiting={salvage.isPending}>
          Salvage…
        </Button>
      </div>
      {failed !== undefined && (
        <Banner kind="negative" role="alert" title={failed.title}>
          {sentence(messageOf(failed.work.error))}
        </Banner>
      )}
      {found !== null && <Found check={found} />}
      {salvage.data != null && <Salvaged workspace={salvage.data} onOpen={setOpening} />}
      <p className="text-sm text-subtle">
        Before an update changes the format of the workspace, a backup is kept beside it: the newest three. Salvaging
        makes a new workspace of what can be read of a damaged one, which stays as it is.
      </p>
      {file.backups.length > 0 && <Backups backups={file.backups} onRestore={setRestoring} />}
      <Restore path={restoring} onClose={() => setRestoring(null)} />
      <WorkspaceQuestion path={opening} onClose={() => setOpening(null)} />
    </>
  );
}

function Found({ check }: { check: WorkspaceCheck }) {
  if (check.is_whole)
    return (
      <Banner kind="positive" role="status" title="The workspace is whole" className="w-full">
        {formatBytes(check.bytes)}, format {check.schema}.
      </Banner>
    );
  return (
    <Banner
      kind="negative"
      role="alert"
      title="The workspace is damaged"
      actions={<CopyButton text={check.problems.join("\n")} label="Copy details" size="small" />}
    >
      <p>
        Restore a backup, or salvage what can be read. {formatCount(check.problems.length, "problem")} found, the first:
      </p>
      <p className="mt-1 font-mono text-xs break-all">{check.problems[0]}</p>
    </Banner>
  );
}

function Salvaged({ workspace, onOpen }: { workspace: SalvagedWorkspace; onOpen: (path: string) => void }) {
  const short = workspace.tables.filter((table) => table.lost !== 0 || table.orphaned > 0);
  return (
    <Banner
      kind={short.length === 0 ? "positive" : "warning"}
      role="status"
      title={short.length === 0 ? "All of it could be read" : "Some of it could not be read"}
      actions={
        <Button size="small" onClick={() => onOpen(workspace.path)}>
          Open it…
        </Button>
      }
    >
      <p className="break-all">{workspace.path}</p>
      <ul className="mt-1">
        {short.map((table) => (
          <li key={table.name}>
            {table.name}: {formatCount(table.kept, "row")} kept,{" "}
            {table.lost === null ? "some lost" : `${formatCount(table.lost, "row")} lost`}
            {table.orphaned > 0 && `, ${formatCount(table.orphaned, "row")} left out that belonged to what is lost`}
          </li>
        ))}
      </ul>
    </Banner>
  );
}

function Backups({ backups, onRestore }: { backups: WorkspaceBackup[]; onRestore: (path: string) => void }) {
  return (
    <ScrollTable label="Backups beside the workspace" columns={COLUMNS}>
      {backups.map((backup) => (
        <tr key={backup.path}>
          <td className={scrollCell}>{REASONS[backup.reason]}</td>
          <td className={`${scrollCell} text-right whitespace-nowrap tabular-nums`}>{formatBytes(backup.bytes)}</td>
          <td className={`${scrollCell} text-right whitespace-nowrap`}>
            <RelativeTime iso={backup.written_at} />
          </td>
          <td className={`${scrollCell} text-right`}>
            <Button size="small" onClick={() => onRestore(backup.path)}>
              Restore…
            </Button>
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

function Restore({ path, onClose }: { path: string | null; onClose: () => void }) {
  const restore = useMutation({
    mutationFn: (path: string) => ipc.restoreWorkspace(path),
    onSuccess: onClose,
    onError: (error) => {
      onClose();
      toast({ kind: "failed", title: "The backup was not restored", description: messageOf(error) });
    },
  });
  return (
    <ConfirmDialog
      open={path !== null}
      title="Restore this backup?"
      action="Restore and restart"
      tone="primary"
      waiting={restore.isPending}
      onConfirm={() => path !== null && restore.mutate(path)}
      onClose={onClose}
    >
      <p className="break-all">{path}</p>
      <p className="mt-2">
        Touchstone starts again with it. The workspace of now is kept beside it, and can be restored from here as well.
      </p>
    </ConfirmDialog>
  );
}
