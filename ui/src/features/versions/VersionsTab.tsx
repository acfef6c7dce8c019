import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { GitCommitHorizontal, RotateCcw } from "lucide-react";
import { useState } from "react";
import { Loaded } from "@/components/Loaded";
import { QueryProblem } from "@/components/QueryProblem";
import { Button } from "@/components/ui/Button";
import { CopyButton } from "@/components/ui/CopyButton";
import { EmptyState } from "@/components/ui/EmptyState";
import { Segmented } from "@/components/ui/Segmented";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { DraftContent, VersionSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { versionQuery, versionsQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { formatCount, formatInterval, formatPercent } from "@/lib/format";
import { modelLabel } from "@/lib/models";
import { type DiffLook, TextDiff } from "./TextDiff";
import { versionText } from "./versionText";

const route = getRouteApi("/prompts/$promptId");

type VersionsTabProps = {
  promptId: string;
  /** What the editor holds, to bring back when restoring is undone. */
  draft: DraftContent;
  flush: () => Promise<void>;
};

export function VersionsTab(props: VersionsTabProps) {
  return (
    <Loaded query={useQuery(versionsQuery(props.promptId))} what="the versions">
      {(versions) =>
        versions.length > 0 ? (
          <Versions versions={versions} {...props} />
        ) : (
          <EmptyState icon={GitCommitHorizontal} title="No version yet">
            Saving keeps the draft as a version that never changes. Running a changed draft saves it first.
          </EmptyState>
        )
      }
    </Loaded>
  );
}

function Versions({ versions, ...props }: VersionsTabProps & { versions: readonly VersionSummary[] }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const index = Math.max(
    0,
    versions.findIndex((version) => version.id === search.version),
  );
  const chosen = versions[index];
  const previous = versions[index + 1];
  return (
    <div className="flex h-full min-h-0">
      <nav aria-label="Versions" className="scroll-area w-80 shrink-0 border-r">
        <ol>
          {versions.map((version) => (
            <VersionLine
              key={version.id}
              version={version}
              chosen={version === chosen}
              onChoose={() => void navigate({ search: (old) => ({ ...old, version: version.id }), replace: true })}
            />
          ))}
        </ol>
      </nav>
      {chosen !== undefined && <VersionView key={chosen.id} version={chosen} previous={previous} {...props} />}
    </div>
  );
}

type VersionLineProps = { version: VersionSummary; chosen: boolean; onChoose: () => void };

function VersionLine({ version, chosen, onChoose }: VersionLineProps) {
  return (
    <li>
      <button
        type="button"
        aria-current={chosen || undefined}
        onClick={onChoose}
        className={classes(
          "flex w-full flex-col gap-0.5 border-b px-4 py-2 text-left text-sm hover:bg-surface-hover focus-visible:-outline-offset-2",
          chosen && "bg-primary-tint hover:bg-primary-tint",
        )}
      >
        <span className="flex w-full items-baseline gap-2">
          <span className="font-semibold tabular-nums">v{version.number}</span>
          <span className="min-w-0 flex-1 truncate" dir="auto">
            {version.message}
          </span>
          {version.best_accuracy !== null && (
            <span className="font-medium tabular-nums">{formatPercent(version.best_accuracy.value)}</span>
          )}
        </span>
        <span className="flex w-full gap-2 text-xs text-subtler">
          <span className="font-mono">{version.commit_hash.slice(0, 8)}</span>
          <RelativeTime iso={version.created_at} />
          <span className="flex-1" />
          {version.best_accuracy !== null && (
            <span className="tabular-nums">
              {formatInterval(version.best_accuracy.low, version.best_accuracy.high)}
            </span>
          )}
        </span>
      </button>
    </li>
  );
}

type VersionViewProps = VersionsTabProps & { version: VersionSummary; previous: VersionSummary | undefined };

function VersionView({ promptId, version, previous, draft, flush }: VersionViewProps) {
  const [look, setLook] = useState<DiffLook>("unified");
  const detail = useQuery(versionQuery(version.id));
  const before = useQuery({ ...versionQuery(previous?.id ?? ""), enabled: previous !== undefined });
  const undo = useMutation({
    mutationFn: (before: DraftContent) => ipc.saveDraft(promptId, before),
    onError: (error) =>
      toast({ kind: "failed", title: "The draft was not brought back", description: messageOf(error) }),
  });
  const restore = useMutation({
    mutationFn: async () => {
      // Now: once it is restored, the editor may hold the version's text before this ends.
      const before = draft;
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
  const content = detail.data?.content;
  const old = before.data?.content;
  return (
    <section aria-label={`Version ${version.number}`} className="flex min-w-0 flex-1 flex-col">
      <header className="border-b px-4 py-2">
        <div className="flex items-center gap-2">
          <h2 className="min-w-0 flex-1 truncate font-semibold" dir="auto">
            Version {version.number}: {version.message}
          </h2>
          {old !== undefined && (
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
          {content !== undefined && (
            <CopyButton text={JSON.stringify(content, null, 2)} label="Copy as JSON" iconOnly />
          )}
          <Button icon={RotateCcw} onClick={() => restore.mutate()} waiting={restore.isPending}>
            Restore as draft
          </Button>
        </div>
        <p className="mt-0.5 flex items-center gap-x-3 overflow-hidden text-xs whitespace-nowrap text-subtler">
          <span className="font-mono" title={version.commit_hash}>
            {version.commit_hash.slice(0, 12)}
          </span>
          <span>by {version.author}</span>
          <span className="truncate">{modelLabel(version)}</span>
          <span>{formatCount(version.run_count, "run")}</span>
          {version.best_accuracy !== null && (
            <span>
              {formatPercent(version.best_accuracy.value)} (
              {formatInterval(version.best_accuracy.low, version.best_accuracy.high)})
            </span>
          )}
        </p>
      </header>
      <div className="scroll-area min-h-0 flex-1">
        {detail.isError && (
          <QueryProblem
            title="The version could not be read"
            error={detail.error}
            onRetry={() => void detail.refetch()}
          />
        )}
        {content !== undefined && (previous === undefined || old !== undefined) && (
          <>
            <p className="px-4 pt-2 text-xs text-subtler">
              {previous === undefined
                ? "The first version."
                : same(content, old)
                  ? `Says the same as version ${previous.number}.`
                  : `Compared with version ${previous.number}.`}
            </p>
            <TextDiff
              before={old === undefined ? versionText(content) : versionText(old)}
              after={versionText(content)}
              look={old === undefined ? "unified" : look}
              label={`Version ${version.number}`}
            />
          </>
        )}
      </div>
    </section>
  );
}

function same(a: DraftContent, b: DraftContent | undefined): boolean {
  return b !== undefined && versionText(a) === versionText(b);
}
