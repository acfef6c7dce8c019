/** Runs that ask by batch, while the vendor has it. */
import { Banner } from "@/components/ui/Banner";
import { RelativeTime } from "@/components/ui/Time";
import type { RunBatch, RunSummary } from "@/ipc/bindings";
import { formatCount, formatNumber } from "@/lib/format";
import { PROVIDER_NAMES } from "@/lib/models";
import { isAtWork } from "@/lib/runs";

/** What the vendor still has of a run that waits for it; of one that was stopped nothing is waited for. */
export function batchOut({ batch, status }: Pick<RunSummary, "batch" | "status">): RunBatch | undefined {
  return batch !== null && batch.open > 0 && status !== "canceled" ? batch : undefined;
}

/** "40 of 120 done" */
export function batchDone({ done, requests }: RunBatch): string {
  return `${formatNumber(done)} of ${formatNumber(requests)} done`;
}

/** Why nothing happens in a run, and for how long that may go on. */
export function BatchBanner({ run }: { run: RunSummary }) {
  const batch = batchOut(run);
  if (batch === undefined) return null;
  const what = batch.open === 1 ? "the batch" : formatCount(batch.open, "batch", "batches");
  return (
    <Banner title={`Waiting for ${what} at ${PROVIDER_NAMES[run.provider]}`}>
      {batch.submitted_at === null ? (
        "It is being handed over. "
      ) : (
        <>
          Handed over <RelativeTime iso={batch.submitted_at} />, ready within 24 hours of that: {batchDone(batch)}.{" "}
        </>
      )}
      {isAtWork(run) ? "Touchstone may be closed meanwhile." : "Resume to fetch what is answered."}
    </Banner>
  );
}

/** The same beside a run's progress. */
export function BatchLine({ batch, waiting }: { batch: RunBatch; waiting: string | null }) {
  return (
    <span title={waiting ?? undefined}>
      {batch.submitted_at === null ? (
        "Handing over the batch"
      ) : (
        <>
          Waiting for the batch: {batchDone(batch)}, handed over <RelativeTime iso={batch.submitted_at} />
        </>
      )}
    </span>
  );
}
