import { useMutation } from "@tanstack/react-query";
import { PencilLine, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button, IconButton } from "@/components/ui/Button";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { SpaceSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { formatCount } from "@/lib/format";
import { LinkForm } from "./LinkForm";
import { LinkPanel } from "./LinkPanel";
import { SpaceForm } from "./SpaceForm";

export function SpacePanel({ space, onOpen }: { space: SpaceSummary; onOpen: () => void }) {
  const [renaming, setRenaming] = useState(false);
  const wasRenaming = useRef(false);
  const rename = useRef<HTMLButtonElement>(null);
  const isLinked = space.link !== null;
  const wasLinked = useRef(isLinked);
  const linkButton = useRef<HTMLButtonElement>(null);
  // What had the focus is gone with a form or a link that is left: it stays close by.
  useEffect(() => {
    if (!renaming && wasRenaming.current) rename.current?.focus();
    wasRenaming.current = renaming;
  }, [renaming]);
  useEffect(() => {
    if (isLinked !== wasLinked.current) linkButton.current?.focus();
    wasLinked.current = isLinked;
  }, [isLinked]);
  const create = useMutation({
    mutationFn: () => ipc.createSpace({ name: space.name, description: space.description }),
  });
  const remove = useMutation({
    mutationFn: () => ipc.deleteSpace(space.id),
    onSuccess: () => toast({ title: `Removed “${space.name}”`, action: { label: "Undo", run: () => create.mutate() } }),
    onError: (error) => toast({ kind: "failed", title: "The space was not removed", description: messageOf(error) }),
  });
  if (renaming) {
    return <SpaceForm space={space} onSaved={() => setRenaming(false)} onCancel={() => setRenaming(false)} />;
  }
  const kept = space.is_default
    ? "Every workspace has this space."
    : space.prompt_count > 0
      ? "Move or delete its prompts first."
      : space.link !== null
        ? "Unlink it first."
        : undefined;
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-start gap-2">
        <div className="min-w-48 flex-1">
          <h2 className="text-lg font-semibold break-words select-text" dir="auto">
            {space.name}
          </h2>
          {space.description !== "" && (
            <p className="text-sm break-words text-subtle select-text" dir="auto">
              {space.description}
            </p>
          )}
          <p className="text-sm text-subtler">
            {formatCount(space.prompt_count, "prompt")} · made <RelativeTime iso={space.created_at} />
          </p>
        </div>
        <div className="flex items-center gap-2">
          <Button onClick={onOpen}>Show its prompts</Button>
          <IconButton
            ref={rename}
            icon={PencilLine}
            look="outlined"
            label="Rename the space"
            onClick={() => setRenaming(true)}
          />
          <IconButton
            icon={Trash2}
            look="outlined"
            label="Remove the space"
            disabledReason={kept}
            onClick={() => remove.mutate()}
          />
        </div>
      </div>
      {space.link === null ? (
        <LinkForm spaceId={space.id} opener={linkButton} />
      ) : (
        <LinkPanel space={space} link={space.link} lookButton={linkButton} />
      )}
    </div>
  );
}
