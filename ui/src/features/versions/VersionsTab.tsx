/** The history of a prompt: its versions, the labels that point to them, and any two of them against each other. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { GitCommitHorizontal, SearchX } from "lucide-react";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Group, Panel, Separator } from "react-resizable-panels";
import { RestingSearch } from "@/components/RestingSearch";
import { type Column, DataTable, type TableHandle } from "@/components/table/DataTable";
import { Badge } from "@/components/ui/Badge";
import { EmptyState } from "@/components/ui/EmptyState";
import { RelativeTime } from "@/components/ui/Time";
import { useDrag } from "@/components/useDrag";
import { useMove } from "@/components/useMove";
import type { DraftContent, PromptSummary, VersionSummary } from "@/ipc/bindings";
import { versionQuery, versionRowsQuery } from "@/ipc/queries";
import { formatPercent, formatShare } from "@/lib/format";
import { type HeldLabel, LabelChip, type LabelDrag } from "./LabelChip";
import { useMoveLabel } from "./useMoveLabel";
import { VersionView } from "./VersionView";

const route = getRouteApi("/prompts/$promptId");

type VersionsTabProps = {
  prompt: PromptSummary;
  /** What the editor holds: to compare with, and to bring back when restoring is undone. */
  draft: DraftContent;
  flush: () => Promise<void>;
};

/** How many columns a list of this width has room for, so that messages and labels can be read. */
const columnsIn = (width_px: number): number => (width_px < 300 ? 2 : width_px < 400 ? 3 : 4);

/** What is needed most comes first, and stays where the list is narrow. */
const columnsWith = (drag: LabelDrag, digits: number): readonly Column<VersionSummary>[] => [
  {
    id: "number",
    title: "Version",
    width: `${74 + 9 * Math.max(0, digits - 3)}px`,
    cell: (version) => (
      <span className="font-semibold tabular-nums" title={version.commit_hash}>
        v{version.number}
      </span>
    ),
  },
  {
    id: "message",
    title: "Message",
    width: "minmax(0, 1fr)",
    cell: (version) => (
      <span className="flex min-w-0 items-center gap-1.5">
        {version.labels.map((label) => (
          <LabelChip key={label} name={label} from={version} drag={drag} className="min-w-12" />
        ))}
        <span className="min-w-10 flex-1 truncate" dir="auto" title={version.message}>
          {version.message}
        </span>
      </span>
    ),
  },
  {
    id: "accuracy",
    title: "Accuracy",
    width: "96px",
    align: "end",
    cell: ({ best_accuracy: best }) =>
      best === null ? (
        <span className="text-subtler">Not scored</span>
      ) : (
        <span title={formatShare(best)}>{formatPercent(best.value)}</span>
      ),
  },
  {
    id: "when",
    title: "Saved",
    width: "128px",
    cell: (version) => <RelativeTime iso={version.created_at} className="truncate text-subtle" />,
  },
];

export function VersionsTab({ prompt, draft, flush }: VersionsTabProps) {
  const search = route.useSearch();
  const move = useMove<typeof search>();
  const [text, setText] = useState("");
  const table = useRef<TableHandle<VersionSummary>>(null);
  const moveLabel = useMoveLabel();
  const { dragged, press, ghost } = useDrag<HeldLabel, VersionSummary>({
    targetAt: (point, { name }) => {
      const version = table.current?.rowAtPoint(point);
      return version?.labels.includes(name) ? undefined : version;
    },
    scroll: (point, elapsed_ms) => table.current?.scrollNear(point, elapsed_ms),
    onDrop: ({ name, from }, to) => moveLabel.mutate({ name, to, from }),
  });
  const held = dragged?.item.name;
  const drag = useMemo(() => ({ press, held }), [press, held]);
  const [columnCount, setColumnCount] = useState(4);
  const digits = String(prompt.version_count).length;
  const columns = useMemo(() => columnsWith(drag, digits).slice(0, columnCount), [drag, digits, columnCount]);
  const newest = useQuery(versionRowsQuery(prompt.id, "", 0, 1)).data?.rows[0];
  const wanted = useQuery({
    ...versionQuery(search.version ?? ""),
    enabled: search.version !== undefined,
    placeholderData: keepPreviousData,
  });
  const chosen = search.version === undefined || wanted.isError ? newest : wanted.data?.summary;
  // The list is there first, and goes on answering while a long version is compared.
  const shown = useDeferredValue(chosen, undefined);
  // Data of before stands in for a query that is not asked, too.
  const isBehind = (search.version !== undefined && wanted.isPlaceholderData) || shown?.id !== chosen?.id;
  if (prompt.version_count === 0) {
    return (
      <EmptyState icon={GitCommitHorizontal} title="No version yet">
        Saving keeps the draft as a version that never changes. Running a changed draft saves it first.
      </EmptyState>
    );
  }
  return (
    <Group orientation="horizontal" className="h-full min-h-0">
      <Panel defaultSize="42" minSize="180px" onResize={({ inPixels }) => setColumnCount(columnsIn(inPixels))}>
        <nav aria-label="Versions" className="flex h-full flex-col">
          <div className="border-b px-4 py-1.5">
            <RestingSearch label="Search messages and text" value={text} onChange={setText} className="w-full" />
          </div>
          <DataTable
            ref={table}
            label="Versions"
            columns={columns}
            rowHeight={36}
            pageQuery={(offset, limit) => versionRowsQuery(prompt.id, text, offset, limit)}
            opened={(version) => version.id === (search.version ?? newest?.id)}
            onOpen={(version) => move({ version: version.id })}
            dropTarget={dragged && ((version) => version.id === dragged.target?.id)}
            empty={
              <EmptyState icon={SearchX} title="No version says this">
                Messages and everything that a version holds are searched.
              </EmptyState>
            }
            className="min-h-0 flex-1"
          />
        </nav>
      </Panel>
      <Separator
        aria-label="Width of the list of versions"
        className="w-px bg-border outline-offset-0 hover:bg-focus data-[separator=active]:bg-focus"
      />
      <Panel minSize="40">
        {shown !== undefined && (
          // Until the version that was chosen is there, nothing can be done by mistake to the one before it.
          <div className="h-full" inert={isBehind}>
            <VersionView
              key={shown.id}
              prompt={prompt}
              version={shown}
              isBehind={isBehind}
              draft={draft}
              flush={flush}
              drag={drag}
            />
          </div>
        )}
      </Panel>
      {held !== undefined &&
        createPortal(
          <div
            ref={ghost}
            aria-hidden
            className="pointer-events-none fixed top-0 left-0 z-50 flex max-w-60 rounded-sm shadow-popup"
          >
            <Badge size="small" tone="primary" className="border-primary-content bg-raised">
              {held}
            </Badge>
          </div>,
          document.body,
        )}
    </Group>
  );
}
