/** The labels of a prompt, from one of its versions: let them point to it, roll them back, see where they were. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { ArrowUpToLine, History, Plus, Tag, Undo2, X } from "lucide-react";
import { useRef, useState } from "react";
import { useCommand } from "@/components/commands";
import { Loaded } from "@/components/Loaded";
import { Button } from "@/components/ui/Button";
import { Dialog, FormDialog } from "@/components/ui/Dialog";
import { EmptyState } from "@/components/ui/EmptyState";
import { Field, TextInput } from "@/components/ui/Field";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/Menu";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { LabelMove, PromptSummary, VersionSummary } from "@/ipc/bindings";
import { fieldError, ipc, messageOf } from "@/ipc/client";
import { labelMovesQuery } from "@/ipc/queries";
import { labelNotMoved, useMoveLabel } from "./useMoveLabel";

/** Names that most people use, offered while a prompt has none of its own. */
const USUAL = ["production", "staging"];

type LabelsMenuProps = {
  prompt: PromptSummary;
  version: VersionSummary;
  /** Another version was chosen and is on its way. */
  isBehind: boolean;
};

export function LabelsMenu({ prompt, version, isBehind }: LabelsMenuProps) {
  const [dialog, setDialog] = useState<"new" | "moves">();
  const moves = useQuery(labelMovesQuery(prompt.id)).data ?? [];
  const move = useMoveLabel();
  const rollBack = useMutation({
    mutationFn: async ({ name, number }: { name: string; number: number }) => {
      const page = await ipc.listVersions(prompt.id, "", prompt.version_count - number, 1);
      const target = page.rows[0];
      if (target === undefined) throw new Error(`Version ${number} is not there.`);
      await ipc.moveLabel(target.id, name);
    },
    onSuccess: (_, { name, number }) => toast({ title: `“${name}” points to version ${number} again` }),
    onError: labelNotMoved,
  });
  const remove = useMutation({
    mutationFn: (name: string) => ipc.removeLabel(version.id, name),
    onSuccess: (_, name) =>
      toast({
        title: `“${name}” is removed`,
        action: { label: "Undo", run: () => move.mutate({ name, to: version }) },
      }),
    onError: labelNotMoved,
  });
  const [isOpen, setOpen] = useState(false);
  useCommand("version.labels", () => setOpen(true), { enabled: !isBehind });
  const elsewhere = prompt.labels.filter(({ version_id }) => version_id !== version.id);
  const known = prompt.labels.map(({ name }) => name);
  return (
    <>
      <Menu
        align="end"
        open={isOpen}
        onOpenChange={setOpen}
        trigger={
          <Button icon={Tag} title="Labels" className="gap-0 @md:gap-1.5">
            <span className="sr-only @md:not-sr-only">Labels</span>
          </Button>
        }
      >
        {version.labels.map((name) => {
          const before = moves.find((one) => one.name === name && one.to === version.number)?.from ?? null;
          return (
            before !== null && (
              <MenuItem
                key={`back-${name}`}
                icon={Undo2}
                hint={`It pointed to version ${before} before`}
                onClick={() => rollBack.mutate({ name, number: before })}
              >
                Roll “{name}” back to version {before}
              </MenuItem>
            )
          );
        })}
        {elsewhere.map(({ name, number, version_id: id }) => (
          <MenuItem
            key={name}
            icon={ArrowUpToLine}
            hint={`It points to version ${number} now`}
            onClick={() => move.mutate({ name, to: version, from: { id, number } })}
          >
            {number < version.number ? "Promote" : "Move"} to “{name}”
          </MenuItem>
        ))}
        {USUAL.filter((name) => !known.includes(name)).map((name) => (
          <MenuItem key={name} icon={Plus} onClick={() => move.mutate({ name, to: version })}>
            Label as “{name}”
          </MenuItem>
        ))}
        <MenuItem icon={Plus} onClick={() => setDialog("new")}>
          New label…
        </MenuItem>
        {version.labels.map((name) => (
          <MenuItem key={`remove-${name}`} icon={X} onClick={() => remove.mutate(name)}>
            Remove “{name}”
          </MenuItem>
        ))}
        <MenuSeparator />
        <MenuItem icon={History} onClick={() => setDialog("moves")}>
          Where labels were…
        </MenuItem>
      </Menu>
      {dialog === "new" && <NewLabelDialog version={version} onClose={() => setDialog(undefined)} />}
      {dialog === "moves" && <MovesDialog promptId={prompt.id} onClose={() => setDialog(undefined)} />}
    </>
  );
}

function NewLabelDialog({ version, onClose }: { version: VersionSummary; onClose: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const add = useMutation({ mutationFn: () => ipc.moveLabel(version.id, name), onSuccess: onClose });
  const error = add.isError ? (fieldError(add.error, "name") ?? messageOf(add.error)) : undefined;
  return (
    <FormDialog
      onClose={onClose}
      title={`Label version ${version.number}`}
      initialFocus={input}
      action="Add label"
      onSubmit={() => add.mutate()}
      waiting={add.isPending}
    >
      <Field label="Name" hint="A label points to one version; programs ask for it by this name." error={error}>
        <TextInput ref={input} value={name} onChange={setName} dir="auto" />
      </Field>
    </FormDialog>
  );
}

function MovesDialog({ promptId, onClose }: { promptId: string; onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title="Where labels were" description="Every move, newest first.">
      <Loaded query={useQuery(labelMovesQuery(promptId))} what="the moves">
        {(moves) =>
          moves.length === 0 ? (
            <EmptyState icon={Tag} title="No label yet">
              A label is a movable name for a version, such as production.
            </EmptyState>
          ) : (
            <ol className="divide-y rounded-sm border text-sm">
              {moves.map((move, index) => (
                <li key={index} className="flex items-baseline gap-3 px-3 py-2">
                  <span className="min-w-0 flex-1 truncate" dir="auto">
                    <span className="font-medium">{move.name}</span> {moveWords(move)}
                  </span>
                  <span className="text-xs text-subtler">
                    {move.author}, <RelativeTime iso={move.moved_at} />
                  </span>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </Dialog>
  );
}

function moveWords({ from, to }: LabelMove): string {
  if (to === null) return `was removed from version ${from}`;
  return from === null ? `was set to version ${to}` : `moved from version ${from} to version ${to}`;
}
