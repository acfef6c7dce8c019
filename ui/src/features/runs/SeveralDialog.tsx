/** Several runs over the same tasks: which versions, of which models, how often. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { EstimateLine } from "@/components/runs/EstimateLine";
import { useCostly } from "@/components/runs/useCostly";
import { Banner } from "@/components/ui/Banner";
import { Checkbox } from "@/components/ui/Checkbox";
import { FormDialog } from "@/components/ui/Dialog";
import { Field, SearchInput, TextInput } from "@/components/ui/Field";
import type { AskedModel, NewRun } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { connectionsQuery, promptQuery, versionRowsQuery } from "@/ipc/queries";
import { formatCount } from "@/lib/format";
import { modelLabel, modelTitle, priceWords } from "@/lib/models";
import { REPETITIONS_MAX, type RunVersion, severalRuns } from "@/lib/runs";

/** Older versions are found in the list of versions, and compared there. */
const VERSIONS_SHOWN = 50;

/** From so many on, models are searched. */
const MODELS_SEARCHED = 8;

type SeveralDialogProps = {
  /** What every run is but for its version, model and repetition. */
  run: NewRun;
  /** How many tasks each covers, once that is known. */
  tasks: number | undefined;
  /** Brings what was typed to Rust: the draft is among what runs. */
  flush: () => Promise<void>;
  onStarted: () => void;
  onClose: () => void;
};

type Choice<Value> = { key: string; label: string; hint: string; value: Value };

/** The draft among the versions, and a version's own model among the models. */
const OWN = "own";

export function SeveralDialog({ run, tasks, flush, onStarted, onClose }: SeveralDialogProps) {
  const [versionKeys, setVersionKeys] = useState<readonly string[]>([OWN]);
  const [modelKeys, setModelKeys] = useState<readonly string[]>([OWN]);
  const [typed, setTyped] = useState("1");
  const versions = useVersions(run.prompt_id);
  const models = useModels();
  const repetitions = /^\d+$/.test(typed.trim()) ? Number(typed) : 0;
  const isNumber = repetitions >= 1 && repetitions <= REPETITIONS_MAX;
  const chosen = <Value,>(choices: Choice<Value>[], keys: readonly string[]) =>
    choices.filter(({ key }) => keys.includes(key)).map(({ value }) => value);
  const runs = isNumber ? severalRuns(run, chosen(versions, versionKeys), chosen(models, modelKeys), repetitions) : [];
  const costly = useCostly();
  const start = useMutation({
    mutationFn: async () => {
      await flush();
      return ipc.startRuns(runs);
    },
    onSuccess: () => {
      onStarted();
      onClose();
    },
  });
  return (
    <FormDialog
      onClose={onClose}
      title="Several models, versions or repetitions"
      description="A run for each of them over the same tasks. Those that ask the same connection go one after the other."
      action={runs.length === 0 ? "Start" : `Start ${formatCount(runs.length, "run")}`}
      disabledReason={reason(runs, isNumber)}
      waiting={start.isPending || costly.isChecking}
      onSubmit={() => void costly.check(runs, () => start.mutate(), flush)}
      summary={
        runs.length > 0 && (
          <>
            <p className="text-sm" role="status">
              {formatCount(runs.length, "run")}
              {tasks !== undefined && `, each over ${formatCount(tasks, "task")}`}
            </p>
            <EstimateLine run={runs} />
            {run.limit_micros !== null && <p className="text-xs text-subtler">The money stop is for each of them.</p>}
          </>
        )
      }
    >
      {start.error !== null && (
        <Banner kind="negative" role="alert" title="None of the runs was started">
          {messageOf(start.error)}
        </Banner>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Choices title="Models" choices={models} keys={modelKeys} onChange={setModelKeys} />
        <Choices title="Versions" choices={versions} keys={versionKeys} onChange={setVersionKeys} />
      </div>
      <Field
        label="Repetitions"
        hint="Each asks every task again and has answers of its own. The first reuses those that are there already."
        error={isNumber ? undefined : `Enter a number from 1 to ${REPETITIONS_MAX}.`}
      >
        <TextInput inputMode="numeric" value={typed} onChange={setTyped} maxLength={2} className="max-w-24" />
      </Field>
      {costly.dialog}
    </FormDialog>
  );
}

type ChoicesProps<Value> = {
  title: string;
  choices: Choice<Value>[];
  keys: readonly string[];
  onChange: (keys: readonly string[]) => void;
};

/** Any number of choices; those that are chosen stay in sight while others are searched. */
function Choices<Value>({ title, choices, keys, onChange }: ChoicesProps<Value>) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const shown = choices.filter(
    ({ key, label, hint }) => keys.includes(key) || `${label} ${hint}`.toLowerCase().includes(wanted),
  );
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1.5 text-sm font-semibold">{title}</legend>
      {choices.length > MODELS_SEARCHED && (
        <SearchInput label={`Search ${title.toLowerCase()}`} value={search} onChange={setSearch} />
      )}
      <div className="scroll-area flex max-h-60 flex-col gap-2 rounded-sm border p-3">
        {shown.map(({ key, label, hint }) => (
          <Checkbox
            key={key}
            checked={keys.includes(key)}
            onChange={(checked) => onChange(checked ? [...keys, key] : keys.filter((other) => other !== key))}
            hint={hint}
          >
            {label}
          </Checkbox>
        ))}
      </div>
    </fieldset>
  );
}

function reason(runs: readonly NewRun[], isNumber: boolean): string | undefined {
  if (!isNumber) return "Enter how often each is asked";
  return runs.length === 0 ? "Choose a model and a version" : undefined;
}

/** The draft, and the newest versions but for the one that it is. */
function useVersions(promptId: string): Choice<RunVersion>[] {
  const prompt = useQuery(promptQuery(promptId)).data;
  const page = useQuery(versionRowsQuery(promptId, "", 0, VERSIONS_SHOWN)).data;
  if (prompt === undefined) return [];
  const { content, changed, based_on } = prompt.draft;
  const draft: Choice<RunVersion> = {
    key: OWN,
    label: changed || based_on === null ? "Draft" : `Version ${based_on}, as in the editor`,
    hint: changed || based_on === null ? "Saved as a version first" : modelLabel(content),
    value: { id: null, connection_id: content.connection_id, model: content.model },
  };
  const others = (page?.rows ?? []).filter(({ number }) => changed || number !== based_on);
  return [
    draft,
    ...others.map((version) => ({
      key: version.id,
      label: `Version ${version.number}: ${version.message}`,
      hint: modelLabel(version),
      value: { id: version.id, connection_id: version.connection_id, model: version.model },
    })),
  ];
}

/** The version's own, and every model that a connection offers and that still answers. */
function useModels(): Choice<AskedModel | null>[] {
  const connections = useQuery(connectionsQuery()).data ?? [];
  return [
    { key: OWN, label: "The model that the version names", hint: "Each version’s own", value: null },
    ...connections.flatMap((connection) =>
      connection.models
        .filter(({ is_retired }) => !is_retired)
        .map((model) => ({
          key: JSON.stringify([connection.id, model.id]),
          label: modelTitle({ provider: connection.provider, model: model.id }),
          hint: `${connection.name} · ${priceWords(model, connection)}`,
          value: { connection_id: connection.id, model: model.id },
        })),
    ),
  ];
}
