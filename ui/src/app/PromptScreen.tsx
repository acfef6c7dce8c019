/** A prompt: the editor above, what its runs showed below. Here the features that know a prompt meet. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { CircleAlert, Save, Undo2 } from "lucide-react";
import { useState } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import { useCommand } from "@/components/commands";
import { Page } from "@/components/Page";
import { Badge } from "@/components/ui/Badge";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { Tab, TabList, TabPanel, Tabs } from "@/components/ui/Tabs";
import { toast } from "@/components/ui/toast";
import { MessageList } from "@/features/editor/MessageList";
import { ModelSelect } from "@/features/editor/ModelSelect";
import { Parameters } from "@/features/editor/Parameters";
import { RequestPane, useRequestPreview } from "@/features/editor/RequestPane";
import { SaveVersionDialog } from "@/features/editor/SaveVersionDialog";
import { type DraftHandle, useDraft } from "@/features/editor/useDraft";
import { ResultsTab } from "@/features/runs/ResultsTab";
import { RunButton } from "@/features/runs/RunButton";
import { RunsTab } from "@/features/runs/RunsTab";
import { VersionsTab } from "@/features/versions/VersionsTab";
import type { Draft, PromptDetail } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { promptQuery } from "@/ipc/queries";

const route = getRouteApi("/prompts/$promptId");

export function PromptScreen() {
  const { promptId } = route.useParams();
  const prompt = useQuery(promptQuery(promptId));
  if (prompt.isError) {
    return (
      <Page title="Prompt" above={[{ label: "Prompts", to: "/prompts" }]}>
        <EmptyState icon={CircleAlert} tone="negative" title="The prompt could not be opened">
          {messageOf(prompt.error)}
        </EmptyState>
      </Page>
    );
  }
  if (prompt.data === undefined) return null;
  return <Opened key={promptId} prompt={prompt.data} />;
}

function Opened({ prompt }: { prompt: PromptDetail }) {
  const { summary, project, variables } = prompt;
  const draft = useDraft(prompt);
  const request = useRequestPreview(summary.id, draft.content);
  const [saving, setSaving] = useState(false);
  const [drawer, setDrawer] = useState<HTMLElement | null>(null);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  useCommand("prompt.save", () => setSaving(true));

  const blocking = request.preview.data?.problems.find((problem) => problem.severity === "error")?.message;
  const tab = search.tab ?? "results";
  return (
    <Page title={summary.name} above={[{ label: "Prompts", to: "/prompts" }]}>
      <h1 className="sr-only">{summary.name}</h1>
      <div className="flex flex-wrap items-center gap-2 border-b px-4 py-2">
        <DraftMark prompt={prompt} draft={draft} />
        <div className="flex-1" />
        <ModelSelect value={draft.content} onChange={(choice) => draft.edit({ ...draft.content, ...choice })} />
        <Parameters
          value={draft.content.invocation_params}
          onChange={(invocation_params) => draft.edit({ ...draft.content, invocation_params })}
        />
        <Button icon={Save} command="prompt.save">
          Save
        </Button>
        <RunButton
          promptId={summary.id}
          project={project}
          disabledReason={blocking}
          flush={draft.flush}
          onStarted={(run) => void navigate({ search: (old) => ({ ...old, tab: "results", run, task: undefined }) })}
        />
      </div>
      {draft.saving === "failed" && (
        <Banner kind="negative" role="alert" title="The draft is not saved" className="mx-4 mt-3">
          {messageOf(draft.error)} It is tried again with your next change.
        </Banner>
      )}
      <div className="relative min-h-0 flex-1">
        <Group orientation="vertical" className="h-full">
          <Panel defaultSize="44" minSize="15">
            <Group orientation="horizontal">
              <Panel defaultSize="55" minSize="25">
                <div className="scroll-area h-full p-4">
                  <MessageList
                    content={draft.content}
                    variables={variables}
                    onChange={(messages) => draft.edit({ ...draft.content, messages })}
                  />
                </div>
              </Panel>
              <Separator aria-label="Width of the editor" className={divider.vertical} />
              <Panel defaultSize="45" minSize="20">
                <RequestPane projectId={project.id} preview={request} />
              </Panel>
            </Group>
          </Panel>
          <Separator aria-label="Height of the editor" className={divider.horizontal} />
          <Panel defaultSize="56" minSize="15">
            <Tabs
              value={tab}
              onChange={(next) =>
                void navigate({ search: (old) => ({ ...old, tab: next as typeof tab }), replace: true })
              }
              className="h-full"
            >
              <TabList label="What came of it" className="px-2">
                <Tab value="results">Results</Tab>
                <Tab value="versions" count={summary.version_count}>
                  Versions
                </Tab>
                <Tab value="runs" count={summary.run_count}>
                  Runs
                </Tab>
              </TabList>
              <TabPanel value="results">
                <ResultsTab promptId={summary.id} promptName={summary.name} projectId={project.id} drawer={drawer} />
              </TabPanel>
              <TabPanel value="versions">
                <VersionsTab promptId={summary.id} draft={draft.content} flush={draft.flush} />
              </TabPanel>
              <TabPanel value="runs">
                <RunsTab promptId={summary.id} />
              </TabPanel>
            </Tabs>
          </Panel>
        </Group>
        <div ref={setDrawer} className="absolute inset-y-0 right-0 z-20 w-[min(30rem,60%)] shadow-popup empty:hidden" />
      </div>
      {saving && (
        <SaveVersionDialog
          promptId={summary.id}
          number={summary.version_count + 1}
          flush={draft.flush}
          onClose={() => setSaving(false)}
        />
      )}
    </Page>
  );
}

const divider = {
  vertical: "w-px bg-border outline-offset-0 hover:bg-focus data-[separator=active]:bg-focus",
  horizontal: "h-px bg-border outline-offset-0 hover:bg-focus data-[separator=active]:bg-focus",
};

/** Where the draft stands against the versions, and the way back. */
function DraftMark({ prompt: { summary, draft: stored }, draft }: { prompt: PromptDetail; draft: DraftHandle }) {
  const discard = useMutation({
    mutationFn: async () => {
      await draft.flush();
      await ipc.discardDraft(summary.id);
    },
    onSuccess: () =>
      toast({
        title: "The changes are discarded",
        action: { label: "Undo", run: () => void ipc.saveDraft(summary.id, draft.content) },
      }),
    onError: (error) => toast({ kind: "failed", title: "The draft was not discarded", description: messageOf(error) }),
  });
  const changed = stored.changed || draft.saving !== "saved";
  return (
    <div className="flex items-center gap-2" role="status" aria-label="Draft">
      <Badge tone={changed ? "warning" : "neutral"}>{words(stored, changed)}</Badge>
      {changed && stored.based_on !== null && (
        <Button icon={Undo2} size="small" look="string" onClick={() => discard.mutate()} waiting={discard.isPending}>
          Discard
        </Button>
      )}
      <span className="text-xs text-subtler">
        {draft.saving === "unsaved" ? "Saving…" : changed ? "Draft kept" : ""}
      </span>
    </div>
  );
}

function words(draft: Draft, changed: boolean): string {
  if (draft.based_on === null) return "Draft, no version yet";
  return changed ? `Unsaved changes since v${draft.based_on}` : `Version ${draft.based_on}`;
}
