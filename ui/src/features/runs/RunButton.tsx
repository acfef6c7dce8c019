import { useMutation } from "@tanstack/react-query";
import { ChevronDown, Play } from "lucide-react";
import { useState } from "react";
import { useCommand } from "@/components/commands";
import { Button, IconButton } from "@/components/ui/Button";
import { Menu, MenuItem } from "@/components/ui/Menu";
import { toast } from "@/components/ui/toast";
import type { ProjectSummary, Subset } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { formatCount } from "@/lib/format";
import { runLabel, subsetName, subsetSize, subsets } from "./subsets";

type RunButtonProps = {
  promptId: string;
  project: ProjectSummary;
  /** Why the draft cannot be run, in words. */
  disabledReason?: string | undefined;
  /** Brings what was typed to Rust: the draft is what runs. */
  flush: () => Promise<void>;
  onStarted: (runId: string) => void;
};

/** Starts a run of the draft; beside it, on which tasks. */
export function RunButton({ promptId, project, disabledReason, flush, onStarted }: RunButtonProps) {
  const [chosen, setChosen] = useState<Subset | null>(null);
  const subset = chosen ?? (project.ground_truth_count > 0 ? "ground-truth" : "sample");
  const start = useMutation({
    mutationFn: async (subset: Subset) => {
      await flush();
      return ipc.startRun({ prompt_id: promptId, version_id: null, subset });
    },
    onSuccess: ({ run_id, version, saved_version }) => {
      if (saved_version) toast({ title: `Saved as version ${version.number} first, then started` });
      onStarted(run_id);
    },
    onError: (error) => toast({ kind: "failed", title: "The run did not start", description: messageOf(error) }),
  });
  // A second press while the first is on its way would only be refused.
  const refused = disabledReason ?? (start.isPending ? "The run is starting" : undefined);
  const refusal = refused === undefined ? {} : { disabledReason: refused };
  useCommand("prompt.run", () => start.mutate(subset), refusal);
  useCommand("prompt.run-sample", () => start.mutate("sample"), refusal);

  return (
    <div className="flex">
      <Button
        variant="primary"
        look="filled"
        icon={Play}
        command="prompt.run"
        disabledReason={disabledReason}
        waiting={start.isPending}
        className="rounded-r-none"
      >
        {runLabel(subset, project)}
      </Button>
      <Menu
        align="end"
        trigger={
          <IconButton
            icon={ChevronDown}
            variant="primary"
            look="filled"
            label="Which tasks to run"
            className="-ml-px w-7 rounded-l-none border-l-on-primary/30"
          />
        }
      >
        {subsets.map((option) => {
          const size = subsetSize(option, project);
          return (
            <MenuItem
              key={option}
              hint={hints(option, size)}
              disabledReason={size === 0 ? "No task of this project is one of these" : undefined}
              onClick={() => setChosen(option)}
            >
              {subsetName(option)}
            </MenuItem>
          );
        })}
      </Menu>
    </div>
  );
}

function hints(subset: Subset, size: number): string {
  switch (subset) {
    case "sample":
      return `The first ${formatCount(size, "task")}`;
    case "ground-truth":
      return `${formatCount(size, "task")}, to learn the accuracy`;
    case "ground-truth-dev":
      return `${formatCount(size, "task")}, to improve the prompt on`;
    case "ground-truth-held-out":
      return `${formatCount(size, "task")}, to judge it on at the end`;
    case "all":
      return formatCount(size, "task");
  }
}
