/** Two to four runs against each other on the tasks that all of them answered: the verdict first, then what it rests on. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { FileDiff, GitCompareArrows } from "lucide-react";
import { useState } from "react";
import { Loaded } from "@/components/Loaded";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { Segmented } from "@/components/ui/Segmented";
import { useMove } from "@/components/useMove";
import type { Comparison, PromptSummary, RunSummary } from "@/ipc/bindings";
import { IpcFailure } from "@/ipc/client";
import { comparisonQuery, promptsQuery, runsQuery } from "@/ipc/queries";
import { formatNumber } from "@/lib/format";
import { defaultChoice, RUNS_MAX } from "./choice";
import { DifferenceTable } from "./DifferenceTable";
import { type NamedRun, runNames } from "./names";
import { Overview } from "./Overview";
import { PromptChanges } from "./PromptChanges";
import { RunPicker } from "./RunPicker";
import { Verdicts } from "./Verdicts";

const route = getRouteApi("/prompts/$promptId");

type CompareTabProps = { prompt: PromptSummary; projectId: string };

export function CompareTab({ prompt, projectId }: CompareTabProps) {
  return (
    <Loaded query={useQuery(runsQuery(prompt.id))} what="the runs">
      {(runs) => <Chosen prompt={prompt} runs={runs} projectId={projectId} />}
    </Loaded>
  );
}

function Chosen({ prompt, runs, projectId }: CompareTabProps & { runs: readonly RunSummary[] }) {
  const search = route.useSearch();
  const move = useMove<typeof search>();
  const others = useOthers(prompt.id, projectId);
  const all: NamedRun[] = [...runs.map((run) => ({ run, promptName: prompt.name })), ...others.runs];
  const wanted = (search.runs ?? defaultChoice(runs)).slice(0, RUNS_MAX);
  const chosen = wanted.flatMap((id) => all.find(({ run }) => run.id === id) ?? []);
  // Runs of other prompts are known a moment later: nothing else is compared meanwhile.
  if (chosen.length < wanted.length && others.isPending) return null;
  const choose = (ids: readonly string[]) => move({ runs: [...ids], against: undefined });
  const named = runNames(chosen).map((name, index) => ({ name, ...chosen[index] })) as Named[];
  return (
    <div className="flex h-full flex-col">
      <div className="@container px-4 pt-3">
        <RunPicker runs={named} all={all} promptId={prompt.id} onChange={choose} />
      </div>
      {named.length < 2 ? (
        <EmptyState icon={GitCompareArrows} title={all.length < 2 ? "Nothing to compare yet" : "Choose two runs"}>
          {all.length < 2
            ? "Run another version, or another model, on the same tasks: this tab says which is better, and whether by more than chance."
            : "Add runs of any version and model, also of other prompts of the same project. The first one is the baseline."}
        </EmptyState>
      ) : (
        <Compared key={named.map(({ run }) => run.id).join()} promptId={prompt.id} projectId={projectId} runs={named} />
      )}
    </div>
  );
}

/** A compared run and what it is called here. */
export type Named = NamedRun & { name: string };

/** The runs of other prompts of the project. */
function useOthers(promptId: string, projectId: string): { runs: NamedRun[]; isPending: boolean } {
  const { data: prompts = [], isPending } = useQuery(promptsQuery());
  const others = prompts.filter((one) => one.id !== promptId && one.project_id === projectId && one.run_count > 0);
  const lists = useQueries({ queries: others.map(({ id }) => runsQuery(id)) });
  return {
    runs: others.flatMap(({ name }, index) => (lists[index]?.data ?? []).map((run) => ({ run, promptName: name }))),
    isPending: isPending || lists.some((list) => list.isPending),
  };
}

type ComparedProps = { promptId: string; projectId: string; runs: readonly Named[] };

function Compared(props: ComparedProps) {
  const { runs } = props;
  const comparison = useQuery(comparisonQuery(runs.map(({ run }) => run.id)));
  if (comparison.error instanceof IpcFailure && comparison.error.code === "no_shared_tasks") {
    return (
      <EmptyState icon={GitCompareArrows} title="These runs share no tasks">
        There is no task that all of them have answered. Run both on the same set.
      </EmptyState>
    );
  }
  return (
    <Loaded query={comparison} what="the comparison">
      {(comparison) => <Shown {...props} comparison={comparison} />}
    </Loaded>
  );
}

function Shown({ promptId, projectId, runs, comparison }: ComparedProps & { comparison: Comparison }) {
  const search = route.useSearch();
  const move = useMove<typeof search>();
  const [showsPrompts, setShowsPrompts] = useState(false);
  const { pairs, answered } = comparison;
  const pair = pairs.find(({ run_id }) => run_id === search.against) ?? pairs[0];
  const [baseline] = runs;
  const other = runs.find(({ run }) => run.id === pair?.run_id);
  if (pair === undefined || baseline === undefined || other === undefined) return null;
  const show = search.show ?? "overview";
  const options: { value: typeof show; label: string; count?: string }[] = [
    { value: "overview", label: "Overview" },
    { value: "fixed", label: "Fixed", count: formatNumber(pair.fixed) },
    { value: "broken", label: "Broken", count: formatNumber(pair.broken) },
    { value: "different", label: "Different", count: formatNumber(pair.different) },
    { value: "same", label: "Same", count: formatNumber(answered - pair.different) },
  ];
  return (
    <>
      <div className="flex flex-col gap-2 px-4 py-2">
        <Verdicts comparison={comparison} runs={runs} chosen={pair.run_id} onChoose={(against) => move({ against })} />
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <Segmented
            label="What to look at"
            value={show}
            onChange={(next) => move({ show: next === "overview" ? undefined : next })}
            options={options}
          />
          <div className="flex-1" />
          <Button
            icon={FileDiff}
            aria-expanded={showsPrompts}
            onClick={() => setShowsPrompts(!showsPrompts)}
            look={showsPrompts ? "filled" : "outlined"}
          >
            Prompt changes
          </Button>
        </div>
        {showsPrompts && <PromptChanges before={baseline} after={other} />}
      </div>
      {/* The rows keep some room: where there is less, all of it scrolls together. */}
      <div className="min-h-48 flex-1 border-t">
        {show === "overview" ? (
          <Overview promptId={promptId} runs={runs} comparison={comparison} pair={pair} />
        ) : (
          <DifferenceTable projectId={projectId} segment={show} runs={runs} other={other} />
        )}
      </div>
    </>
  );
}
