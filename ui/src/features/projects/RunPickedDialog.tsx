import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Loaded } from "@/components/Loaded";
import { PLAIN, RunTerms, refusedTerms } from "@/components/runs/RunTerms";
import { useCostly } from "@/components/runs/useCostly";
import { Banner } from "@/components/ui/Banner";
import { FormDialog } from "@/components/ui/Dialog";
import { Field } from "@/components/ui/Field";
import { Select } from "@/components/ui/Select";
import type { TaskSelection } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { promptsQuery } from "@/ipc/queries";
import { formatCount } from "@/lib/format";
import { runOf } from "@/lib/runs";

type RunPickedDialogProps = { projectId: string; selection: TaskSelection; tasks: number; onClose: () => void };

/** Asks which prompt to run on the tasks that are selected, and starts it. */
export function RunPickedDialog({ projectId, selection, tasks, onClose }: RunPickedDialogProps) {
  const navigate = useNavigate();
  const prompts = useQuery(promptsQuery());
  const aimed = prompts.data?.filter((prompt) => prompt.project_id === projectId) ?? [];
  const [chosen, setChosen] = useState<string>();
  const promptId = chosen ?? aimed[0]?.id;
  const [terms, setTerms] = useState(PLAIN);
  const newRun = (promptId: string) =>
    runOf(promptId, { kind: "custom" }, { ...terms, picked: { kind: "tasks", selection } });
  const costly = useCostly();
  const start = useMutation({
    mutationFn: (promptId: string) => ipc.startRun(newRun(promptId)),
    onSuccess: ({ run_id }, promptId) => {
      onClose();
      void navigate({ to: "/prompts/$promptId", params: { promptId }, search: { run: run_id } });
    },
  });
  return (
    <FormDialog
      onClose={onClose}
      size="small"
      title={`Run a prompt on ${formatCount(tasks, "task")}`}
      description="Its draft is run; changes are saved as a version first."
      action="Run"
      onSubmit={() => promptId !== undefined && void costly.check(newRun(promptId), () => start.mutate(promptId))}
      waiting={start.isPending || costly.isChecking}
      disabledReason={
        promptId !== undefined
          ? refusedTerms(terms)
          : prompts.isSuccess
            ? "No prompt uses this project"
            : "The prompts were not read yet"
      }
    >
      {start.isError && (
        <Banner kind="negative" role="alert" title="The run did not start">
          {messageOf(start.error)}
        </Banner>
      )}
      <Loaded query={prompts} what="the prompts">
        {() => (
          <>
            <Field label="Prompt" hint={aimed.length === 0 ? "Create a prompt for this project first." : undefined}>
              <Select
                value={promptId ?? null}
                onChange={setChosen}
                options={aimed.map(({ id, name }) => ({ value: id, label: name }))}
                placeholder="No prompt uses this project"
                size="large"
              />
            </Field>
            {promptId !== undefined && (
              <div className="mt-4">
                <RunTerms run={newRun(promptId)} onChange={(part) => setTerms((now) => ({ ...now, ...part }))} />
              </div>
            )}
          </>
        )}
      </Loaded>
      {costly.dialog}
    </FormDialog>
  );
}
