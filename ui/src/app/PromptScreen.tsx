/** A prompt: the editor above, what its runs showed below. Here the features that know a prompt meet. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import {
  FolderKanban,
  PanelTopClose,
  PanelTopOpen,
  PencilLine,
  Play,
  Save,
  TableProperties,
  Undo2,
} from "lucide-react";
import { lazy, memo, Suspense, useCallback, useEffect, useId, useRef, useState } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import { useCommand } from "@/components/commands";
import { Page } from "@/components/Page";
import { QueryProblem } from "@/components/QueryProblem";
import { Badge } from "@/components/ui/Badge";
import { Banner } from "@/components/ui/Banner";
import { Button, IconButton } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { Delayed, Skeleton } from "@/components/ui/Skeleton";
import { Tab, TabList, TabPanel, Tabs } from "@/components/ui/Tabs";
import { Tip } from "@/components/ui/Tip";
import { toast } from "@/components/ui/toast";
import { useMove } from "@/components/useMove";
import { AimPane } from "@/features/editor/AimPane";
import { MessageList } from "@/features/editor/MessageList";
import { ModelSelect } from "@/features/editor/ModelSelect";
import { Parameters } from "@/features/editor/Parameters";
import { RequestPane, useRequestPreview } from "@/features/editor/RequestPane";
import { RetirementBanner, useRetirement } from "@/features/editor/RetirementBanner";
import { SaveVersionDialog } from "@/features/editor/SaveVersionDialog";
import { type DraftHandle, useDraft } from "@/features/editor/useDraft";
import { useModel } from "@/features/editor/useModel";
import { EditPromptDialog } from "@/features/prompts/EditPromptDialog";
import { GonePrompt } from "@/features/prompts/GonePrompt";
import { LazyExportPromptsDialog } from "@/features/prompts/later";
import { ResultsTab } from "@/features/runs/ResultsTab";
import { RunButton } from "@/features/runs/RunButton";
import { RunsTab } from "@/features/runs/RunsTab";
import { VersionsTab } from "@/features/versions/VersionsTab";
import type { Draft, DraftContent, PromptDetail } from "@/ipc/bindings";
import { IpcFailure, ipc, messageOf } from "@/ipc/client";
import { promptQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { useHalves } from "./useHalves";

// With the charts, in a chunk of their own: the editor is there before them.
const AlignmentTab = lazy(async () => ({ default: (await import("@/features/alignment/AlignmentTab")).AlignmentTab }));
const CompareTab = lazy(async () => ({ default: (await import("@/features/compare/CompareTab")).CompareTab }));

const route = getRouteApi("/prompts/$promptId");

type PromptTab = NonNullable<ReturnType<typeof route.useSearch>["tab"]> | "results";

export function PromptScreen() {
  const { promptId } = route.useParams();
  const prompt = useQuery(promptQuery(promptId));
  if (prompt.error instanceof IpcFailure && prompt.error.code === "not_found") {
    return (
      <Page title={prompt.data?.summary.name ?? "Prompt"} above={[{ label: "Prompts", to: "/prompts" }]}>
        <GonePrompt promptId={promptId} wasOpen={prompt.data !== undefined} />
      </Page>
    );
  }
  if (prompt.isError) {
    return (
      <Page title="Prompt" above={[{ label: "Prompts", to: "/prompts" }]}>
        <QueryProblem
          title="The prompt could not be opened"
          error={prompt.error}
          onRetry={() => void prompt.refetch()}
          heading="h1"
        />
      </Page>
    );
  }
  if (prompt.data === undefined) {
    return (
      <Page title="Prompt" above={[{ label: "Prompts", to: "/prompts" }]}>
        <h1 className="sr-only">Prompt</h1>
        <Delayed>
          <div role="status" aria-label="Opening the prompt" className="flex flex-col gap-3 p-4">
            <Skeleton className="h-8" />
            <Skeleton className="h-60 w-1/2" />
          </div>
        </Delayed>
      </Page>
    );
  }
  return <Opened key={promptId} prompt={prompt.data} />;
}

function Opened({ prompt }: { prompt: PromptDetail }) {
  const { summary, project, variables } = prompt;
  const draft = useDraft(prompt);
  const model = useModel(draft.content);
  const retirement = useRetirement(draft.content);
  const request = useRequestPreview(summary.id, draft.content, project !== null);
  const [begun] = useState(draft.content);
  const [saving, setSaving] = useState(false);
  const [hasTried, setHasTried] = useState(false);
  const [renaming, setRenaming] = useState(false);
  const [drawer, setDrawer] = useState<HTMLElement | null>(null);
  const search = route.useSearch();
  const move = useMove<typeof search>();
  const halves = useHalves(summary.run_count > 0);
  const { sizes, editor, outcomes, toggleEditor, showOutcomes } = halves;
  useCommand("prompt.editor", toggleEditor);
  const unsavable = isChanged(prompt.draft, draft)
    ? {}
    : { disabledReason: `Nothing changed since version ${prompt.draft.based_on}` };
  useCommand(
    "prompt.save",
    () => {
      setSaving(true);
      setHasTried(true);
    },
    unsavable,
  );
  useCommand("row.rename", () => setRenaming(true));
  const [exporting, setExporting] = useState(false);
  useCommand("prompt.export", () => setExporting(true));

  const show = useCallback(
    (next: PromptTab) => {
      move({ tab: next === "results" ? undefined : next });
      // The open one may be folded away.
      showOutcomes();
    },
    [move, showOutcomes],
  );
  useCommand("prompt.results", () => show("results"));
  useCommand("prompt.alignment", () => show("alignment"));
  useCommand("prompt.versions", () => show("versions"));
  useCommand("prompt.compare", () => show("compare"));
  useCommand("prompt.runs", () => show("runs"));

  // What was asked for is not to stay folded away: a tab, a run that begins, a result that a link leads to.
  const seen = useRef(search);
  useEffect(() => {
    const before = seen.current;
    seen.current = search;
    const isNew = (key: "run" | "task") => search[key] !== undefined && search[key] !== before[key];
    if (search.tab !== before.tab || isNew("run") || isNew("task")) showOutcomes();
  }, [search, showOutcomes]);

  const unrunnable =
    project === null
      ? "Choose a target project first."
      : request.data?.problems.find((problem) => problem.severity === "error")?.message;
  const unrunnableId = useId();
  const tab: PromptTab = search.tab ?? "results";
  const isBesideDrawer = tab === "results" && search.task !== undefined;
  return (
    <Page
      title={summary.name}
      above={[{ label: "Prompts", to: "/prompts" }]}
      titleAction={
        <>
          <IconButton icon={PencilLine} size="small" label="Rename the prompt" command="row.rename" />
          {project !== null && (
            <Link
              to="/projects/$projectId"
              params={{ projectId: project.id }}
              title={`Target project: ${project.name}`}
              className="ml-2 flex max-w-52 min-w-0 shrink-99 items-center gap-1.5 rounded-sm text-sm text-subtler hover:text-content max-[820px]:hidden"
            >
              <FolderKanban aria-hidden className="size-4 shrink-0" />
              <span className="sr-only">Target project: </span>
              <span className="min-w-0 truncate" dir="auto">
                {project.name}
              </span>
            </Link>
          )}
        </>
      }
    >
      <h1 className="sr-only">{summary.name}</h1>
      <div className="@container flex flex-wrap items-center gap-2 border-b px-4 py-2">
        <DraftMark prompt={prompt} draft={draft} />
        {/* Takes what the others leave, and cuts the model's name before it pushes the run into a second line. */}
        <div className="flex min-w-0 flex-[1_1_6.5rem] items-center justify-end">
          {unrunnable !== undefined && <Unrunnable id={unrunnableId} reason={unrunnable} />}
          <ModelSelect value={draft.content} onChange={(choice) => draft.edit({ ...draft.content, ...choice })} />
        </div>
        <Parameters
          value={draft.content}
          model={model}
          onChange={({ invocation_params, extra }) => draft.edit({ ...draft.content, invocation_params, extra })}
        />
        <Button icon={Save} command="prompt.save" {...unsavable} className="gap-0 @3xl:gap-1.5">
          <span className="sr-only @3xl:not-sr-only">Save</span>
        </Button>
        {project === null ? (
          <Button
            variant="primary"
            look="filled"
            icon={Play}
            disabledReason={unrunnable}
            aria-describedby={unrunnableId}
          >
            Run
          </Button>
        ) : (
          <RunButton
            promptId={summary.id}
            project={project}
            disabledReason={unrunnable}
            describedBy={unrunnable === undefined ? undefined : unrunnableId}
            retired={retirement?.kind === "retired" ? retirement : undefined}
            flush={draft.flush}
            onStarted={(run) => move({ tab: undefined, run, task: undefined })}
            onStartedSeveral={() => move({ tab: "runs", task: undefined })}
          />
        )}
      </div>
      {retirement !== null && (
        <RetirementBanner retirement={retirement} onReplace={(model) => draft.edit({ ...draft.content, model })} />
      )}
      {draft.saving === "failed" && (
        <Banner kind="negative" role="alert" title="The draft is not saved" className="mx-4 mt-3">
          {messageOf(draft.error)} It is tried again with your next change.
        </Banner>
      )}
      <div
        ref={halves.around}
        className="relative min-h-0 flex-1 [--drawer-width:min(30rem,60%)] max-[1099px]:[--drawer-width:100%]"
      >
        <Group orientation="vertical" onLayoutChanged={halves.onLayoutChanged} className="h-full">
          <Panel
            panelRef={editor.ref}
            collapsible
            {...sizes.editor}
            onResize={editor.onResize}
            // What has no height is not to be reached by Tab either.
            inert={editor.isFolded}
          >
            <Group orientation="horizontal">
              <Panel defaultSize="55" minSize="25">
                <div className="scroll-area h-full p-4 low:py-2">
                  <MessageList
                    content={draft.content}
                    variables={variables}
                    startsFocused={summary.version_count === 0}
                    onChange={(messages) => draft.edit({ ...draft.content, messages })}
                    onFormat={(input_variable_format) => draft.edit({ ...draft.content, input_variable_format })}
                  />
                </div>
              </Panel>
              <Separator aria-label="Width of the editor" className={divider.vertical} />
              <Panel defaultSize="45" minSize="20">
                {project === null ? (
                  <AimPane promptId={summary.id} />
                ) : (
                  <RequestPane
                    projectId={project.id}
                    isUntouched={summary.version_count === 0 && draft.content === begun && !hasTried}
                    {...request}
                  />
                )}
              </Panel>
            </Group>
          </Panel>
          <Separator aria-label="Height of the editor" disabled={halves.isTight} className={divider.horizontal} />
          <Panel panelRef={outcomes.ref} collapsible {...sizes.outcomes} onResize={outcomes.onResize}>
            <Outcomes
              prompt={summary}
              project={project}
              tab={tab}
              draft={tab === "versions" ? draft.content : undefined}
              flush={draft.flush}
              drawer={drawer}
              isBesideDrawer={isBesideDrawer}
              isEditorHidden={editor.isFolded}
              isFolded={outcomes.isFolded}
              onTab={show}
              onPress={showOutcomes}
            />
          </Panel>
        </Group>
        <div ref={setDrawer} className="absolute inset-y-0 right-0 z-20 w-(--drawer-width) shadow-popup empty:hidden" />
      </div>
      {exporting && <LazyExportPromptsDialog prompt={summary} onClose={() => setExporting(false)} />}
      {renaming && <EditPromptDialog prompt={summary} onClose={() => setRenaming(false)} />}
      {saving && (
        <SaveVersionDialog
          promptId={summary.id}
          number={summary.version_count + 1}
          basedOn={prompt.draft.based_on}
          flush={draft.flush}
          onCompare={(version) => move({ tab: "versions", version, with: "draft" })}
          onClose={() => setSaving(false)}
        />
      )}
    </Page>
  );
}

