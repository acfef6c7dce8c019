import { Autocomplete } from "@base-ui/react/autocomplete";
import { Dialog } from "@base-ui/react/dialog";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { FolderKanban, type LucideIcon, MessageSquareText, Search } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { availableCommands, CommandLayer } from "@/components/commands";
import { CloseOnBack, letBackPass } from "@/components/ui/Dialog";
import { CommandKbd, Kbd } from "@/components/ui/Kbd";
import { projectsQuery, promptsQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import type { CommandId } from "@/lib/commands";
import { found } from "./search";

type Item = {
  id: string;
  label: string;
  words: string;
  icon?: LucideIcon;
  hint?: string;
  command?: CommandId;
  disabledReason?: string | undefined;
  run: () => void;
};
type Group = { label: string; items: Item[] };

export function Palette({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const { data: prompts = [] } = useQuery(promptsQuery());
  const { data: projects = [] } = useQuery(projectsQuery());
  const [commands] = useState(availableCommands);
  const [query, setQuery] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // The field has the focus a frame later: what is typed until then is meant for it too.
    const takeEarly = (event: KeyboardEvent) => {
      const isText = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
      const now = document.activeElement;
      // A notice over it has buttons of its own.
      if (!isText || now === field.current || now?.closest("[data-notice]") != null) return;
      event.preventDefault();
      event.stopPropagation();
      setQuery((old) => old + event.key);
      field.current?.focus();
    };
    window.addEventListener("keydown", takeEarly, true);
    return () => window.removeEventListener("keydown", takeEarly, true);
  }, []);

  const groups = useMemo(() => {
    const of = (group: string) =>
      commands
        .filter((command) => command.group === group && command.id !== "app.palette")
        .map(
          ({ id, title, words = "", disabledReason, run }): Item => ({
            id,
            label: title,
            words,
            command: id,
            disabledReason,
            run,
          }),
        );
    const all: Group[] = [
      { label: "This screen", items: of("This screen") },
      { label: "Create", items: of("Create") },
      { label: "Go to", items: of("Go to") },
      {
        label: "Prompts",
        items: prompts.map(({ id, name, project_name }) => ({
          id,
          label: name,
          words: "prompt",
          icon: MessageSquareText,
          hint: project_name,
          run: () => void navigate({ to: "/prompts/$promptId", params: { promptId: id } }),
        })),
      },
      {
        label: "Projects",
        items: projects.map(({ id, name }) => ({
          id,
          label: name,
          words: "project",
          icon: FolderKanban,
          run: () => void navigate({ to: "/projects/$projectId", params: { projectId: id } }),
        })),
      },
      { label: "Workspace", items: of("Workspace") },
      { label: "Window", items: of("Window") },
    ];
    return found(query, all);
  }, [commands, prompts, projects, query, navigate]);

  const choose = (item: Item) => {
    if (item.disabledReason !== undefined) return;
    onClose();
    item.run();
  };

  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Popup
          data-dialog
          aria-label="Search and commands"
          onKeyDown={letBackPass}
          className="fixed top-[12vh] left-1/2 z-50 flex max-h-[70vh] w-[600px] max-w-[calc(100vw-3rem)] -translate-x-1/2 flex-col overflow-hidden rounded-md bg-raised text-content shadow-dialog outline-1 outline-border"
        >
          <CommandLayer>
            <CloseOnBack onClose={onClose} />
            <Autocomplete.Root
              open
              inline
              items={groups}
              filter={null}
              value={query}
              onValueChange={(value, { reason }) => {
                if (reason !== "item-press") setQuery(value);
              }}
              itemToStringValue={(item: Item) => item.label}
              autoHighlight="always"
              keepHighlight
            >
              <div className="flex items-center gap-3 border-b px-4">
                <Search aria-hidden className="size-4 shrink-0 text-subtler" />
                <Autocomplete.Input
                  ref={field}
                  aria-label="Search commands, prompts and projects"
                  placeholder="Search commands, prompts and projects"
                  className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none select-text"
                />
              </div>
              <Autocomplete.Empty>
                <p className="px-4 py-6 text-sm text-subtler">
                  Nothing is called “{query.trim()}” here. Some commands come with a prompt or project open.
                </p>
              </Autocomplete.Empty>
              <Autocomplete.List
                aria-label="Commands"
                className="scroll-area min-h-0 scroll-py-2 px-2 pb-2 data-empty:p-0"
              >
                {(group: Group) => (
                  <Autocomplete.Group key={group.label} items={group.items}>
                    <Autocomplete.GroupLabel className="px-2 pt-3 pb-1 text-xs font-semibold text-subtler">
                      {group.label}
                    </Autocomplete.GroupLabel>
                    <Autocomplete.Collection>
                      {(item: Item) => (
                        <Autocomplete.Item
                          key={item.id}
                          value={item}
                          onClick={() => choose(item)}
                          aria-disabled={item.disabledReason !== undefined || undefined}
                          className="flex min-h-9 cursor-default items-center gap-3 rounded-sm px-2 py-1 text-sm outline-none select-none data-highlighted:bg-primary-tint"
                        >
                          {item.icon !== undefined && (
                            <item.icon aria-hidden className="size-4 shrink-0 text-subtler" />
                          )}
                          <span
                            className={classes(
                              "min-w-0 shrink truncate",
                              item.disabledReason !== undefined && "text-subtler",
                            )}
                            dir="auto"
                          >
                            {item.label}
                          </span>
                          <span className="min-w-0 flex-1 shrink-[2] truncate text-xs text-subtler" dir="auto">
                            {item.disabledReason ?? item.hint}
                          </span>
                          {item.command !== undefined && <CommandKbd command={item.command} className="text-subtler" />}
                        </Autocomplete.Item>
                      )}
                    </Autocomplete.Collection>
                  </Autocomplete.Group>
                )}
              </Autocomplete.List>
              <div aria-hidden className="flex items-center gap-4 border-t bg-surface px-4 py-2 text-xs text-subtler">
                <span className="flex items-center gap-1.5">
                  <Kbd keys="↑" />
                  <Kbd keys="↓" /> move
                </span>
                <span className="flex items-center gap-1.5">
                  <Kbd keys="Enter" /> do it
                </span>
                <span className="flex items-center gap-1.5">
                  <Kbd keys="Esc" /> close
                </span>
              </div>
            </Autocomplete.Root>
          </CommandLayer>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
