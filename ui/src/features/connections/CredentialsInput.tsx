import { FileCheck } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button } from "@/components/ui/Button";
import { Field } from "@/components/ui/Field";
import { formatBytes } from "@/lib/format";
import { TextFileInput } from "./TextFileInput";

const FILE = {
  label: "Credentials file",
  accept: ".json,application/json",
  // Key files have two kilobytes or three.
  bytesMax: 64_000,
  kind: "the key file of a service account",
};

type CredentialsInputProps = {
  label: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
};

/** The key file of a service account. Once it is there, none of it is shown: it holds a private key. */
export function CredentialsInput(props: CredentialsInputProps) {
  const { label, hint, value, onChange, error } = props;
  const text = useRef<HTMLTextAreaElement>(null);
  const clear = useRef<HTMLButtonElement>(null);
  const isWhole = /^\s*\{[\s\S]*\}\s*$/.test(value);
  // The field and what takes its place hand each other the focus; without this it would fall out of the window.
  const wasWhole = useRef(isWhole);
  useEffect(() => {
    if (wasWhole.current === isWhole) return;
    wasWhole.current = isWhole;
    if (isWhole) clear.current?.focus();
    else text.current?.focus();
  }, [isWhole]);
  if (!isWhole) {
    return (
      <TextFileInput {...props} placeholder="Paste the JSON here, or choose its file" file={FILE} inputRef={text} />
    );
  }
  return (
    <Field label={label} hint={hint} error={error}>
      <div className="flex min-h-10 items-center gap-2 rounded-sm border bg-surface py-1 pr-1 pl-3 text-sm">
        <FileCheck aria-hidden className="size-4 shrink-0 text-positive-content" />
        <span className="flex-1">Credentials entered, {formatBytes(new Blob([value]).size)}</span>
        <Button ref={clear} size="small" look="string" onClick={() => onChange("")}>
          Enter others
        </Button>
      </div>
    </Field>
  );
}