/** Why the run waits, where the others leave room for it; it moves none of them. Where they do not, the request says it too. */
function Unrunnable({ id, reason }: { id: string; reason: string }) {
  return (
    <div className="@container min-w-0 flex-1">
      <p id={id} title={reason} className="mr-3 line-clamp-2 text-right text-xs text-subtle @max-[9rem]:hidden">
        <span className="font-semibold">Cannot run.</span> {reason}
      </p>
    </div>
  );
}

type OutcomesProps = {
  prompt: PromptDetail["summary"];
  project: PromptDetail["project"];
  tab: PromptTab;
  /** Where versions are held against it. */
  draft: DraftContent | undefined;
  flush: DraftHandle["flush"];
  drawer: HTMLElement | null;
  isBesideDrawer: boolean;
  isEditorHidden: boolean;
  /** Nothing but the tabs is in sight. */
  isFolded: boolean;
  onTab: (tab: PromptTab) => void;
  /** A tab was pressed, be it the one that is open. */
  onPress: () => void;
};

/** What came of the prompt. A key that is typed above changes nothing of it, and is not to wait for its tables. */
const Outcomes = memo(function Outcomes({ prompt, project, tab, draft, flush, onTab, ...rest }: OutcomesProps) {
  const { drawer, isBesideDrawer, isEditorHidden, isFolded, onPress } = rest;
  return (
    <Tabs
      value={tab}
      onChange={(next) => onTab(next as PromptTab)}
      // Nothing of the results lies beneath the open one, where there is room beside it.
      className={classes("h-full", isBesideDrawer && "min-[1100px]:pr-(--drawer-width)")}
    >
      {/* What has headings of the same rank above it may be folded away. */}
      <h2 className="sr-only">What came of it</h2>
      <div className="@container flex shrink-0 items-center border-b pr-2">
        <TabList label="What came of it" onPress={onPress} className="min-w-0 flex-1 border-b-0 px-1.5">
          <Tab value="results">Results</Tab>
          <Tab value="alignment">Alignment</Tab>
          <Tab value="versions" count={prompt.version_count}>
            Versions
          </Tab>
          <Tab value="compare">Compare</Tab>
          <Tab value="runs" count={prompt.run_count}>
            Runs
          </Tab>
        </TabList>
        {isEditorHidden ? (
          <Button icon={PanelTopOpen} look="string" command="prompt.editor" className="gap-0 px-2 @lg:gap-1.5">
            <span className="sr-only @lg:not-sr-only">Show the editor</span>
          </Button>
        ) : (
          <IconButton icon={PanelTopClose} label="Hide the editor" command="prompt.editor" />
        )}
      </div>
      <div inert={isFolded} className="flex min-h-0 flex-1 flex-col overflow-hidden">
        <TabPanel value="results" className="relative overflow-y-auto">
          {project === null ? (
            <EmptyState icon={TableProperties} title="No results yet">
              Results come from runs over the tasks of a project.
            </EmptyState>
          ) : (
            <ResultsTab promptId={prompt.id} promptName={prompt.name} projectId={project.id} drawer={drawer} />
          )}
        </TabPanel>
        <TabPanel value="alignment">
          {project !== null ? (
            <Suspense fallback={null}>
              <AlignmentTab promptId={prompt.id} projectId={project.id} />
            </Suspense>
          ) : (
            <EmptyState icon={TableProperties} title="Nothing to compare with">
              Answers are compared with the ground truth of a project.
            </EmptyState>
          )}
        </TabPanel>
        <TabPanel value="versions">
          {draft !== undefined && <VersionsTab prompt={prompt} draft={draft} flush={flush} />}
        </TabPanel>
        <TabPanel value="compare" className="relative overflow-y-auto">
          {project !== null ? (
            <Suspense fallback={null}>
              <CompareTab prompt={prompt} projectId={project.id} />
            </Suspense>
          ) : (
            <EmptyState icon={TableProperties} title="Nothing to compare yet">
              Runs over the tasks of a project are compared here.
            </EmptyState>
          )}
        </TabPanel>
        <TabPanel value="runs">
          <RunsTab promptId={prompt.id} isLinked={project?.link != null} />
        </TabPanel>
      </div>
    </Tabs>
  );
});

