import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { CloudUpload, Pause, Play, PlayCircle, RotateCw } from "lucide-react";
import { Loaded } from "@/components/Loaded";
import { IconButton } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { MoreBeside } from "@/components/ui/MoreBeside";
import { RunStatusBadge } from "@/components/ui/RunStatusBadge";
import { RelativeTime } from "@/components/ui/Time";
import { useMove } from "@/components/useMove";
import type { RunSummary } from "@/ipc/bindings";
import { runsQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { formatBounds, formatDuration, formatNumber, formatPercent, sentence } from "@/lib/format";
import { modelLabel, modelTitle } from "@/lib/models";
import { canResume, coverageName, isAtWork, queueWords, repetitionName } from "@/lib/runs";
import { batchDone, batchOut } from "./batch";
import { usePauseRun, useResumeRun } from "./control";
import { runCost } from "./cost";
import { pauseWords } from "./words";

const route = getRouteApi("/prompts/$promptId");

type RunsTabProps = {
  promptId: string;
  /** The project came from a Label Studio server, which runs can be given back to. */
  isLinked: boolean;
};

/** Every run of a prompt, newest first. */
export function RunsTab({ promptId, isLinked }: RunsTabProps) {
  return (
    <Loaded query={useQuery(runsQuery(promptId))} what="the runs">
      {(runs) =>
        runs.length > 0 ? (
          <RunsTable runs={runs} isLinked={isLinked} />
        ) : (
          <EmptyState icon={PlayCircle} title="No run yet">
            Each run is kept with its version, its results and what it cost.
          </EmptyState>
        )
      }
    </Loaded>
  );
}

const HEADS: readonly { title: string; isNumber?: boolean }[] = [
  { title: "Run" },
  { title: "Status" },
  { title: "Version" },
  { title: "Tasks", isNumber: true },
  { title: "Accuracy", isNumber: true },
  { title: "Failed", isNumber: true },
  { title: "Cost", isNumber: true },
  { title: "Time", isNumber: true },
  { title: "Started" },
];

function RunsTable({ runs, isLinked }: { runs: readonly RunSummary[]; isLinked: boolean }) {
  const navigate = route.useNavigate();
  const move = useMove<ReturnType<typeof route.useSearch>>();
  return (
    <MoreBeside className="h-full">
      <div className="scroll-area @container h-full">
        <table className="w-full text-sm">
          <thead className="sticky top-0 z-10 bg-background text-left text-xs text-subtle">
            <tr className="border-b bg-inherit">
              {HEADS.map(({ title, isNumber }) => (
                <th
                  key={title}
                  className={classes(
                    "bg-inherit px-3 py-2 font-semibold whitespace-nowrap first:sticky first:left-0 first:pl-4",
                    isNumber && "text-right",
                  )}
                >
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => {
              const batch = batchOut(run);
              const queued = queueWords(run);
              return (
                <tr key={run.id} className="border-b bg-background even:bg-surface hover:bg-primary-tint">
                  {/* Which run it is stays in sight while the rest is scrolled. */}
                  <td className="sticky left-0 bg-inherit py-2 pr-3 pl-4">
                    <button
                      type="button"
                      className="rounded-sm font-semibold whitespace-nowrap text-primary-content hover:underline"
                      onClick={() => move({ tab: undefined, run: run.id, task: undefined })}
                    >
                      Run {formatNumber(run.number)}
                    </button>
                  </td>
                  <td className="px-3 py-2">
                    <span className="flex items-center gap-1">
                      <RunStatusBadge status={run.status} />
                      <PauseOrResume run={run} />
                      {isLinked && run.done > 0 && (
                        <IconButton
                          icon={CloudUpload}
                          size="small"
                          label={`Give run ${formatNumber(run.number)} back to Label Studio`}
                          onClick={() => void navigate({ search: (old) => ({ ...old, run: run.id, dialog: "push" }) })}
                        />
                      )}
                    </span>
                    {run.status === "paused" && batch === undefined && (
                      <span className="block max-w-64 text-xs text-subtler select-text">
                        {sentence(pauseWords(run))}
                      </span>
                    )}
                    {queued !== undefined && (
                      <span className="block max-w-56 truncate text-xs text-subtler tabular-nums" title={queued}>
                        {queued}
                      </span>
                    )}
                    {batch !== undefined && (
                      <span className="block text-xs whitespace-nowrap text-subtler tabular-nums">
                        Batch: {batchDone(batch)}
                      </span>
                    )}
                  </td>
                  <td className="px-3 py-2">
                    <span className="tabular-nums">v{run.version_number}</span>
                    <span
                      className="block max-w-56 truncate text-xs text-subtler @max-5xl:max-w-28"
                      title={modelTitle(run)}
                    >
                      {modelLabel(run)}
                    </span>
                    {run.repetition !== null && (
                      <span className="block text-xs whitespace-nowrap text-subtler tabular-nums">
                        {repetitionName(run.repetition)}
                      </span>
                    )}
                  </td>
                  <td className="px-3 py-2 text-right whitespace-nowrap tabular-nums">
                    {formatNumber(run.done)} of {formatNumber(run.total)}
                    <span className="block text-xs text-subtler">{coverageName(run)}</span>
                  </td>
                  <td className="px-3 py-2 text-right whitespace-nowrap tabular-nums">
                    {run.accuracy === null ? (
                      <span className="text-subtler">Not scored</span>
                    ) : (
                      <>
                        {formatPercent(run.accuracy.value)}
                        <span className="block text-xs text-subtler">{formatBounds(run.accuracy)}</span>
                      </>
                    )}
                  </td>
                  <td className="px-3 py-2 text-right whitespace-nowrap tabular-nums">{formatNumber(run.failed)}</td>
                  <td className="px-3 py-2 text-right whitespace-nowrap tabular-nums">{runCost(run)}</td>
                  <td className="px-3 py-2 text-right whitespace-nowrap tabular-nums">
                    {run.started_at === null ? "–" : formatDuration(run.wall_ms)}
                  </td>
                  <td className="px-3 py-2 whitespace-nowrap">
                    <RelativeTime iso={run.started_at ?? run.created_at} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </MoreBeside>
  );
}

function PauseOrResume({ run }: { run: RunSummary }) {
  const pause = usePauseRun();
  const resume = useResumeRun();
  const name = `run ${formatNumber(run.number)}`;
  if (run.status === "queued") {
    return (
      <IconButton
        icon={Play}
        size="small"
        label={`Start ${name} now`}
        onClick={() => resume.mutate(run.id)}
        waiting={resume.isPending}
      />
    );
  }
  if (isAtWork(run)) {
    return (
      <IconButton
        icon={Pause}
        size="small"
        label={`Pause ${name}`}
        onClick={() => pause.mutate(run.id)}
        waiting={pause.isPending}
      />
    );
  }
  if (!canResume(run)) return null;
  return (
    <IconButton
      icon={RotateCw}
      size="small"
      label={`Resume ${name}`}
      onClick={() => resume.mutate(run.id)}
      waiting={resume.isPending}
    />
  );
}
