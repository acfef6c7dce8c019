/** One version: what it says, against another or against the draft, its labels, and what can be made of it. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ChevronDown, CodeXml, CopyPlus, RotateCcw } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useCommand } from "@/components/commands";
import { type DiffLook, TextDiff } from "@/components/diff/TextDiff";
import { versionText } from "@/components/diff/versionText";
import { QueryProblem } from "@/components/QueryProblem";
import { Button, IconButton } from "@/components/ui/Button";
import { CopyButton } from "@/components/ui/CopyButton";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/Menu";
import { Segmented } from "@/components/ui/Segmented";
import { Term } from "@/components/ui/Term";
import { toast } from "@/components/ui/toast";
import { useMove } from "@/components/useMove";
import type { DraftContent, PromptSummary, VersionSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { promptQuery, versionQuery, versionRowsQuery } from "@/ipc/queries";
import { formatCount, formatShare } from "@/lib/format";
import { modelLabel, modelTitle } from "@/lib/models";
import { DuplicateDialog } from "./DuplicateDialog";
import { LabelChip, type LabelDrag } from "./LabelChip";
import { LabelsMenu } from "./LabelsMenu";

const CodeDialog = lazy(async () => ({ default: (await import("./CodeDialog")).CodeDialog }));

const route = getRouteApi("/prompts/$promptId");

type VersionViewProps = {
  prompt: PromptSummary;
  version: VersionSummary;
  /** Another one was chosen and is on its way. */
  isBehind: boolean;
  draft: DraftContent;
  flush: () => Promise<void>;
  drag: LabelDrag;
};

export function VersionView({ prompt, version, isBehind, draft, flush, drag }: VersionViewProps) {
  const [look, setLook] = useState<DiffLook>("unified");
  const [duplicating, setDuplicating] = useState(false);
  const [coding, setCoding] = useState(false);
  useCommand("version.code", () => setCoding(true), { enabled: !isBehind });
  const detail = useQuery(versionQuery(version.id));
  const compared = useCompared(prompt, version, draft);
  const basedOn = useQuery(promptQuery(prompt.id)).data?.draft.based_on ?? null;
  const undo = useMutation({
    mutationFn: ({ content, base }: { content: DraftContent; base: number | null }) =>
      ipc.restoreDraft(prompt.id, content, base),
    onError: (error) => toast({ kind: "failed", title: "The draft was not restored", description: messageOf(error) }),
  });
  const restore = useMutation({
    mutationFn: async () => {
      // Now: once it is restored, the editor may hold the version's text before this ends.
      const before = { content: draft, base: basedOn };
      await flush();
      await ipc.restoreVersion(version.id);
      return before;
    },
    onSuccess: (before) =>
      toast({
        title: `Version ${version.number} is the draft now`,
        action: { label: "Undo", run: () => undo.mutate(before) },
      }),
    onError: (error) => toast({ kind: "failed", title: "The version was not restored", description: messageOf(error) }),
  });
  useCommand("version.restore", () => restore.mutate(), { enabled: !isBehind });
  useCommand("version.duplicate", () => setDuplicating(true), { enabled: !isBehind });
  const content = detail.data?.content;
  const own = content === undefined ? undefined : versionText(content);
  const isSame = own !== undefined && own === compared.text;
  return (
    // In a low window what the version is scrolls out of the way of what it says.
    <section
      aria-label={`Version ${version.number}`}
      className="flex h-full min-w-0 flex-col [@media(max-height:680px)]:relative [@media(max-height:680px)]:overflow-y-auto"
    >
      <header className="@container border-b px-4 py-2">
        <div className="flex flex-wrap items-center gap-2">
          <h2
            className="min-w-20 flex-1 truncate font-semibold"
            dir="auto"
            title={`Version ${version.number}: ${version.message}`}
          >
            Version {version.number}: {version.message}
          </h2>
          <LabelsMenu prompt={prompt} version={version} isBehind={isBehind} />
          {content !== undefined && (
            <CopyButton text={JSON.stringify(content, null, 2)} label="Copy as JSON" iconOnly />
          )}
          <IconButton icon={CodeXml} label="Show as code" command="version.code" />
          <IconButton icon={CopyPlus} label="Duplicate as a new prompt" onClick={() => setDuplicating(true)} />
          <Button
            icon={RotateCcw}
            title="Restore as draft"
            className="gap-0 @lg:gap-1.5"
            onClick={() => restore.mutate()}
            waiting={restore.isPending}
          >
            <span className="sr-only @lg:not-sr-only">Restore as draft</span>
          </Button>
        </div>
        <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-0.5 text-xs whitespace-nowrap text-subtler">
          <span className="font-mono">
            <Term of="hash" more={version.commit_hash}>
              {version.commit_hash.slice(0, 12)}
            </Term>
          </span>
          {version.labels.map((label) => (
            <LabelChip key={label} name={label} from={version} drag={drag} className="shrink-0" />
          ))}
          <span className="min-w-0 truncate" title={version.author}>
            by {version.author}
          </span>
          <span className="min-w-0 truncate" title={modelTitle(version)}>
            {modelLabel(version)}
          </span>
          <span>{formatCount(version.run_count, "run")}</span>
          {version.best_accuracy !== null && <span>{formatShare(version.best_accuracy)}</span>}
        </p>
      </header>
      <div className="sticky top-0 z-10 flex flex-wrap items-center gap-2 border-b bg-background px-4 py-1.5">
        <CompareMenu prompt={prompt} version={version} words={compared.words} />
        {isSame && <span className="text-xs text-subtler">They say the same.</span>}
        <div className="flex-1" />
        {compared.text !== undefined && !isSame && (
          <Segmented
            label="How to compare"
            value={look}
            onChange={setLook}
            options={[
              { value: "unified", label: "Unified" },
              { value: "side-by-side", label: "Side by side" },
            ]}
          />
        )}
      </div>
      <div className="scroll-area min-h-0 flex-1 [@media(max-height:680px)]:overflow-visible [@media(max-height:680px)]:shrink-0">
        {detail.isError && (
          <QueryProblem
            title="The version could not be read"
            error={detail.error}
            onRetry={() => void detail.refetch()}
          />
        )}
        {own !== undefined && compared.isReady && (
          <TextDiff
            before={compared.isNewer ? own : (compared.text ?? own)}
            after={compared.isNewer ? (compared.text ?? own) : own}
            look={compared.text === undefined || isSame ? "unified" : look}
            label={`Version ${version.number}`}
          />
        )}
      </div>
      {coding && (
        <Suspense fallback={null}>
          <CodeDialog version={version} onClose={() => setCoding(false)} />
        </Suspense>
      )}
      {duplicating && (
        <DuplicateDialog
          versionId={version.id}
          name={`${prompt.name} v${version.number}`}
          onClose={() => setDuplicating(false)}
        />
      )}
    </section>
  );
}

