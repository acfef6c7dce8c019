import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import {
  ChevronDown,
  Download,
  Ellipsis,
  FlaskConical,
  Folder,
  KeyRound,
  Layers,
  type LucideIcon,
  MessageSquareText,
  Plus,
  SearchX,
  Trash2,
  Upload,
} from "lucide-react";
import { useMemo, useState } from "react";
import { runCommand, useCommand } from "@/components/commands";
import { ListHead } from "@/components/ListHead";
import { Page } from "@/components/Page";
import { QueryProblem } from "@/components/QueryProblem";
import { Banner } from "@/components/ui/Banner";
import { Button, IconButton } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { ListSkeleton } from "@/components/ui/ListTable";
import { Menu, MenuItem, MenuRadioGroup, MenuSeparator } from "@/components/ui/Menu";
import type { PromptSummary } from "@/ipc/bindings";
import { foundPromptsQuery, promptsQuery, spacesQuery } from "@/ipc/queries";
import { formatCount } from "@/lib/format";
import { PRACTICE_MODEL } from "@/lib/models";
import { folderPaths, isIn } from "./folders";
import { importPrompts } from "./importPrompts";
import { LazyExportPromptsDialog } from "./later";
import { PromptsTable, type Sorting } from "./PromptsTable";

const route = getRouteApi("/prompts");

type FilterProps = {
  icon: LucideIcon;
  label: string;
  /** What is said, and chosen, where nothing is left out. */
  all: string;
  value: string | undefined;
  options: readonly { value: string; label: string }[];
  onChange: (value: string | undefined) => void;
};

/** Which prompts are listed. It names what is chosen, and in a narrow window nothing else; in the least one only its picture is seen. */
function Filter({ icon, label, all, value, options, onChange }: FilterProps) {
  const chosen = options.find((option) => option.value === value)?.label;
  return (
    <Menu
      align="end"
      trigger={
        <Button
          icon={icon}
          iconAfter={ChevronDown}
          // Where its words have no room, that some are left out is seen all the same.
          variant={chosen === undefined ? "neutral" : "primary"}
          title={chosen ?? all}
          className="max-w-32 @4xl:max-w-60 @md:@max-4xl:[&>svg:first-child]:hidden @max-md:[&>svg:last-child]:hidden @max-md:[&>span]:sr-only"
        >
          <span className="truncate" dir="auto">
            {chosen ?? all}
          </span>
        </Button>
      }
    >
      <MenuRadioGroup
        label={label}
        value={value ?? ""}
        onChange={(next) => onChange(next === "" ? undefined : next)}
        options={[{ value: "", label: all }, ...options]}
      />
    </Menu>
  );
}

