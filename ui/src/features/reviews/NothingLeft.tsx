/** In place of the queue where it holds nothing: why, and what comes next. */
import { Link } from "@tanstack/react-router";
import { CheckCheck, LoaderCircle, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import type { ReviewRun } from "@/ipc/bindings";
import { formatCount } from "@/lib/format";
import { isAtWork } from "@/lib/runs";

type NothingLeftProps = {
  run: ReviewRun;
  isGrowing: boolean;
  isFiltered: boolean;
  /** What takes the last decision back. */
  undo: ReactNode;
  onShowAll: () => void;
};

export function NothingLeft({ run, isGrowing, isFiltered, undo, onShowAll }: NothingLeftProps) {
  if (isFiltered) {
    return (
      <EmptyState
        icon={SearchX}
        title="Nothing is left for this reason"
        className="flex-1 justify-center"
        actions={
          <>
            <Button onClick={onShowAll}>Show every reason</Button>
            {undo}
          </>
        }
      >
        Tasks with other reasons may still be in the queue.
      </EmptyState>
    );
  }
  if (isGrowing) {
    return (
      <EmptyState icon={LoaderCircle} title="Nothing to look at yet" className="flex-1 justify-center">
        {isAtWork(run)
          ? "The run is at work. What fails, what other runs contradict and what the model is not sure of comes here meanwhile."
          : "The answers are being looked through."}
      </EmptyState>
    );
  }
  const metrics = (
    <Button
      variant="primary"
      look="filled"
      nativeButton={false}
      render={
        <Link
          to="/prompts/$promptId"
          params={{ promptId: run.prompt_id }}
          search={{ tab: "alignment", run: run.run_id }}
        />
      }
    >
      Open Alignment
    </Button>
  );
  const results = (
    <Button
      nativeButton={false}
      render={<Link to="/prompts/$promptId" params={{ promptId: run.prompt_id }} search={{ run: run.run_id }} />}
    >
      See and export the results
    </Button>
  );
  return (
    <EmptyState
      icon={CheckCheck}
      title={run.decided === 0 ? "Nothing to review" : "All decided"}
      className="flex-1 justify-center"
      actions={
        <>
          {metrics}
          {results}
          {undo}
        </>
      }
    >
      {run.decided === 0
        ? "Answers to tasks that have ground truth are not queued: Results shows which are wrong. Of the others none failed, none differs from another run’s, and the model was sure wherever it said how sure it is."
        : `${formatCount(run.decided, "prediction")} of this run ${run.decided === 1 ? "was" : "were"} decided about. What became ground truth counts in its metrics.`}
    </EmptyState>
  );
}
