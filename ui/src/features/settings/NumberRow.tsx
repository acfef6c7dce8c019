import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Field, TextInput } from "@/components/ui/Field";
import { messageOf } from "@/ipc/client";
import { amountOf, microsOf, typedAmount } from "@/lib/amount";

type RowProps = {
  label: string;
  hint: string;
  /** What is said of this field, of all that was refused. */
  errorOf: (error: unknown) => string | undefined;
};

type NumberRowProps = RowProps & { value: number; onSet: (value: number) => Promise<unknown> };

/** A number that is kept when the field is left, or on Enter. */
export function NumberRow({ value, onSet, ...row }: NumberRowProps) {
  return (
    <KeptRow
      {...row}
      text={String(value)}
      inputMode="numeric"
      refusal={(text) => (/^\d{1,6}$/.test(text) ? undefined : "Type a whole number.")}
      onSet={(text) => onSet(Number(text))}
    />
  );
}

type AmountRowProps = RowProps & { value: number | null; onSet: (value: number | null) => Promise<unknown> };

/** An amount of money, in millionths of a dollar, typed in dollars; empty where there is none. */
export function AmountRow({ value, onSet, ...row }: AmountRowProps) {
  return (
    <KeptRow
      {...row}
      text={amountOf(value)}
      inputMode="decimal"
      placeholder="None"
      typable={typedAmount}
      refusal={() => undefined}
      onSet={(text) => onSet(microsOf(text))}
    />
  );
}

type KeptRowProps = RowProps & {
  /** As it is kept. */
  text: string;
  inputMode: "numeric" | "decimal";
  placeholder?: string;
  /** What is left of a text that is typed. */
  typable?: (text: string) => string;
  /** Why a text is not kept. */
  refusal: (text: string) => string | undefined;
  onSet: (text: string) => Promise<unknown>;
};

function KeptRow({ label, hint, errorOf, text, inputMode, placeholder, typable, refusal, onSet }: KeptRowProps) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  const keep = useMutation({ mutationFn: onSet });
  const [problem, setProblem] = useState<string>();
  const commit = () => {
    const next = typed.trim();
    const refused = refusal(next);
    setProblem(refused);
    if (refused === undefined && next !== text) keep.mutate(next);
    else if (refused === undefined) keep.reset();
  };
  const error = problem ?? (keep.isError ? (errorOf(keep.error) ?? messageOf(keep.error)) : undefined);
  return (
    <Field label={label} hint={hint} error={error}>
      <TextInput
        size="medium"
        inputMode={inputMode}
        placeholder={placeholder}
        value={typed}
        onChange={(next) => setTyped(typable?.(next) ?? next)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          commit();
        }}
        className="max-w-32"
      />
    </Field>
  );
}