type Compared = {
  /** `undefined` where there is nothing to compare with. */
  text: string | undefined;
  words: string;
  /** What it is compared with came after it, so that the version is the older side. */
  isNewer: boolean;
  isReady: boolean;
};

/** What a version is compared with: what the address names, else the version before it. */
function useCompared(prompt: PromptSummary, version: VersionSummary, draft: DraftContent): Compared {
  const { with: wanted } = route.useSearch();
  const isVersion = wanted !== undefined && wanted !== "draft" && wanted !== version.id;
  const other = useQuery({ ...versionQuery(wanted ?? ""), enabled: isVersion });
  // The history has no holes: the one before stands one row below.
  const place = prompt.version_count - version.number;
  const rows = useQuery({
    ...versionRowsQuery(prompt.id, "", place + 1, 1),
    enabled: wanted === undefined || wanted === version.id,
  });
  const previous = rows.data?.rows[0];
  const before = useQuery({ ...versionQuery(previous?.id ?? ""), enabled: previous !== undefined && !isVersion });
  if (wanted === "draft") {
    return { text: versionText(draft), words: "the draft", isNewer: true, isReady: true };
  }
  const found = isVersion ? other.data : before.data;
  if (found === undefined) {
    const isFirst = !isVersion && version.number === 1;
    return { text: undefined, words: "nothing", isNewer: false, isReady: isFirst };
  }
  const { summary, content } = found;
  return {
    text: versionText(content),
    words: `version ${summary.number}`,
    isNewer: summary.number > version.number,
    isReady: true,
  };
}

function CompareMenu({ prompt, version, words }: { prompt: PromptSummary; version: VersionSummary; words: string }) {
  const { with: wanted, version: opened = version.id } = route.useSearch();
  const move = useMove<ReturnType<typeof route.useSearch>>();
  // To open the one that is shown already would be a step.
  const choose = (next: string | undefined) =>
    move({ with: next, ...(opened !== version.id && { version: version.id }) });
  const labelled = prompt.labels.filter(({ version_id }) => version_id !== version.id);
  return (
    <Menu
      trigger={
        <Button size="small" iconAfter={ChevronDown}>
          {words === "nothing" ? "The first version" : `Compared with ${words}`}
        </Button>
      }
    >
      <MenuItem onClick={() => choose(undefined)} hint="The version before it">
        The previous one
      </MenuItem>
      <MenuItem onClick={() => choose("draft")} hint="What the editor holds now">
        The draft
      </MenuItem>
      {labelled.map(({ name, number, version_id }) => (
        <MenuItem key={name} onClick={() => choose(version_id)}>
          {name} (v{number})
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem
        onClick={() => choose(version.id)}
        hint={wanted === version.id ? "Choose another in the list" : "Then choose the other one in the list"}
      >
        Compare others with v{version.number}
      </MenuItem>
    </Menu>
  );
}
