/** Gives the predictions of a run back to the project that its tasks came from: first what exactly would be written there. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, Clock } from "lucide-react";
import { useEffect, useState } from "react";
import { QueryProblem } from "@/components/QueryProblem";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Checkbox } from "@/components/ui/Checkbox";
import { CopyButton } from "@/components/ui/CopyButton";
import { ConfirmDialog, Dialog } from "@/components/ui/Dialog";
import { Progress } from "@/components/ui/Progress";
import { Segmented } from "@/components/ui/Segmented";
import { toast } from "@/components/ui/toast";
import type { OtherVersions, PushOptions, PushPlan, PushProgress, PushReport } from "@/ipc/bindings";
import { ipc, isCanceled, listen, messageOf } from "@/ipc/client";
import { pushesQuery, pushPlanQuery, runQuery } from "@/ipc/queries";
import { formatCount, formatNumber, sentence } from "@/lib/format";
import { Lines } from "./Lines";
import { useIsOpen } from "./useIsOpen";
import {
  isFree,
  mayDelete,
  placeWords,
  prelabelWords,
  pushAction,
  pushAtWork,
  pushesNothing,
  pushLines,
} from "./words";

const TITLE = "Give back to Label Studio";

const OTHERS: readonly { value: OtherVersions; label: string }[] = [
  { value: "beside", label: "Stay beside" },
  { value: "replace", label: "Are deleted" },
];

/** `prelabel` is `null` until somebody says whether. */
type Chosen = Omit<PushOptions, "prelabel"> & { prelabel: boolean | null };

type PushDialogProps = { runId: string; onClose: () => void; onShowWaiting: () => void };

