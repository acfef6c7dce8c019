import { FileUp } from "lucide-react";
import { type Ref, useRef, useState } from "react";
import { Button } from "@/components/ui/Button";
import { Field, TextArea } from "@/components/ui/Field";
import { formatBytes } from "@/lib/format";

type TextFileInputProps = {
  label: string;
  hint: string;
  optional?: boolean;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  placeholder: string;
  file: {
    /** For screen readers. */
    label: string;
    accept: string;
    bytesMax: number;
    /** What it has too many bytes for. */
    kind: string;
    /** What a file says that is not plain text. */
    textOf?: (bytes: Uint8Array) => string;
  };
  inputRef?: Ref<HTMLTextAreaElement> | undefined;
};

/** The text of a small file, pasted or read from it; the button lies in the field's lower corner. */
export function TextFileInput({ label, hint, optional = false, value, onChange, error, ...rest }: TextFileInputProps) {
  const { placeholder, file, inputRef } = rest;
  const chooser = useRef<HTMLInputElement>(null);
  /** Of the file that was chosen last; whatever comes into the field after it is about something else. */
  const [problem, setProblem] = useState<string>();
  const change = (text: string) => {
    setProblem(undefined);
    onChange(text);
  };
  const read = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    if (chosen.size > file.bytesMax) {
      setProblem(`${chosen.name} has ${formatBytes(chosen.size)}: too much for ${file.kind}.`);
      return;
    }
    try {
      const { textOf } = file;
      change(textOf === undefined ? await chosen.text() : textOf(new Uint8Array(await chosen.arrayBuffer())));
    } catch {
      setProblem(`${chosen.name} could not be read.`);
    }
  };
  return (
    <Field label={label} optional={optional} hint={hint} error={problem ?? error}>
      <div className="relative">
        <TextArea
          inputRef={inputRef}
          value={value}
          onChange={change}
          rows={4}
          spellCheck={false}
          autoComplete="off"
          placeholder={placeholder}
          className="block scroll-my-12 resize-none pb-11 font-mono text-xs"
        />
        <Button
          icon={FileUp}
          size="small"
          className="absolute bottom-3 left-3 bg-background"
          onClick={() => chooser.current?.click()}
        >
          Choose a file…
        </Button>
        <input
          ref={chooser}
          type="file"
          accept={file.accept}
          aria-label={file.label}
          tabIndex={-1}
          className="hidden"
          onChange={(event) => {
            void read(event.currentTarget.files?.[0]);
            // The same file may be chosen again.
            event.currentTarget.value = "";
          }}
        />
      </div>
    </Field>
  );
}
