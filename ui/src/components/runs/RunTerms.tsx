import { useState } from "react";
import { Checkbox } from "@/components/ui/Checkbox";
import { Field, TextInput } from "@/components/ui/Field";
import type { NewRun } from "@/ipc/bindings";
import { amountOf, microsOf, typedAmount } from "@/lib/amount";
import { EstimateLine } from "./EstimateLine";
import { batchWords } from "./estimate";
import { useAskAgain } from "./useAskAgain";
import { useRunEstimate } from "./useRunEstimate";

/** What a run may cost and how it is asked, whatever its tasks are. */
export type Terms = Pick<NewRun, "ask_again" | "batch" | "limit_micros">;

export const PLAIN: Terms = { ask_again: false, batch: false, limit_micros: null };

/** Why a run cannot start on these, in words. */
export function refusedTerms({ limit_micros }: Terms): string | undefined {
  return limit_micros === 0 ? "A money stop is more than $0" : undefined;
}

type RunTermsProps = {
  /** With its terms as they are now. */
  run: NewRun;
  onChange: (terms: Partial<Terms>) => void;
};

/** What a run would take, its money stop, and the choices that change its price. */
export function RunTerms({ run, onChange }: RunTermsProps) {
  const [typed, setTyped] = useState(amountOf(run.limit_micros));
  const estimate = useRunEstimate(run).data;
  const askAgain = useAskAgain(run);
  return (
    <div className="flex flex-col gap-4">
      <EstimateLine run={run} />
      {(askAgain !== undefined || run.ask_again) && (
        <Checkbox checked={run.ask_again} onChange={(ask_again) => onChange({ ask_again })} hint={askAgain}>
          Ask again
        </Checkbox>
      )}
      {estimate !== undefined && estimate.batch_refused === null && (
        <Checkbox checked={run.batch} onChange={(batch) => onChange({ batch })}>
          {batchWords(estimate)}
        </Checkbox>
      )}
      <Field
        label="Money stop in dollars"
        optional
        hint="The run pauses before it can cost more. Empty for no stop."
        error={run.limit_micros === 0 ? "Enter more than $0, or nothing for no stop." : undefined}
      >
        <TextInput
          value={typed}
          onChange={(text) => {
            setTyped(typedAmount(text));
            onChange({ limit_micros: microsOf(typedAmount(text)) });
          }}
          inputMode="decimal"
          placeholder="No stop"
          maxLength={14}
          className="max-w-40"
        />
      </Field>
    </div>
  );
}
