import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Field, TextInput } from "@/components/ui/Field";
import { messageOf } from "@/ipc/client";

type NumberRowProps = {
  label: string;
  hint: string;
  value: number;
  onSet: (value: number) => Promise<unknown>;
  /** What is said of this field, of all that was refused. */
  errorOf: (error: unknown) => string | undefined;
};

/** A number that is kept when the field is left, or on Enter. */
export function NumberRow({ label, hint, value, onSet, errorOf }: NumberRowProps) {
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  const keep = useMutation({ mutationFn: onSet });
  const [isNumber, setNumber] = useState(true);
  const commit = () => {
    const next = Number(text.trim());
    const whole = /^\d{1,6}$/.test(text.trim());
    setNumber(whole);
    if (whole && next !== value) keep.mutate(next);
    else if (whole) keep.reset();
  };
  const error = !isNumber
    ? "Type a whole number."
    : keep.isError
      ? (errorOf(keep.error) ?? messageOf(keep.error))
      : undefined;
  return (
    <Field label={label} hint={hint} error={error}>
      <TextInput
        size="medium"
        inputMode="numeric"
        value={text}
        onChange={setText}
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
