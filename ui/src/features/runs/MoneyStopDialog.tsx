/** How much a run may cost before it pauses: asked before it starts, and again before it goes on. */
import { useRef, useState } from "react";
import { EstimateLine } from "@/components/runs/EstimateLine";
import { Banner } from "@/components/ui/Banner";
import { FormDialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";
import type { NewRun } from "@/ipc/bindings";
import { fieldError, messageOf } from "@/ipc/client";
import { amountOf, microsOf, typedAmount } from "@/lib/amount";

type MoneyStopDialogProps = {
  onClose: () => void;
  /** In millionths of a dollar, as all amounts here. */
  limit: number | null;
  /** What the run has cost already, if it is one. */
  spent?: number;
  /** What may have been charged beside that, in words and as an amount. */
  lost?: { words: string | undefined; micros: number };
  /** The run that is about to be started, if it is none yet: what it would take is told. */
  run?: NewRun;
  action: string;
  onSet: (limit: number | null) => void;
  waiting?: boolean;
  /** Why it could not be set. */
  error?: Error | null;
};

export function MoneyStopDialog({
  onClose,
  limit,
  spent = 0,
  lost,
  run,
  action,
  onSet,
  ...rest
}: MoneyStopDialogProps) {
  const { waiting = false, error = null } = rest;
  const [typed, setTyped] = useState(amountOf(limit));
  const [isTried, setTried] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const wanted = microsOf(typed);
  const tooLittle =
    wanted === null || wanted > spent + (lost?.micros ?? 0)
      ? undefined
      : lost?.words !== undefined
        ? `The run has cost $${amountOf(spent)} already, and ${lost.words}; enter more.`
        : spent > 0
          ? `The run has cost $${amountOf(spent)} already; enter more.`
          : "Enter more than $0, or nothing for no stop.";
  const refused = fieldError(error, "limit_micros");
  return (
    <FormDialog
      onClose={onClose}
      title="Money stop"
      description="The run pauses before it can cost more. What it has answered by then is kept."
      size="small"
      initialFocus={input}
      action={action}
      onSubmit={() => {
        setTried(true);
        if (tooLittle === undefined) onSet(wanted);
      }}
      waiting={waiting}
    >
      {error !== null && refused === undefined && (
        <Banner kind="negative" role="alert" title="The run could not go on">
          {messageOf(error)}
        </Banner>
      )}
      <Field
        label="Dollars"
        optional
        error={(isTried ? tooLittle : undefined) ?? refused}
        hint="The most that the requests in flight can cost is set aside, so this is never passed. Empty for no stop."
      >
        <TextInput
          ref={input}
          value={typed}
          onChange={(text) => setTyped(typedAmount(text))}
          inputMode="decimal"
          placeholder="No stop"
          maxLength={14}
          className="max-w-40"
        />
      </Field>
      {run !== undefined && <EstimateLine run={{ ...run, limit_micros: wanted }} />}
    </FormDialog>
  );
}
