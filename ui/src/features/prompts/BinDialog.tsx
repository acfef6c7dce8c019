/** Prompts that were deleted, for thirty days. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { Loaded } from "@/components/Loaded";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { EmptyState } from "@/components/ui/EmptyState";
import { Field, TextInput } from "@/components/ui/Field";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { DeletedPrompt } from "@/ipc/bindings";
import { IpcFailure, ipc, messageOf } from "@/ipc/client";
import { deletedPromptsQuery } from "@/ipc/queries";
import { formatCount, sentence } from "@/lib/format";

export function BinDialog({ onClose }: { onClose: () => void }) {
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
                <Deleted key={prompt.id} prompt={prompt} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Dialog>
  );
}

function Deleted({ prompt }: { prompt: DeletedPrompt }) {
  /** Another name, once its own turned out to be taken. */
  const [name, setName] = useState<string | null>(null);
  const restore = useMutation({
    mutationFn: () => ipc.restorePrompt(prompt.id, name),
    onSuccess: () => toast({ title: `“${name ?? prompt.name}” is back` }),
    onError: (error) => {
      if (error instanceof IpcFailure && error.code === "name_taken" && name === null) setName(`${prompt.name} 2`);
    },
  });
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
        <Button icon={RotateCcw} onClick={() => restore.mutate()} waiting={restore.isPending}>
          Bring back
        </Button>
      </div>
      {name !== null && (
        <Field
          label="Bring back as"
          error={restore.isError ? sentence(messageOf(restore.error)) : undefined}
          hint="Another prompt has its name now."
        >
          <TextInput size="medium" value={name} onChange={setName} />
        </Field>
      )}
      {name === null && restore.isError && (
        <p className="text-sm text-negative-content">{sentence(messageOf(restore.error))}</p>
      )}
    </li>
  );
}
