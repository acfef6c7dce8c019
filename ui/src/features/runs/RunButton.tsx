import { useMutation, useQuery } from "@tanstack/react-query";
import { ChevronDown, FlaskConical, Gauge, HandCoins, Layers, Play } from "lucide-react";
import { useState } from "react";
import { useCommand } from "@/components/commands";
import { EstimateLine } from "@/components/runs/EstimateLine";
import { batchWords, onlineWords, wantsPilot } from "@/components/runs/estimate";
import { useAskAgain } from "@/components/runs/useAskAgain";
import { useCostly } from "@/components/runs/useCostly";
import { useRunEstimate } from "@/components/runs/useRunEstimate";
import { Button, IconButton } from "@/components/ui/Button";
import { ConfirmDialog } from "@/components/ui/Dialog";
import { Menu, MenuCheckbox, MenuItem, MenuRadioGroup, MenuSeparator } from "@/components/ui/Menu";
import { toast } from "@/components/ui/toast";
import type { NewRun, Only, ProjectSummary, Subset } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { runSizeQuery } from "@/ipc/queries";
import { amountOf } from "@/lib/amount";
import { classes } from "@/lib/classes";
import { formatCount, formatDay, formatNumber } from "@/lib/format";
import { runOf, subsetName } from "@/lib/runs";
import { ConcurrencyDialog } from "./ConcurrencyDialog";
import { MoneyStopDialog } from "./MoneyStopDialog";
import { SampleDialog } from "./SampleDialog";
import { SeveralDialog } from "./SeveralDialog";
import { firstSubset, offeredSubsets, runLabel, SAMPLE, SAMPLE_TASKS, subsetSize, trialSubset } from "./subsets";

type RunButtonProps = {
  promptId: string;
  project: ProjectSummary;
  /** Why the draft cannot be run, in words. */
  disabledReason?: string | undefined;
  /** What says that beside the button. */
  describedBy?: string | undefined;
  /** The model answers no more, by what is known of it. */
  retired?: { model: string; day: string } | undefined;
  /** Brings what was typed to Rust: the draft is what runs. */
  flush: () => Promise<void>;
  onStarted: (runId: string) => void;
  onStartedSeveral: () => void;
};

