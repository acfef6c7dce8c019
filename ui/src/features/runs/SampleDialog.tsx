import { useRef, useState } from "react";
import { EstimateLine } from "@/components/runs/EstimateLine";
import { FormDialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";
import { Segmented } from "@/components/ui/Segmented";
import type { NewRun } from "@/ipc/bindings";
import { formatCount, formatNumber } from "@/lib/format";
import type { Sample } from "./subsets";

type SampleDialogProps = {
  initial: Sample;
  /** Tasks that the project has. */
  most: number;
  /** The run over such a sample, to tell what it would take. */
  runOf: (sample: Sample) => NewRun;
  onChoose: (sample: Sample) => void;
  onClose: () => void;
};

/** Asks how many tasks a sample has, and which. */
export function SampleDialog({ initial, most, runOf, onChoose, onClose }: SampleDialogProps) {
  const [tasks, setTasks] = useState(String(Math.min(initial.tasks, most)));
  const [isRandom, setRandom] = useState(initial.seed !== null);
  const [seed, setSeed] = useState(String(initial.seed ?? 1));
  const input = useRef<HTMLInputElement>(null);
  const errors = {
    tasks:
      isWhole(tasks) && Number(tasks) >= 1 && Number(tasks) <= most
        ? undefined
        : `Enter a whole number from 1 to ${formatNumber(most)}.`,
    seed: !isRandom || isWhole(seed) ? undefined : "Enter a whole number from 0 on.",
  };
  const isSample = errors.tasks === undefined && errors.seed === undefined;
  const sample: Sample = { kind: "sample", tasks: Number(tasks), seed: isRandom ? Number(seed) : null };
  const submit = () => {
    if (!isSample) return;
    onChoose(sample);
    onClose();
  };
  return (
    <FormDialog
      onClose={onClose}
      size="small"
      title="Sample"
      description={`The project has ${formatCount(most, "task")}.`}
      initialFocus={input}
      action="Choose"
      onSubmit={submit}
    >
      <Field label="How many tasks" error={errors.tasks}>
        <TextInput ref={input} inputMode="numeric" value={tasks} onChange={setTasks} />
      </Field>
      <div>
        <Segmented
          label="Which tasks"
          value={isRandom ? "random" : "first"}
          onChange={(value) => setRandom(value === "random")}
          options={[
            { value: "first", label: "The first ones" },
            { value: "random", label: "At random" },
          ]}
        />
      </div>
      {isRandom && (
        <Field
          label="Seed"
          hint="The same number draws the same tasks, on any computer. A smaller sample is part of a larger one."
          error={errors.seed}
        >
          <TextInput inputMode="numeric" value={seed} onChange={setSeed} />
        </Field>
      )}
      {isSample && <EstimateLine run={runOf(sample)} />}
    </FormDialog>
  );
}

/** A number that 32 bits hold. */
function isWhole(text: string): boolean {
  return /^\d+$/.test(text.trim()) && Number(text) < 2 ** 32;
}
