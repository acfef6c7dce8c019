/** The spaces of the workspace: what they are called, and which space of another server they follow. */
import { useQuery } from "@tanstack/react-query";
import { Layers, Link2, Plus } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Loaded } from "@/components/Loaded";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import type { SpaceSummary } from "@/ipc/bindings";
import { spacesQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { formatCount } from "@/lib/format";
import { SpaceForm } from "./SpaceForm";
import { SpacePanel } from "./SpacePanel";

type SpacesDialogProps = {
  /** Chosen from the start; else the first. */
  spaceId: string | undefined;
  onClose: () => void;
  /** Shows the prompts of a space. */
  onOpen: (spaceId: string) => void;
};

export function SpacesDialog({ spaceId, onClose, onOpen }: SpacesDialogProps) {
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title="Spaces"
      description="Prompts of one space have names of their own. A space can follow one of an Arize account or of another Touchstone."
      bare
    >
      {/* As high before they are read as after it. */}
      <div className="h-140 min-h-0">
        <Loaded query={useQuery(spacesQuery())} what="the spaces">
          {(spaces) => <Spaces spaces={spaces} wanted={spaceId} onOpen={onOpen} />}
        </Loaded>
      </div>
    </Dialog>
  );
}

type SpacesProps = { spaces: readonly SpaceSummary[]; wanted: string | undefined; onOpen: (spaceId: string) => void };

function Spaces({ spaces, wanted, onOpen }: SpacesProps) {
  const [chosen, setChosen] = useState<string | "new" | undefined>(wanted);
  // One that was removed leaves nothing to show: the first takes its place.
  const selected = chosen === "new" ? undefined : (spaces.find(({ id }) => id === chosen) ?? spaces[0]);
  const newButton = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const selectedButton = useRef<HTMLButtonElement>(null);
  const selectedId = selected?.id;
  useEffect(() => {
    // The form of a new space or the panel of a removed one took the focus along.
    const focused = document.activeElement;
    const isLost = focused === document.body || list.current?.contains(focused);
    if (selectedId !== undefined && isLost) selectedButton.current?.focus();
  }, [selectedId]);
  return (
    <div className="flex h-full min-h-0">
      <nav aria-label="Spaces" className="flex w-60 shrink-0 flex-col border-r bg-surface max-[820px]:w-48">
        <div ref={list} className="scroll-area min-h-0 flex-1 p-2">
          {spaces.map((space) => (
            <button
              key={space.id}
              type="button"
              ref={space.id === selectedId ? selectedButton : undefined}
              aria-current={space.id === selected?.id || undefined}
              onClick={() => setChosen(space.id)}
              className={classes(
                "flex w-full items-start gap-2.5 rounded-sm px-2 py-2 text-left outline-offset-[-2px]",
                space.id === selected?.id ? "bg-primary-tint" : "hover:bg-surface-hover",
              )}
            >
              <Layers aria-hidden className="mt-0.5 size-4 shrink-0 text-subtler" />
              <span className="min-w-0 flex-1">
                <span className="line-clamp-2 text-sm font-medium break-words" title={space.name} dir="auto">
                  {space.name}
                </span>
                <span className="block truncate text-xs text-subtler">{formatCount(space.prompt_count, "prompt")}</span>
              </span>
              {space.link !== null && (
                <span title={`Follows ${space.link.remote_space_name}`} className="mt-0.5 shrink-0">
                  <Link2 aria-hidden className="size-4 text-subtler" />
                  <span className="sr-only">linked</span>
                </span>
              )}
            </button>
          ))}
        </div>
        <div className="border-t p-2">
          <Button ref={newButton} icon={Plus} className="w-full" onClick={() => setChosen("new")}>
            New space
          </Button>
        </div>
      </nav>
      <div className="scroll-area min-w-0 flex-1 px-6 py-5">
        {selected === undefined ? (
          <SpaceForm
            space={null}
            onSaved={setChosen}
            onCancel={() => {
              setChosen(undefined);
              newButton.current?.focus();
            }}
          />
        ) : (
          <SpacePanel key={selected.id} space={selected} onOpen={() => onOpen(selected.id)} />
        )}
      </div>
    </div>
  );
}