export function PushDialog({ runId, onClose, onShowWaiting }: PushDialogProps) {
  const run = useQuery(runQuery(runId)).data;
  const client = useQueryClient();
  const [chosen, setChosen] = useState<Chosen>({
    other_versions: "beside",
    annotations: false,
    ground_truth: false,
    prelabel: null,
  });
  // What tasks begin with changes no number of the plan.
  const asked: PushOptions = { ...chosen, prelabel: false };
  const plan = useQuery(pushPlanQuery(runId, asked));
  const options: PushOptions = {
    ...chosen,
    prelabel: chosen.prelabel ?? (plan.data !== undefined && isFree(plan.data)),
  };
  const pushes = useQuery(pushesQuery()).data ?? [];
  const waiting = pushes.filter(({ state }) => state === "waiting");
  const isUnderWay = pushes.some(({ run_id, state }) => run_id === runId && state === "under_way");
  const [asking, setAsking] = useState(false);
  const [progress, setProgress] = useState<PushProgress | null>(null);
  const isOpen = useIsOpen();
  const push = useMutation({
    mutationFn: () => ipc.pushRun(runId, options),
    onMutate: () => setProgress(null),
    onSuccess: (report) => {
      if (!isOpen.current) toast({ title: reportTitle(report) });
    },
    onError: (error) => {
      // Part of it may be there already.
      void client.invalidateQueries({ queryKey: pushPlanQuery(runId, asked).queryKey });
      if (isCanceled(error)) toast({ title: "Giving back was canceled; what was written stays" });
      else if (!isOpen.current)
        toast({ kind: "failed", title: "The run was not given back", description: messageOf(error) });
    },
  });
  const { isPending } = push;
  useEffect(() => {
    if (!isPending) return;
    return listen("pushProgress", (told) => {
      if (told.run_id === runId) setProgress(told);
    });
  }, [isPending, runId]);
  const cancel = useMutation({
    mutationFn: async () => {
      if (progress !== null) return ipc.cancelPush(progress.push_id);
      // It may not have told of itself yet.
      const read = await client.fetchQuery({ ...pushesQuery(), staleTime: 0 });
      const own = pushAtWork(read, runId);
      if (own === undefined) throw new Error("It is not listed as being given back. Try again in a moment.");
      return ipc.cancelPush(own.id);
    },
    onError: (error) => toast({ kind: "failed", title: "It was not canceled", description: messageOf(error) }),
  });
  const description =
    run === undefined
      ? "Asking for the run…"
      : `Run ${formatNumber(run.number)} of version ${formatNumber(run.version_number)}.`;

  if (push.isSuccess) {
    return (
      <Dialog
        open
        onClose={onClose}
        title={TITLE}
        description={description}
        onSubmit={onClose}
        footer={
          <>
            {push.data.waiting !== null && <Button onClick={onShowWaiting}>Show what waits</Button>}
            <Button variant="primary" look="filled" onClick={onClose}>
              Close
            </Button>
          </>
        }
      >
        <Report report={push.data} url={plan.data?.url} />
      </Dialog>
    );
  }
  if (isPending) {
    return (
      <Dialog
        open
        onClose={onClose}
        title={TITLE}
        description={description}
        footer={
          <>
            <Button onClick={() => cancel.mutate()} waiting={cancel.isPending}>
              Cancel
            </Button>
            <Button onClick={onClose}>Go on in the background</Button>
          </>
        }
      >
        <Pushing progress={progress} />
      </Dialog>
    );
  }
  const refused = plan.isFetching
    ? "The server is being asked."
    : plan.isError || plan.data === undefined
      ? "The server could not be asked."
      : pushesNothing(plan.data, options)
        ? "There is nothing to write."
        : isUnderWay
          ? "It is being given back just now."
          : undefined;
  const submit = () => {
    if (refused !== undefined || plan.data === undefined) return;
    if (mayDelete(plan.data, options)) setAsking(true);
    else push.mutate();
  };
  const deletes = plan.data !== undefined && mayDelete(plan.data, options);
  return (
    <Dialog
      open
      onClose={onClose}
      title={TITLE}
      description={description}
      onSubmit={submit}
      actions={
        waiting.length > 0 && (
          <Button size="small" icon={Clock} onClick={onShowWaiting}>
            {formatNumber(waiting.length)} {waiting.length === 1 ? "waits" : "wait"}
          </Button>
        )
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant={deletes ? "negative" : "primary"}
            look="filled"
            disabledReason={refused}
            waiting={plan.isFetching && plan.data !== undefined}
            onClick={submit}
            className="min-w-48"
          >
            {pushAction(plan.isError ? undefined : plan.data)}
          </Button>
        </>
      }
    >
      {/* As high before it is read as after: Cancel stays under the pointer. */}
      <div className="flex min-h-[min(32rem,calc(100dvh-14rem))] flex-col gap-4">
        {push.isError && !isCanceled(push.error) && (
          <Banner kind="negative" role="alert" title="The run was not given back">
            {messageOf(push.error)}
          </Banner>
        )}
        {plan.isError ? (
          <QueryProblem
            title="What would be written could not be found out"
            error={plan.error}
            onRetry={() => void plan.refetch()}
          />
        ) : plan.data === undefined ? (
          <p role="status" className="my-auto py-6 text-center text-sm text-subtler">
            Comparing with what is there…
          </p>
        ) : (
          <Plan plan={plan.data} options={options} onOptions={(part) => setChosen({ ...chosen, ...part })} />
        )}
      </div>
      {plan.data !== undefined && (
        <ConfirmDialog
          open={asking}
          onClose={() => setAsking(false)}
          title={
            plan.data.waiting === null
              ? `Delete ${formatCount(plan.data.replaced, "prediction")} there?`
              : "Delete earlier predictions there?"
          }
          action={plan.data.waiting === null ? pushAction(plan.data) : "Give back and delete"}
          onConfirm={() => {
            setAsking(false);
            push.mutate();
          }}
        >
          What this prompt predicted for these tasks before, in other versions or runs, is deleted from{" "}
          {placeWords(plan.data)}.
          {plan.data.waiting !== null && " How much that is cannot be told before the server is reached."} Annotations
          and the predictions of others stay. What is deleted there cannot be brought back from here.
        </ConfirmDialog>
      )}
    </Dialog>
  );
}

type PlanProps = { plan: PushPlan; options: PushOptions; onOptions: (part: Partial<PushOptions>) => void };

