import { FileCheck } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/Button";
import { Field, TextArea } from "@/components/ui/Field";
import { formatBytes } from "@/lib/format";
import { ChooseText } from "./ChooseText";

/** Key files have two kilobytes or three. */
const BYTES_MAX = 64_000;

type CredentialsInputProps = {
  label: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
};

/** The key file of a service account, pasted or chosen. Once it is there, none of it is shown: it holds a private key. */
export function CredentialsInput({ label, hint, value, onChange, error }: CredentialsInputProps) {
  const text = useRef<HTMLTextAreaElement>(null);
  const clear = useRef<HTMLButtonElement>(null);
  const [problem, setProblem] = useState<string>();
  const isWhole = /^\s*\{[\s\S]*\}\s*$/.test(value);
  // The field and what takes its place hand each other the focus; without this it would fall out of the window.
  const wasWhole = useRef(isWhole);
  useEffect(() => {
    if (wasWhole.current === isWhole) return;
    wasWhole.current = isWhole;
    if (isWhole) clear.current?.focus();
    else text.current?.focus();
  }, [isWhole]);
  return (
    <Field label={label} hint={hint} error={problem ?? error}>
      {isWhole ? (
        <div className="flex min-h-10 items-center gap-2 rounded-sm border bg-surface py-1 pr-1 pl-3 text-sm">
          <FileCheck aria-hidden className="size-4 shrink-0 text-positive-content" />
          <span className="flex-1">Credentials entered, {formatBytes(new Blob([value]).size)}</span>
          <Button ref={clear} size="small" look="string" onClick={() => onChange("")}>
            Enter others
          </Button>
        </div>
      ) : (
        <div className="relative">
          <TextArea
            inputRef={text}
            value={value}
            onChange={onChange}
            rows={4}
            spellCheck={false}
            autoComplete="off"
            placeholder="Paste the JSON here, or choose its file"
            className="block resize-none pb-11 font-mono"
          />
          <ChooseText
            label="Credentials file"
            accept=".json,application/json"
            bytesMax={BYTES_MAX}
            kind="the key file of a service account"
            onText={onChange}
            onProblem={setProblem}
          />
        </div>
      )}
    </Field>
  );
}
