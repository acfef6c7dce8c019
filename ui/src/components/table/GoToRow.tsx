import { useRef, useState } from "react";
import { FormDialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";
import { formatNumber } from "@/lib/format";

type GoToRowProps = {
  /** Rows there are. */
  total: number;
  /** Called with the index of the row, counted from 0. */
  onGo: (index: number) => void;
  onClose: () => void;
  /** What has the focus afterwards. */
  finalFocus: () => HTMLElement | null;
};

/** Asks for the number of a row. */
export function GoToRow({ total, onGo, onClose, finalFocus }: GoToRowProps) {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const go = () => {
    // As a number is shown: with its separators.
    const number = Number(text.replace(/[\s.,'’\u202f\u00a0]/g, ""));
    const isRow = text.trim() !== "" && Number.isInteger(number) && number >= 1 && number <= total;
    setWrong(!isRow);
    if (isRow) onGo(number - 1);
  };
  return (
    <FormDialog
      onClose={onClose}
      title="Go to row"
      size="small"
      initialFocus={input}
      finalFocus={finalFocus}
      action="Go to row"
      onSubmit={go}
    >
      <Field
        label="Row"
        hint={`1 to ${formatNumber(total)}`}
        error={wrong ? `Type a whole number from 1 to ${formatNumber(total)}.` : undefined}
      >
        <TextInput ref={input} inputMode="numeric" value={text} onChange={setText} />
      </Field>
    </FormDialog>
  );
}
