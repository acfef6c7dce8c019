/** Ground truth that good runs contradict: each such task is corrected, kept as it is, or said to be ambiguous. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BadgeCheck, Check, CircleHelp, PencilLine, Scale } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { Loaded } from "@/components/Loaded";
import { RegionSummary } from "@/components/labeling/RegionSummary";
import { plain } from "@/components/labeling/regions";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { toast } from "@/components/ui/toast";
import type { GoldCheck as Found, GoldMark, GoldSuspect, ProjectDetail } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { goldCheckQuery } from "@/ipc/queries";
import { formatCount, formatNumber, formatPercent } from "@/lib/format";
import { modelOf } from "@/lib/models";

type Decision = "fix" | GoldMark;

/** What is pressed on a task for each decision. */
const KEYS: Readonly<Record<string, Decision>> = { f: "fix", k: "kept", a: "ambiguous" };

const told: Record<Decision, string> = {
  fix: "The ground truth was corrected",
  kept: "The ground truth was kept",
  ambiguous: "The task is ambiguous, and no ground truth any more",
};

export function GoldCheck({ project }: { project: ProjectDetail }) {
  return (
    <Loaded query={useQuery(goldCheckQuery(project.summary.id))} what="what runs say of the ground truth">
      {(found) => <Suspects project={project} found={found} />}
    </Loaded>
  );
}

