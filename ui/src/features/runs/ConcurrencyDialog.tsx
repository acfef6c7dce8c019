import { useRef, useState } from "react";
import { FormDialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";

/** Requests that a run may have in flight at once, at the most; as in Rust. */
const CONCURRENCY_MAX = 512;

type ConcurrencyDialogProps = {
  /** `null` is as many as the settings and the connection let it. */
  concurrency: number | null;
  onSet: (concurrency: number | null) => void;
  onClose: () => void;
};

/** Asks how many requests runs that are started from here may have in flight at once. */
export function ConcurrencyDialog({ concurrency, onSet, onClose }: ConcurrencyDialogProps) {
  const [typed, setTyped] = useState(concurrency === null ? "" : String(concurrency));
  const input = useRef<HTMLInputElement>(null);
  const text = typed.trim();
  const isNumber = /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= CONCURRENCY_MAX;
  const error = text === "" || isNumber ? undefined : `Enter a whole number from 1 to ${CONCURRENCY_MAX}, or nothing.`;
  return (
    <FormDialog
      onClose={onClose}
      title="Requests at once"
      description="For runs that are started here. While one is at work, it is changed at the bottom of the window."
      size="small"
      initialFocus={input}
      action="Set"
      disabledReason={error}
      onSubmit={() => {
        onSet(text === "" ? null : Number(text));
        onClose();
      }}
    >
      <Field
        label="At once"
        optional
        error={error}
        hint="Fewer while the server accepts fewer. Leave it empty to go by the settings and the connection."
      >
        <TextInput
          ref={input}
          inputMode="numeric"
          value={typed}
          onChange={setTyped}
          placeholder="As in the settings"
          maxLength={4}
          className="max-w-40"
        />
      </Field>
    </FormDialog>
  );
}