const divider = {
  vertical: "w-px bg-border outline-offset-0 hover:bg-focus data-[separator=active]:bg-focus",
  horizontal: "h-px bg-border outline-offset-0 hover:bg-focus data-[separator=active]:bg-focus",
};

/** Where the draft stands against the versions, and the way back. */
function DraftMark({ prompt: { summary, draft: stored }, draft }: { prompt: PromptDetail; draft: DraftHandle }) {
  const undo = useMutation({
    mutationFn: (before: DraftContent) => ipc.saveDraft(summary.id, before),
    onError: (error) => toast({ kind: "failed", title: "The draft was not restored", description: messageOf(error) }),
  });
  const discard = useMutation({
    mutationFn: async () => {
      // Now: once it is discarded, the editor may hold the version's text before this ends.
      const before = draft.content;
      await draft.flush();
      await ipc.discardDraft(summary.id);
      return before;
    },
    onSuccess: (before) =>
      toast({ title: "The changes are discarded", action: { label: "Undo", run: () => undo.mutate(before) } }),
    onError: (error) => toast({ kind: "failed", title: "The draft was not discarded", description: messageOf(error) }),
  });
  const changed = isChanged(stored, draft);
  const isDiscardable = changed && stored.based_on !== null;
  useCommand("prompt.discard", () => discard.mutate(), { enabled: isDiscardable });
  return (
    <div className="flex items-center gap-2" role="status" aria-label="Draft">
      <Badge tone={changed ? "warning" : "neutral"}>
        {stored.based_on === null ? (
          "Draft, no version yet"
        ) : changed ? (
          <span className="whitespace-pre">
            Unsaved<span className="sr-only @2xl:not-sr-only"> changes since v{stored.based_on}</span>
          </span>
        ) : (
          `Version ${stored.based_on}`
        )}
      </Badge>
      {isDiscardable && (
        <Tip content={`Go back to version ${stored.based_on}`}>
          <Button
            icon={Undo2}
            size="small"
            look="string"
            onClick={() => discard.mutate()}
            waiting={discard.isPending}
            className="gap-0 @2xl:gap-1"
          >
            <span className="sr-only @2xl:not-sr-only">Discard</span>
          </Button>
        </Tip>
      )}
      <span className="hidden text-xs text-subtler @5xl:inline">
        {draft.saving === "unsaved" ? "Saving…" : changed ? "Draft kept" : ""}
      </span>
    </div>
  );
}

/** What is typed and on its way may be a change; without a version all is. */
function isChanged(stored: Draft, { saving }: DraftHandle): boolean {
  return stored.changed || stored.based_on === null || saving !== "saved";
}
