/** Which runs are compared: the first one is the baseline. */
import { ArrowLeftToLine, X } from "lucide-react";
import { IconButton } from "@/components/ui/Button";
import { Combobox } from "@/components/ui/Combobox";
import type { RunSummary } from "@/ipc/bindings";
import { classes } from "@/lib/classes";
import { formatNumber, formatPercent } from "@/lib/format";
import { modelLabel } from "@/lib/models";
import { coverageName, runName } from "@/lib/runs";
import type { Named } from "./CompareTab";
import { RUNS_MAX } from "./choice";
import type { NamedRun } from "./names";

type RunPickerProps = {
  runs: readonly Named[];
  /** All that there is to choose from. */
  all: readonly NamedRun[];
  promptId: string;
  onChange: (runIds: readonly string[]) => void;
};

export function RunPicker({ runs, all, promptId, onChange }: RunPickerProps) {
  const ids = runs.map(({ run }) => run.id);
  const options = all
    .filter(({ run }) => !ids.includes(run.id))
    .map(({ run, promptName }) => ({
      value: run.id,
      label: `${run.prompt_id === promptId ? "" : `${promptName} `}v${run.version_number}, run ${formatNumber(run.number)}`,
      hint: optionHint(run),
      disabledReason: run.done === 0 ? "It has no answer yet" : null,
    }));
  return (
    <ul aria-label="Compared runs" className="flex flex-wrap items-center gap-2">
      {runs.map(({ name, run }, index) => (
        <li
          key={run.id}
          className={classes(
            "flex h-8 max-w-full min-w-0 items-center rounded-sm border pl-2.5 text-sm",
            index === 0 ? "border-border-bold bg-inset" : "bg-surface",
          )}
          title={runName(run)}
        >
          {index === 0 && <span className="pr-1.5 text-xs text-subtle">Baseline</span>}
          <span className="max-w-72 min-w-0 truncate font-semibold" dir="auto">
            {name}
          </span>
          {!name.includes(modelLabel(run)) && (
            <span className="hidden max-w-40 truncate pl-1.5 text-xs text-subtle @3xl:inline">{modelLabel(run)}</span>
          )}
          {index > 0 && (
            <IconButton
              icon={ArrowLeftToLine}
              size="small"
              label={`Make ${name} the baseline`}
              onClick={() => onChange([run.id, ...ids.filter((id) => id !== run.id)])}
              className="ml-1"
            />
          )}
          <IconButton
            icon={X}
            size="small"
            label={`Leave ${name} out`}
            onClick={() => onChange(ids.filter((id) => id !== run.id))}
            className="mr-1"
          />
        </li>
      ))}
      {runs.length < RUNS_MAX && options.length > 0 && (
        <li>
          <Combobox
            // Empty again once one is added.
            key={ids.join()}
            label="Add a run"
            value={null}
            onChange={(id) => id !== null && onChange([...ids, id])}
            options={options}
            placeholder="Add a run"
            empty="No run has this name."
            className="w-80"
          />
        </li>
      )}
    </ul>
  );
}

/** "qwen3:8b · 83.2 % of 640 · ground truth" */
function optionHint(run: RunSummary): string {
  const told =
    run.accuracy === null
      ? "not scored"
      : `${formatPercent(run.accuracy.value)} of ${formatNumber(run.accuracy.scored)}`;
  return [modelLabel(run), told, coverageName(run).toLowerCase()].join(" · ");
}
