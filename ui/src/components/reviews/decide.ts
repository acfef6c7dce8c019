/** Deciding about predictions of a run, one or many at once, and taking it back. */
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { toast } from "@/components/ui/toast";
import type { ReviewPage, ReviewReason, ReviewRun, ReviewTasks, ReviewVerdict } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { beingDecidedQuery, decisionsQuery } from "@/ipc/queries";
import { type Decision, decidedWords, movedUp, passedOverWords, undoneWords } from "@/lib/reviews";

type Deciding = { tasks: ReviewTasks; verdict: ReviewVerdict };

type DecideOptions = {
  /** One task at a time is decided about where what was decided is seen anyway: nothing but failures is told. */
  isQuiet?: boolean;
  onUndone?: (decision: Decision) => void;
};

export type Decide = {
  /**
   * At once for who looks: named tasks leave the queue, and come back if that could not be kept. Whether anything was decided;
   * never rejects.
   */
  decide: (tasks: ReviewTasks, verdict: ReviewVerdict) => Promise<boolean>;
  isDeciding: boolean;
  /** Takes back the last that was decided here about the run, or that one. */
  undo: (decision?: Decision) => void;
  /** What can be taken back, the newest last. */
  decisions: readonly Decision[];
};

const NONE: readonly Decision[] = [];

/** What is decided is told, with the way back; a failure is told too. */
export function useDecide(runId: string, { isQuiet = false, onUndone }: DecideOptions = {}): Decide {
  const client = useQueryClient();
  const { data: decisions = NONE } = useQuery(decisionsQuery(runId));
  // One after the other, so that what is taken back has been decided.
  const scope = { id: `reviews ${runId}` };
  const undo = useMutation({
    scope,
    mutationFn: async (chosen: Decision | undefined) => {
      const decision = chosen ?? client.getQueryData(decisionsQuery(runId).queryKey)?.at(-1);
      return decision === undefined ? undefined : { decision, undone: await ipc.undoReviews(decision.batch) };
    },
    onSuccess: (taken) => {
      if (taken === undefined) return;
      const { decision, undone } = taken;
      forget(client, runId, decision);
      const isWhole = undone === decision.decided;
      if (!isWhole || !isQuiet || decision.decided !== 1)
        toast({
          title: undoneWords(undone, decision.decided),
          ...(isWhole ? {} : { description: "An annotation that was changed since is kept." }),
        });
      onUndone?.(decision);
    },
    onError: (error) =>
      toast({ kind: "failed", title: "The decision could not be taken back", description: messageOf(error) }),
  });
  const decide = useMutation({
    scope,
    mutationFn: async ({ tasks, verdict }: Deciding): Promise<Decision> => ({
      ...(await ipc.decideReviews(runId, tasks, verdict)),
      tasks,
      verdict,
    }),
    onMutate: ({ tasks }) => {
      if (tasks.kind === "these") takeOut(client, runId, tasks.task_ids);
    },
    onSuccess: (decision) => {
      settle(client, runId, decision.tasks);
      const description = passedOverWords(decision);
      if (decision.passed_over > 0 || decision.decided === 0) readAgain(client, runId);
      if (decision.decided === 0) {
        toast({ kind: "failed", title: "Nothing was decided", ...(description === undefined ? {} : { description }) });
        return;
      }
      client.setQueryData(decisionsQuery(runId).queryKey, (known = NONE) => [...known, decision]);
      if (isQuiet && decision.decided === 1) return;
      toast({
        title: decidedWords(decision.verdict, decision),
        ...(description === undefined ? {} : { description }),
        action: { label: "Undo", run: () => undo.mutate(decision) },
      });
    },
    onError: (error, { tasks }) => {
      settle(client, runId, tasks);
      readAgain(client, runId);
      toast({ kind: "failed", title: "The decision could not be kept", description: messageOf(error) });
    },
  });
  return {
    decide: (tasks, verdict) =>
      decide.mutateAsync({ tasks, verdict }).then(
        ({ decided }) => decided > 0,
        () => false,
      ),
    isDeciding: decide.isPending,
    undo: (decision) => undo.mutate(decision),
    decisions,
  };
}

/** Takes tasks out of every page of the run's queue that is known, before Rust has decided. */
function takeOut(client: QueryClient, runId: string, taskIds: readonly number[]): void {
  client.setQueryData(beingDecidedQuery(runId).queryKey, (known = []) => [...known, ...taskIds]);
  const gone = new Set(taskIds);
  // Pages of another length lie across these.
  const queues = new Map<string, { key: readonly unknown[]; offset: number; limit: number; page: ReviewPage }[]>();
  for (const [key, page] of client.getQueriesData<ReviewPage>({ queryKey: ["review-queue", runId] })) {
    if (page === undefined) continue;
    const [, , reasons, offset, limit] = key as ["review-queue", string, ReviewReason[], number, number];
    const name = [limit, ...reasons].join();
    queues.set(name, [...(queues.get(name) ?? []), { key, offset, limit, page }]);
  }
  for (const queue of queues.values()) {
    const moved = movedUp(queue, gone);
    for (const [index, { key }] of queue.entries()) client.setQueryData(key, moved[index]?.page);
  }
  client.setQueriesData<ReviewRun[]>({ queryKey: ["review-runs"] }, (runs) =>
    runs?.map((run) => (run.run_id === runId ? { ...run, decided: run.decided + taskIds.length } : run)),
  );
}

function settle(client: QueryClient, runId: string, tasks: ReviewTasks): void {
  if (tasks.kind === "all") return;
  const settled = new Set(tasks.task_ids);
  client.setQueryData(beingDecidedQuery(runId).queryKey, (known = []) => known.filter((id) => !settled.has(id)));
}

function forget(client: QueryClient, runId: string, { batch }: Decision): void {
  client.setQueryData(decisionsQuery(runId).queryKey, (known = NONE) => known.filter((one) => one.batch !== batch));
}

function readAgain(client: QueryClient, runId: string): void {
  void client.invalidateQueries({ queryKey: ["review-queue", runId] });
  void client.invalidateQueries({ queryKey: ["review-runs"] });
}