export function PromptsScreen() {
  const {
    q = "",
    space,
    folder,
    sort = "updated",
    desc = sort === "updated" || sort === "accuracy",
  } = route.useSearch();
  const navigate = route.useNavigate();
  const prompts = useQuery(promptsQuery());
  const spaces = useQuery(spacesQuery()).data ?? [];

  const found = useQuery(foundPromptsQuery(q.trim())).data;
  const shown = useMemo(() => {
    const here = (prompts.data ?? []).filter(
      (prompt) => (space === undefined || prompt.space_id === space) && (folder === undefined || isIn(prompt, folder)),
    );
    return arrange(here, q, (q.trim() === "" ? undefined : found) ?? [], { sort, desc });
  }, [prompts.data, space, folder, q, found, sort, desc]);
  const folders = useMemo(() => folderPaths(prompts.data ?? []), [prompts.data]);
  const [exporting, setExporting] = useState(false);
  /** The space that a file's prompts come into, where there is more than one. */
  const importsInto =
    spaces.length < 2
      ? undefined
      : spaces.find(({ id, is_default }) => (space === undefined ? is_default : id === space))?.name;
  const importHere = () => void importPrompts({ spaceId: space ?? null, namesSpace: importsInto !== undefined });
  useCommand("prompts.import", importHere);
  const all = prompts.data ?? [];
  const noPrompt = all.length === 0 ? "There is no prompt" : undefined;
  useCommand("prompts.export", () => setExporting(true), noPrompt === undefined ? {} : { disabledReason: noPrompt });
  const onlySample = all.length > 0 && all.every((prompt) => prompt.is_sample);
  const setQuery = (query: string) =>
    void navigate({ search: (old) => ({ ...old, q: query === "" ? undefined : query }), replace: true });

  return (
    <Page title="Prompts">
      <ListHead
        title="Prompts"
        count={all.length}
        search={{ label: "Search prompts", value: q, onChange: setQuery }}
        filters={
          <>
            {spaces.length > 1 && (
              <Filter
                icon={Layers}
                label="Space"
                all="All spaces"
                value={space}
                options={spaces.map(({ id, name }) => ({ value: id, label: name }))}
                onChange={(space) => void navigate({ search: (old) => ({ ...old, space }), replace: true })}
              />
            )}
            {folders.length > 0 && (
              <Filter
                icon={Folder}
                label="Folder"
                all="All folders"
                value={folder}
                options={folders.map((path) => ({ value: path, label: path }))}
                onChange={(folder) => void navigate({ search: (old) => ({ ...old, folder }), replace: true })}
              />
            )}
          </>
        }
      >
        <Menu
          align="end"
          trigger={<IconButton icon={Ellipsis} look="outlined" label="Spaces, files, deleted prompts" />}
        >
          <MenuItem icon={Layers} hint="Also: pull from and push to an account" onClick={() => runCommand("go.spaces")}>
            Spaces…
          </MenuItem>
          <MenuSeparator />
          <MenuItem
            icon={Upload}
            hint={`${importsInto === undefined ? "" : `Into “${importsInto}”. `}Ours, Arize, Phoenix, Langfuse, promptfoo`}
            onClick={importHere}
          >
            Import prompts…
          </MenuItem>
          <MenuItem icon={Download} disabledReason={noPrompt} onClick={() => setExporting(true)}>
            Export all prompts…
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={Trash2} onClick={() => runCommand("go.bin")}>
            Deleted prompts
          </MenuItem>
        </Menu>
        {/* Where there is no room, the sidebar has them. */}
        <Button icon={KeyRound} command="go.keys" className="hidden @3xl:inline-flex">
          API Keys
        </Button>
        <Button variant="primary" look="filled" icon={Plus} command="prompt.create">
          <span>
            Create<span className="@max-2xl:sr-only"> Prompt</span>
          </span>
        </Button>
      </ListHead>
      {exporting && <LazyExportPromptsDialog prompt={null} onClose={() => setExporting(false)} />}
      {onlySample && <FirstRunBanner />}
      <div className="min-h-0 flex-1 px-4 pb-4">
        {prompts.isError ? (
          <QueryProblem
            title="The prompts could not be read"
            error={prompts.error}
            onRetry={() => void prompts.refetch()}
          />
        ) : prompts.isPending ? (
          <ListSkeleton label="Reading the prompts" />
        ) : all.length === 0 ? (
          <NoPrompts />
        ) : shown.length === 0 ? (
          <EmptyState
            icon={SearchX}
            title={
              q === ""
                ? `Nothing is in ${folder === undefined ? "this space" : `“${folder}”`}`
                : `No prompt matches “${q}”`
            }
            actions={
              <Button
                onClick={() =>
                  void navigate({ search: ({ q: _, folder: __, space: ___, ...old }) => old, replace: true })
                }
              >
                Show all
              </Button>
            }
          >
            There {all.length === 1 ? "is" : "are"} {formatCount(all.length, "prompt")} in all. Names, descriptions,
            texts, labels, projects and models are searched.
          </EmptyState>
        ) : (
          <PromptsTable
            prompts={shown}
            sorting={{ sort, desc }}
            onSort={(next) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true })}
          />
        )}
      </div>
    </Page>
  );
}

function FirstRunBanner() {
  return (
    <Banner
      className="mx-4 mb-3 shrink-0"
      title="This is sample data"
      actions={
        <>
          <Button size="small" onClick={() => runCommand("go.keys")}>
            Add a model…
          </Button>
          <Button size="small" onClick={() => runCommand("project.import")}>
            Import project
          </Button>
        </>
      }
    >
      It was answered by the built-in {PRACTICE_MODEL}. Look around, then add a model of yours or import a project.
    </Banner>
  );
}

function NoPrompts() {
  return (
    <EmptyState
      icon={MessageSquareText}
      title="Label data with a language model"
      className="h-full justify-center"
      actions={
        <>
          <Button variant="primary" look="filled" icon={Plus} onClick={() => runCommand("prompt.create")}>
            Create Prompt
          </Button>
          <Button icon={FlaskConical} onClick={() => runCommand("go.sample")}>
            Open the sample
          </Button>
          <Button icon={Upload} onClick={() => runCommand("project.import")}>
            Import project
          </Button>
        </>
      }
    >
      Write a prompt, run it on a few tasks, and see how often it is right.
    </EmptyState>
  );
}

/** `found` are the prompts whose text holds what is searched for. */
function arrange(
  prompts: readonly PromptSummary[],
  query: string,
  found: readonly string[],
  { sort, desc }: Sorting,
): PromptSummary[] {
  const wanted = query.trim().toLocaleLowerCase();
  const kept = prompts.filter(
    ({ id, name, description, project_name, latest_version, labels }) =>
      found.includes(id) ||
      [name, description, project_name ?? "", latest_version?.model ?? "", ...labels.map(({ name }) => name)].some(
        (text) => text.toLocaleLowerCase().includes(wanted),
      ),
  );
  const sign = desc ? -1 : 1;
  const compare: Record<Sorting["sort"], (a: PromptSummary, b: PromptSummary) => number> = {
    name: (a, b) => a.name.localeCompare(b.name),
    project: (a, b) => (a.project_name ?? "").localeCompare(b.project_name ?? ""),
    accuracy: (a, b) => (a.best_accuracy?.value ?? -1) - (b.best_accuracy?.value ?? -1),
    updated: (a, b) => a.updated_at.localeCompare(b.updated_at),
  };
  return kept.sort((a, b) => sign * compare[sort](a, b) || a.name.localeCompare(b.name));
}