function Suspects({ project, found }: { project: ProjectDetail; found: Found }) {
  const { suspects } = found;
  const list = useRef<HTMLOListElement>(null);
  /** Where the task stood that was decided about: the next one takes its place, and the keyboard goes on there. */
  const decidedAt = useRef<number>(null);
  useEffect(() => {
    const at = decidedAt.current;
    decidedAt.current = null;
    if (at === null || document.activeElement !== document.body) return;
    const items = list.current?.querySelectorAll<HTMLElement>("[data-suspect]");
    items?.[Math.min(at, suspects.length - 1)]?.focus();
  }, [suspects]);
  const decide = useMutation({
    mutationFn: ({ suspect, decision }: { suspect: GoldSuspect; decision: Decision }) => {
      decidedAt.current = suspects.indexOf(suspect);
      return decided(suspect, decision);
    },
    onSuccess: (undo, { decision }) =>
      toast({
        title: told[decision],
        action: { label: "Undo", run: () => void undo().catch((error: unknown) => failed(error)) },
      }),
    onError: (error) => {
      decidedAt.current = null;
      failed(error);
    },
  });
  if (found.runs.length < 2) {
    return (
      <EmptyState
        icon={Scale}
        title="Two good runs are needed"
        className="h-full justify-center"
        actions={
          <Button variant="primary" look="filled" nativeButton={false} render={<Link to="/prompts" />}>
            Open Prompts
          </Button>
        }
      >
        Once two versions, or one version on two models, have run over at least 20 tasks with ground truth and are right
        on 60 % of them or more, the tasks on which they agree against the ground truth are shown here.
      </EmptyState>
    );
  }
  const step = (event: KeyboardEvent, by: number) => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>("[data-suspect]") ?? [])];
    const next = items[items.indexOf(event.currentTarget as HTMLElement) + by];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  const marked = [
    found.kept.length > 0 && `${formatNumber(found.kept.length)} kept`,
    found.ambiguous.length > 0 && `${formatNumber(found.ambiguous.length)} ambiguous`,
  ].filter((words) => words !== false);
  return (
    <ScrollRegion label="Gold check" className="h-full">
      <div className="flex max-w-5xl flex-col gap-3 px-4 py-4">
        <p className="text-sm text-subtler">
          {found.runs
            .map(
              (run) =>
                `${run.prompt_name}, version ${run.version}, on ${modelOf(run.model)} (${formatPercent(run.accuracy.value)})`,
            )
            .join("; ")}
          {". "}
          {marked.length > 0 && `Decided before: ${marked.join(", ")}.`}
        </p>
        {suspects.length === 0 ? (
          <EmptyState icon={BadgeCheck} title="No run contradicts the ground truth together with another">
            Where good runs are wrong, each is wrong in its own way.
          </EmptyState>
        ) : (
          <>
            <h2 className="font-semibold">
              {formatCount(found.total, "task")} on which runs agree against the ground truth
            </h2>
            <ol ref={list} className="flex flex-col gap-2">
              {suspects.map((suspect) => (
                <li
                  key={suspect.task_id}
                  data-suspect
                  // biome-ignore lint/a11y/noNoninteractiveTabindex: a task is decided about by keys of its own
                  tabIndex={0}
                  aria-label={`Task ${formatNumber(suspect.position + 1)}`}
                  className="flex flex-col gap-2 rounded-lg border px-4 py-3 focus-visible:outline-2 focus-visible:outline-focus"
                  onKeyDown={(event) => {
                    if (event.ctrlKey || event.metaKey || event.altKey) return;
                    // A key that is held down decides about one task: the next is to be looked at first.
                    const decision = event.repeat ? undefined : KEYS[event.key.toLowerCase()];
                    if (event.key === "ArrowDown") step(event, 1);
                    else if (event.key === "ArrowUp") step(event, -1);
                    else if (decision !== undefined && !decide.isPending) decide.mutate({ suspect, decision });
                  }}
                >
                  <p className="line-clamp-3 text-sm select-text" dir="auto">
                    <span className="mr-2 text-subtler tabular-nums">{formatNumber(suspect.position + 1)}</span>
                    {Object.values(suspect.data).map(plain).join(" · ")}
                  </p>
                  <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
                    <dl className="grid min-w-64 flex-1 grid-cols-[auto_minmax(0,1fr)] items-center gap-x-3 gap-y-1 text-sm">
                      <dt className="text-subtler">Ground truth</dt>
                      <dd className="min-w-0">
                        <RegionSummary outline={project.outline} regions={suspect.ground_truth} />
                      </dd>
                      <dt className="text-subtler">
                        {suspect.agreeing.length} of {suspect.answered} runs
                      </dt>
                      <dd className="min-w-0">
                        <RegionSummary outline={project.outline} regions={suspect.proposed} />
                      </dd>
                    </dl>
                    <div className="flex flex-wrap items-center gap-2">
                      <Link
                        to="/projects/$projectId/label"
                        params={{ projectId: project.summary.id }}
                        search={{ task: suspect.position + 1 }}
                        className="mr-2 inline-flex items-center gap-1.5 text-sm text-primary-content hover:underline"
                      >
                        <PencilLine aria-hidden className="size-4" />
                        Open task {formatNumber(suspect.position + 1)}
                      </Link>
                      <Button icon={Check} onClick={() => decide.mutate({ suspect, decision: "fix" })}>
                        Runs are right
                      </Button>
                      <Button icon={BadgeCheck} onClick={() => decide.mutate({ suspect, decision: "kept" })}>
                        Keep
                      </Button>
                      <Button icon={CircleHelp} onClick={() => decide.mutate({ suspect, decision: "ambiguous" })}>
                        Ambiguous
                      </Button>
                    </div>
                  </div>
                </li>
              ))}
            </ol>
            <p className="text-sm text-subtler">
              Keys on a task: F takes what the runs say, K keeps, A says that it is ambiguous, arrows move. Scores of
              all runs follow at once; what was ground truth before stays as an annotation.
            </p>
          </>
        )}
      </div>
    </ScrollRegion>
  );
}

function failed(error: unknown): void {
  toast({ kind: "failed", title: "The ground truth could not be changed", description: messageOf(error) });
}

/** Does what was decided, and gives back what undoes it. */
async function decided({ task_id, proposed }: GoldSuspect, decision: Decision): Promise<() => Promise<unknown>> {
  if (decision !== "fix") {
    await ipc.markGold(task_id, decision);
    return () => ipc.markGold(task_id, null);
  }
  // Regions of a prediction have ids of their own; the annotation's are given to it.
  const result = proposed.map(({ id: _, ...region }) => region);
  const { annotations } = await ipc.saveAnnotation(task_id, { id: null, result, ground_truth: true });
  const added = annotations.find(({ counts }) => counts);
  return async () => {
    if (added !== undefined) await ipc.deleteAnnotation(added.id);
  };
}