/** Starts a run of the draft; beside it, on which tasks. */
export function RunButton({ promptId, project, flush, onStarted, onStartedSeveral, ...rest }: RunButtonProps) {
  const { disabledReason, describedBy, retired } = rest;
  /** What is to be run although the model is retired, while that is asked. */
  const [doubted, setDoubted] = useState<Chosen | null>(null);
  const [chosen, setChosen] = useState<Subset | null>(null);
  /** What each run that is started here may cost, in millionths of a dollar. */
  const [limit, setLimit] = useState<number | null>(null);
  const [settingLimit, setSettingLimit] = useState(false);
  const [only, setOnly] = useState<Only | null>(null);
  const [prefersBatch, setPrefersBatch] = useState(false);
  const [again, setAgain] = useState(false);
  /** Requests at once of each run that is started here. */
  const [concurrency, setConcurrency] = useState<number | null>(null);
  const [menu, setMenu] = useState<"closed" | "open" | "sample" | "several" | "concurrency">("closed");
  const subset: Subset = chosen ?? firstSubset(project);
  const usual = offeredSubsets(project);
  // Another sample that was chosen is one of them.
  const offered = usual.some((option) => keyOf(option) === keyOf(subset)) ? usual : [subset, ...usual];
  const sizeOf = (only: Only) => runSizeQuery(runOf(promptId, subset, { only }));
  const missing = useQuery({ ...sizeOf("missing"), enabled: only === "missing" || menu === "open" }).data;
  const failed = useQuery({ ...sizeOf("failed"), enabled: only === "failed" || menu === "open" }).data;
  const size = only === null ? subsetSize(subset, project) : { missing, failed }[only];
  const next = runOf(promptId, subset, { only, limit_micros: limit, ask_again: again, concurrency });
  const estimate = useRunEstimate(next, menu === "open" || prefersBatch).data;
  const askAgain = useAskAgain(next, menu === "open");
  // Until it is known whether it can, it does: Rust refuses what cannot, and asks nothing at another price.
  const byBatch = prefersBatch && (estimate === undefined || estimate.batch_refused === null);
  const chosenRun = ({ subset, ...how }: Chosen) =>
    runOf(promptId, subset, { ...how, limit_micros: limit, concurrency });
  const costly = useCostly();
  const start = useMutation({
    mutationFn: async (what: Chosen) => {
      await flush();
      return ipc.startRun(chosenRun(what));
    },
    onSuccess: ({ run_id, version, saved_version }) => {
      // It is paid for anew each time it is chosen.
      setAgain(false);
      if (saved_version) toast({ title: `Saved as version ${version.number} first, then started` });
      onStarted(run_id);
    },
    onError: (error) => toast({ kind: "failed", title: "The run did not start", description: messageOf(error) }),
  });
  // The estimate is of the draft as it is typed.
  const startUnlessCostly = (what: Chosen) => costly.check(chosenRun(what), () => start.mutate(what), flush);
  const run = (what: Chosen) => (retired === undefined ? void startUnlessCostly(what) : setDoubted(what));
  const isStarting = start.isPending || costly.isChecking;
  // A second press while the first is on its way would only be refused.
  const refused = disabledReason ?? (isStarting ? "The run is starting" : undefined);
  const title = `${runLabel(subset, only, size)}${byBatch ? " as a batch" : ""}${again ? ", asking again" : ""}`;
  useCommand("prompt.run", () => run({ subset, only, batch: byBatch, ask_again: again }), {
    title,
    disabledReason: refused,
  });
  const trial: Chosen = { subset: trialSubset(project), only: null, batch: false, ask_again: false };
  useCommand("prompt.run-sample", () => run(trial), { disabledReason: refused });
  const noTask = project.task_count === 0 ? "The project has no task" : undefined;
  useCommand("run.sample", () => setMenu("sample"), { disabledReason: noTask });
  useCommand("run.money-stop", () => setSettingLimit(true));
  useCommand("run.concurrency", () => setMenu("concurrency"));
  useCommand("run.several", () => setMenu("several"), { disabledReason: refused });

  return (
    <div className="flex">
      <Button
        variant="primary"
        look="filled"
        icon={Play}
        command="prompt.run"
        disabledReason={disabledReason}
        aria-describedby={describedBy}
        waiting={isStarting}
        className="gap-0 rounded-r-none @min-[30rem]:gap-1.5"
      >
        {/* Where they would push it into a line of its own, its tip has them, or why it is not to be pressed. */}
        <span className="@max-[30rem]:sr-only">{title}</span>
      </Button>
      <Menu
        align="end"
        open={menu === "open"}
        onOpenChange={(open) => setMenu((now) => (open ? "open" : now === "open" ? "closed" : now))}
        trigger={
          <IconButton
            icon={ChevronDown}
            {...(disabledReason === undefined
              ? { variant: "primary", look: "filled" }
              : { variant: "neutral", look: "outlined" })}
            label="Which tasks to run"
            className={classes(
              "-ml-px w-7 rounded-l-none",
              disabledReason === undefined ? "border-l-on-primary/30" : "border-border",
            )}
          />
        }
      >
        <EstimateLine run={next} inMenu className="max-w-96 px-2 pt-1.5 pb-1" />
        {estimate !== undefined && estimate.batch_refused === null && (
          <MenuRadioGroup
            label="How it is asked"
            value={byBatch ? "batch" : "online"}
            onChange={(way) => setPrefersBatch(way === "batch")}
            options={[
              { value: "online", label: onlineWords(estimate) },
              { value: "batch", label: batchWords(estimate) },
            ]}
          />
        )}
        {(askAgain !== undefined || again) && (
          <MenuCheckbox checked={again} onChange={setAgain} hint={askAgain}>
            Ask again
          </MenuCheckbox>
        )}
        {estimate !== undefined && wantsPilot(estimate, SAMPLE_TASKS) && (
          <MenuItem
            icon={FlaskConical}
            command="prompt.run-sample"
            hint="Then the estimate learns from them, and their answers are reused"
            disabledReason={refused}
            onClick={() => run(trial)}
          >
            Try {formatCount(SAMPLE_TASKS, "task")} first
          </MenuItem>
        )}
        <MenuSeparator />
        <MenuRadioGroup
          label="Which tasks"
          value={keyOf(subset)}
          onChange={(key) => setChosen(offered.find((option) => keyOf(option) === key) ?? null)}
          options={offered.map((option) => {
            const size = subsetSize(option, project);
            return {
              value: keyOf(option),
              label: subsetName(option),
              hint: hints(option, size),
              disabledReason: size === 0 ? "No task of this project is one of these" : undefined,
            };
          })}
        />
        <MenuItem
          hint="How many, the first ones or at random"
          disabledReason={noTask}
          onClick={() => setMenu("sample")}
        >
          Another sample…
        </MenuItem>
        <MenuSeparator />
        <MenuRadioGroup<Only | "every">
          label="Which of these tasks"
          value={only ?? "every"}
          onChange={(value) => setOnly(value === "every" ? null : value)}
          options={[
            { value: "every", label: "All of these tasks" },
            {
              value: "missing",
              label: `Only without an answer${counted(missing)}`,
              disabledReason: missing === 0 ? "Each of these tasks has an answer" : undefined,
            },
            {
              value: "failed",
              label: `Only failed${counted(failed)}`,
              disabledReason: failed === 0 ? "None of these tasks failed" : undefined,
            },
          ]}
        />
        <MenuSeparator />
        <MenuItem
          icon={HandCoins}
          hint={limit === null ? undefined : `$${amountOf(limit)}, for each run from here`}
          onClick={() => setSettingLimit(true)}
        >
          Money stop…
        </MenuItem>
        <MenuItem
          icon={Gauge}
          hint={concurrency === null ? undefined : `${formatNumber(concurrency)}, for each run from here`}
          onClick={() => setMenu("concurrency")}
        >
          Requests at once…
        </MenuItem>
        <MenuItem
          icon={Layers}
          hint="A run for each, over the same tasks"
          disabledReason={refused}
          onClick={() => setMenu("several")}
        >
          Several models, versions or repetitions…
        </MenuItem>
      </Menu>
      {settingLimit && (
        <MoneyStopDialog
          onClose={() => setSettingLimit(false)}
          limit={limit}
          run={next}
          action="Set"
          onSet={(next) => {
            setLimit(next);
            setSettingLimit(false);
          }}
        />
      )}
      {menu === "sample" && (
        <SampleDialog
          initial={subset.kind === "sample" ? subset : SAMPLE}
          most={project.task_count}
          runOf={(sample) => ({ ...next, subset: sample })}
          onChoose={setChosen}
          onClose={() => setMenu("closed")}
        />
      )}
      {menu === "concurrency" && (
        <ConcurrencyDialog concurrency={concurrency} onSet={setConcurrency} onClose={() => setMenu("closed")} />
      )}
      {costly.dialog}
      {menu === "several" && (
        <SeveralDialog
          run={{ ...next, batch: byBatch }}
          tasks={size}
          flush={flush}
          onStarted={onStartedSeveral}
          onClose={() => setMenu("closed")}
        />
      )}
      {retired !== undefined && (
        <ConfirmDialog
          open={doubted !== null}
          onClose={() => setDoubted(null)}
          title={`${retired.model} was retired on ${formatDay(retired.day)}`}
          action="Run all the same"
          tone="primary"
          onConfirm={() => {
            if (doubted !== null) void startUnlessCostly(doubted);
            setDoubted(null);
          }}
        >
          Its provider does not answer for it any more as far as is known, so the run is likely to fail at once. Nothing
          is paid for a request that is refused.
        </ConfirmDialog>
      )}
    </div>
  );
}

/** Which tasks are run, and how. */
type Chosen = { subset: Subset } & Pick<NewRun, "only" | "batch" | "ask_again">;

const keyOf = (subset: Subset) => JSON.stringify(subset);

function counted(size: number | undefined): string {
  return size === undefined ? "" : ` (${formatNumber(size)})`;
}

function hints({ kind }: Subset, size: number): string {
  switch (kind) {
    case "sample":
      return "To look at the answers";
    case "ground-truth":
      return `${formatCount(size, "task")}, to learn the accuracy`;
    case "ground-truth-dev":
      return `${formatCount(size, "task")}, to improve the prompt on`;
    case "ground-truth-held-out":
      return `${formatCount(size, "task")}, to judge it on at the end`;
    case "all":
    case "custom":
      return formatCount(size, "task");
  }
}
