/** The runs at work, at the bottom of every screen. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Square } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useCommand } from "@/components/commands";
import { Button } from "@/components/ui/Button";
import { Progress } from "@/components/ui/Progress";
import { toast } from "@/components/ui/toast";
import type { RunProgress } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { activeRunsQuery, promptsQuery } from "@/ipc/queries";
import { formatEta, formatNumber } from "@/lib/format";

export function RunDock() {
  const runs = useQuery(activeRunsQuery()).data ?? [];
  const prompts = useQuery({ ...promptsQuery(), enabled: runs.length > 0 }).data;
  const stop = useStop();
  const first = runs[0]?.run.id;
  useCommand("run.stop", () => first !== undefined && stop.mutate(first), { enabled: first !== undefined });
  if (runs.length === 0) return null;
  return (
    <section aria-label="Runs at work" className="max-h-40 overflow-y-auto border-t bg-surface">
      {runs.map((progress) => (
        <DockLine
          key={progress.run.id}
          progress={progress}
          prompt={prompts?.find((prompt) => prompt.id === progress.run.prompt_id)?.name ?? "Run"}
          onStop={() => stop.mutate(progress.run.id)}
          stopping={stop.isPending && stop.variables === progress.run.id}
        />
      ))}
    </section>
  );
}

function useStop() {
  return useMutation({
    mutationFn: (runId: string) => ipc.stopRun(runId),
    onError: (error) => toast({ kind: "failed", title: "The run could not be stopped", description: messageOf(error) }),
  });
}

type DockLineProps = { progress: RunProgress; prompt: string; onStop: () => void; stopping: boolean };

function DockLine({ progress, prompt, onStop, stopping }: DockLineProps) {
  const { run, rate, eta_ms, waiting } = progress;
  const share = run.total === 0 ? 0 : run.done / run.total;
  return (
    <div className="flex h-10 items-center gap-3 px-4 text-sm">
      <Link
        to="/prompts/$promptId"
        params={{ promptId: run.prompt_id }}
        search={{ tab: "results", run: run.id }}
        className="max-w-56 truncate font-semibold hover:underline"
        dir="auto"
      >
        {prompt}
      </Link>
      <span className="text-xs whitespace-nowrap text-subtler">version {run.version_number}</span>
      <Progress label={`Progress of ${prompt}`} share={share} className="min-w-24 flex-1" />
      <span className="whitespace-nowrap tabular-nums">
        {formatNumber(run.done)} of {formatNumber(run.total)}
      </span>
      {run.failed > 0 && (
        <span className="whitespace-nowrap text-negative-content">{formatNumber(run.failed)} failed</span>
      )}
      <span className="max-w-96 min-w-0 truncate text-xs text-subtler" title={waiting ?? undefined}>
        {waiting ?? speed(rate, eta_ms)}
      </span>
      <Button size="small" icon={Square} onClick={onStop} waiting={stopping} command="run.stop">
        Stop
      </Button>
      <Announcement prompt={prompt} share={share} />
    </div>
  );
}

function speed(rate: number | null, eta: number | null): string {
  const parts = [];
  if (rate !== null) parts.push(`${formatNumber(Math.round(rate * 10) / 10)} a second`);
  if (eta !== null) parts.push(`${formatEta(eta)} left`);
  return parts.join(", ");
}

/** Tells a screen reader at every tenth, not at every task. */
function Announcement({ prompt, share }: { prompt: string; share: number }) {
  const tenth = Math.floor(share * 10);
  const told = useRef(0);
  const [text, setText] = useState("");
  useEffect(() => {
    if (tenth <= told.current) return;
    told.current = tenth;
    setText(`${prompt}: ${tenth * 10} percent done`);
  }, [prompt, tenth]);
  return (
    <span className="sr-only" role="status">
      {text}
    </span>
  );
}
