/** Which results of a run can be looked at apart from the others, and how many there are. */
import { useQuery } from "@tanstack/react-query";
import type { RowFilter, RunSummary } from "@/ipc/bindings";
import { changedSinceQuery, reviewQueueQuery } from "@/ipc/queries";
import { formatNumber } from "@/lib/format";
import { modelOf } from "@/lib/models";
import { isAtWork } from "@/lib/runs";
import { terms } from "@/lib/terms";

type Segment = {
  value: RowFilter;
  label: string;
  count?: string | undefined;
  title?: string | undefined;
  disabledReason?: string | undefined;
};

type Segments = {
  /** Those that are in sight. */
  options: Segment[];
  /** Those that a menu holds. */
  more: Segment[];
  /** What "Changed" compares with: "since run 1, version 1"; `undefined` where there is nothing. */
  since: string | undefined;
};

const NOT_CHANGED = "No earlier version of this prompt has answered any of these tasks";

/** `runs` are those of the prompt. */
export function useSegments(run: RunSummary, runs: readonly RunSummary[]): Segments {
  // While a run is at work its queue is looked for again and again, and nobody waits for that number here.
  const queue = useQuery({
    ...reviewQueueQuery(run.id, [], false, 0, 1),
    enabled: !isAtWork(run) && run.done > 0,
  }).data;
  const earlier = useQuery(changedSinceQuery(run.id)).data;
  const since =
    earlier == null
      ? undefined
      : `since run ${formatNumber(earlier.run_number)}, version ${formatNumber(earlier.version)}` +
        (earlier.model === run.model ? "" : ` on ${modelOf(earlier.model)}`);
  // Until it is known, what the runs tell: a segment that comes later would push the others away under the pointer.
  const canHaveChanged =
    earlier === undefined
      ? runs.some((one) => one.version_number < run.version_number && one.done > 0)
      : since !== undefined;
  const changed: Segment = { value: "changed", label: "Changed" };
  return {
    options: [
      { value: "all", label: "All", count: formatNumber(run.done) },
      {
        value: "needs_review",
        label: "Needs review",
        count: queue?.total_is_final === true ? formatNumber(queue.total) : undefined,
        title: terms.needsReview,
      },
      ...(canHaveChanged
        ? [{ ...changed, title: since === undefined ? undefined : `Answered otherwise ${since}` }]
        : []),
      { value: "wrong", label: "Wrong", count: formatNumber(run.scored - run.correct) },
      { value: "failed", label: "Failed", count: formatNumber(run.failed), title: terms.failed },
    ],
    more: [
      { value: "correct", label: "Correct", count: formatNumber(run.correct) },
      {
        value: "unscored",
        label: "Not scored",
        count: formatNumber(run.done - run.scored - run.failed),
        title: terms.unscored,
      },
      ...(canHaveChanged ? [] : [{ ...changed, disabledReason: earlier === null ? NOT_CHANGED : "Not known yet" }]),
    ],
    since,
  };
}
