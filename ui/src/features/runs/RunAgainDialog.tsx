import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { PLAIN, RunTerms, refusedTerms } from "@/components/runs/RunTerms";
import { useCostly } from "@/components/runs/useCostly";
import { Banner } from "@/components/ui/Banner";
import { FormDialog } from "@/components/ui/Dialog";
import type { NewRun } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";

type RunAgainDialogProps = {
  /** The same once more, over the tasks in sight. */
  run: NewRun;
  onStarted: (runId: string) => void;
  onClose: () => void;
};

/** Tells what it takes to run the tasks in sight once more, and starts it. */
export function RunAgainDialog({ run, onStarted, onClose }: RunAgainDialogProps) {
  const [terms, setTerms] = useState(PLAIN);
  const next = { ...run, ...terms };
  const costly = useCostly();
  const start = useMutation({
    mutationFn: () => ipc.startRun(next),
    onSuccess: ({ run_id }) => {
      onClose();
      onStarted(run_id);
    },
  });
  return (
    <FormDialog
      onClose={onClose}
      size="small"
      title="Run these tasks again"
      description="By the same version and model. What has a usable answer is not asked again."
      action="Run"
      onSubmit={() => void costly.check(next, () => start.mutate())}
      waiting={start.isPending || costly.isChecking}
      disabledReason={refusedTerms(terms)}
    >
      {start.isError && (
        <Banner kind="negative" role="alert" title="The run did not start">
          {messageOf(start.error)}
        </Banner>
      )}
      <RunTerms run={next} onChange={(part) => setTerms((now) => ({ ...now, ...part }))} />
      {costly.dialog}
    </FormDialog>
  );
}
