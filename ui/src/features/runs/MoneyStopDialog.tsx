/** How much a run may cost before it pauses: asked before it starts, and again before it goes on. */
import { useRef, useState } from "react";
import { FormDialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";
import { amountOf, microsOf, typedAmount } from "@/lib/amount";

type MoneyStopDialogProps = {
  onClose: () => void;
  /** In millionths of a dollar, as all amounts here. */
  limit: number | null;
  /** What the run has cost already, if it is one. */
  spent?: number;
  action: string;
  onSet: (limit: number | null) => void;
  waiting?: boolean;
};

export function MoneyStopDialog({ onClose, limit, spent, action, onSet, waiting = false }: MoneyStopDialogProps) {
  const [typed, setTyped] = useState(amountOf(limit));
  const input = useRef<HTMLInputElement>(null);
  const micros = microsOf(typed);
  const wanted = micros === 0 ? null : micros;
  const tooLittle =
    wanted !== null && spent !== undefined && wanted <= spent
      ? `The run has cost $${amountOf(spent)} already; enter more.`
      : undefined;
  return (
    <FormDialog
      onClose={onClose}
      title="Money stop"
      description="The run pauses before it can cost more. What it has answered by then is kept."
      size="small"
      initialFocus={input}
      action={action}
      onSubmit={() => tooLittle === undefined && onSet(wanted)}
      waiting={waiting}
    >
      <Field
        label="Dollars"
        optional
        error={tooLittle}
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
    </FormDialog>
  );
}