function Plan({ plan, options, onOptions }: PlanProps) {
  const { written, left } = pushLines(plan, options);
  return (
    <>
      {plan.waiting !== null && (
        <Banner kind="warning" title="The server is not reached now">
          {sentence(plan.waiting)} The run waits, and is given back once the server is there. What it has already is not
          written again.
        </Banner>
      )}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-4 gap-y-1 text-sm">
        <dt className="font-semibold">Project there</dt>
        <dd className="break-words text-subtle select-text" dir="auto">
          {placeWords(plan)}
        </dd>
        <dt className="font-semibold">Model version</dt>
        <dd className="font-mono text-xs break-all text-subtle select-text">{plan.model_version}</dd>
      </dl>
      <Lines label="What is written" lines={written} />
      <Lines label="What is not written" lines={left} />
      <div className="flex flex-col gap-1.5">
        <span className="text-sm font-semibold">Earlier predictions of this prompt there</span>
        <div>
          <Segmented
            label="Earlier predictions of this prompt there"
            value={options.other_versions}
            onChange={(other_versions) => onOptions({ other_versions })}
            options={OTHERS}
          />
        </div>
      </div>
      <Checkbox
        checked={options.annotations}
        onChange={(annotations) => onOptions({ annotations })}
        hint="What was accepted or corrected in a review here counts as labeled there."
      >
        Write accepted predictions as annotations
      </Checkbox>
      <Checkbox
        checked={options.ground_truth}
        onChange={(ground_truth) => onOptions({ ground_truth })}
        hint="There a task has one ground truth: setting it takes the mark from another annotation of the task."
      >
        Set ground-truth marks
      </Checkbox>
      <Checkbox checked={options.prelabel} onChange={(prelabel) => onOptions({ prelabel })} hint={prelabelWords(plan)}>
        Let tasks that nobody has annotated begin with it
      </Checkbox>
    </>
  );
}

function Pushing({ progress }: { progress: PushProgress | null }) {
  return (
    <div className="flex flex-col gap-3 py-4">
      <Progress
        label="Giving back"
        share={progress === null || progress.total === 0 ? null : progress.done / progress.total}
      />
      <p className="text-sm text-subtler tabular-nums">
        {progress === null
          ? "Asking the server"
          : `${formatNumber(progress.done)} of ${formatCount(progress.total, "task")} gone through`}
      </p>
      <p className="text-sm text-subtler">
        It can be canceled and begun again: what is written is not written twice. It goes on without this dialog.
      </p>
    </div>
  );
}

function reportTitle({ written, waiting, failed }: PushReport): string {
  if (waiting !== null) return "The run waits to be given back";
  const what = `${formatCount(written, "prediction")} given back`;
  return failed > 0 ? `${what}, ${formatNumber(failed)} failed` : what;
}

function Report({ report, url }: { report: PushReport; url: string | undefined }) {
  const {
    written,
    unchanged,
    replaced,
    annotations,
    ground_truths: truths,
    not_there,
    failed,
    reasons,
    waiting,
  } = report;
  const lines = [
    { title: "Predictions written", value: written },
    { title: "There already", value: unchanged },
    ...(replaced > 0 ? [{ title: "Earlier predictions deleted", value: replaced }] : []),
    ...(annotations > 0 ? [{ title: "Annotations written", value: annotations }] : []),
    ...(truths > 0 ? [{ title: "Ground-truth marks set", value: truths }] : []),
    ...(not_there > 0 ? [{ title: "Tasks not there", value: not_there }] : []),
    ...(failed > 0 ? [{ title: "Failed", value: failed, tone: "negative" as const }] : []),
  ];
  return (
    <div className="flex flex-col gap-4">
      {waiting !== null ? (
        <Banner kind="warning" role="status" title={reportTitle(report)}>
          {sentence(waiting)} It goes on once the server is reached, also after a restart.
        </Banner>
      ) : failed > 0 ? (
        <Banner kind="negative" role="alert" title="Not all of it was written">
          {reasons.map((reason) => (
            <p key={reason}>{sentence(reason)}</p>
          ))}
        </Banner>
      ) : (
        <div role="status" className="flex flex-col gap-1 text-sm">
          <p className="flex items-center gap-2 font-semibold">
            <CircleCheck aria-hidden className="size-4 text-positive-content" />
            {written === 0 ? "Everything was there already" : "It is there"}
          </p>
          {report.prelabels && (
            <p className="pl-6 text-subtle">Tasks that nobody has annotated begin with it from now on.</p>
          )}
        </div>
      )}
      <Lines label="What was done" lines={lines} />
      {url !== undefined && (
        <div className="flex items-center gap-2 text-sm">
          <span className="min-w-0 flex-1 break-all text-subtle select-text">{url}</span>
          <CopyButton text={url} label="Copy address" size="small" />
        </div>
      )}
    </div>
  );
}
