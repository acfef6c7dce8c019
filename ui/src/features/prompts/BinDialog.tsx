/** Prompts that were deleted, for thirty days. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { RotateCcw, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Loaded } from "@/components/Loaded";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { EmptyState } from "@/components/ui/EmptyState";
import { Field, TextInput } from "@/components/ui/Field";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { DeletedPrompt } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { deletedPromptsQuery, promptsQuery } from "@/ipc/queries";
import { formatCount, sentence } from "@/lib/format";
import { freeName } from "./freeName";
import { isNameTaken } from "./restore";

type BinDialogProps = {
  /** A prompt whose name is taken: another one is asked for at once, and with it the dialog is done. */
  asksAbout?: string | undefined;
  onClose: () => void;
};

export function BinDialog({ asksAbout, onClose }: BinDialogProps) {
  return (
    <Dialog
      open
      onClose={onClose}
      title="Deleted prompts"
      description="They are kept for 30 days, with their versions and runs."
    >
      <Loaded query={useQuery(deletedPromptsQuery())} what="the deleted prompts">
        {(prompts) =>
          prompts.length === 0 ? (
            <EmptyState icon={Trash2} title="Nothing was deleted">
              A prompt that is deleted can be brought back from here.
            </EmptyState>
          ) : (
            <ul className="divide-y rounded-sm border">
              {prompts.map((prompt) => (
                <Deleted
                  key={prompt.id}
                  prompt={prompt}
                  asks={prompt.id === asksAbout}
                  onRestored={prompt.id === asksAbout ? onClose : undefined}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Dialog>
  );
}

type DeletedProps = { prompt: DeletedPrompt; asks: boolean; onRestored: (() => void) | undefined };

function Deleted({ prompt, asks, onRestored }: DeletedProps) {
  /** Its own name turned out to be taken. */
  const [asksName, setAsksName] = useState(asks);
  const restore = useMutation({
    mutationFn: (name: string | null) => ipc.restorePrompt(prompt.id, name),
    onSuccess: (_, name) => {
      toast({ title: `“${name ?? prompt.name}” is back` });
      onRestored?.();
    },
    onError: (error) => {
      if (isNameTaken(error)) setAsksName(true);
    },
  });
  const why = restore.isError ? sentence(messageOf(restore.error)) : undefined;
  return (
    <li className="flex flex-col gap-2 px-3 py-2.5">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium" dir="auto">
            {prompt.name}
          </p>
          <p className="text-xs text-subtler">
            {formatCount(prompt.version_count, "version")}, {formatCount(prompt.run_count, "run")}, deleted{" "}
            <RelativeTime iso={prompt.deleted_at} />
          </p>
        </div>
        {!asksName && (
          <Button icon={RotateCcw} onClick={() => restore.mutate(null)} waiting={restore.isPending}>
            Restore
          </Button>
        )}
      </div>
      {asksName ? (
        <NameQuestion
          taken={prompt.name}
          // Why its own name could not be had is what the question says already.
          error={restore.variables === null ? undefined : why}
          waiting={restore.isPending}
          onName={(name) => restore.mutate(name)}
        />
      ) : (
        why !== undefined && <p className="text-sm text-negative-content">{why}</p>
      )}
    </li>
  );
}

type NameQuestionProps = {
  taken: string;
  error: string | undefined;
  waiting: boolean;
  onName: (name: string) => void;
};

function NameQuestion({ taken, error, waiting, onName }: NameQuestionProps) {
  const names = useQuery(promptsQuery()).data?.map(({ name }) => name) ?? [];
  const [typed, setName] = useState<string>();
  const name = typed ?? freeName(taken, names);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // The dialog takes the focus first.
    const frame = requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.select();
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        onName(name);
      }}
    >
      <p className="text-sm text-subtle">Another prompt has this name now. Under which one should this come back?</p>
      <Field label="Name" error={error}>
        <div className="flex gap-2">
          <TextInput ref={input} size="medium" value={name} onChange={setName} dir="auto" />
          <Button type="submit" variant="primary" look="filled" icon={RotateCcw} waiting={waiting}>
            Restore
          </Button>
        </div>
      </Field>
    </form>
  );
}
