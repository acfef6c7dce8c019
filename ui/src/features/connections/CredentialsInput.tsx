import { FileCheck } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useFileDrop } from "@/components/fileDrop";
import { TextFileInput } from "@/components/reach/TextFileInput";
import { Button } from "@/components/ui/Button";
import { Field } from "@/components/ui/Field";
import { toast } from "@/components/ui/toast";
import { formatBytes } from "@/lib/format";
import { fileName } from "@/lib/path";
import type { Typed } from "./providers";

const FILE = {
  label: "Credentials file",
  accept: ".json,application/json",
  // Key files have two kilobytes or three.
  bytesMax: 64 * 1024,
  kind: "the key file of a service account",
};

type CredentialsInputProps = {
  label: string;
  hint: string;
  entered: Typed;
  onEnter: (part: Typed) => void;
  error: string | undefined;
};

/**
 * The key file of a service account. Once it is there, none of it is shown: it holds a private key. Of a file that was
 * dropped only the path is known here; Rust reads it.
 */
export function CredentialsInput({ label, hint, entered, onEnter, error }: CredentialsInputProps) {
  const { credentials: value = "", credentials_path: path = "" } = entered;
  const enter = (part: Typed) => onEnter({ credentials: "", credentials_path: "", ...part });
  const [isOver, setIsOver] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const text = useRef<HTMLTextAreaElement>(null);
  const clear = useRef<HTMLButtonElement>(null);
  const isWhole = path !== "" || /^\s*\{[\s\S]*\}\s*$/.test(value);
  // The field and what takes its place hand each other the focus; without this it would fall out of the window.
  const wasWhole = useRef(isWhole);
  useEffect(() => {
    if (wasWhole.current === isWhole) return;
    wasWhole.current = isWhole;
    if (isWhole) clear.current?.focus();
    else text.current?.focus();
  }, [isWhole]);
  useFileDrop((drop) => {
    setIsOver(drop.kind === "over");
    if (drop.kind === "over") box.current?.scrollIntoView({ block: "nearest" });
    if (drop.kind !== "dropped") return;
    const [dropped, ...others] = drop.paths;
    if (dropped === undefined || others.length > 0) {
      toast({ kind: "failed", title: "Drop one file: the key file of a service account." });
      return;
    }
    enter({ credentials_path: dropped });
  });
  return (
    <div ref={box} className="relative">
      {isWhole ? (
        <Field label={label} hint={hint} error={error}>
          <div className="flex min-h-10 items-center gap-2 rounded-sm border bg-surface py-1 pr-1 pl-3 text-sm">
            <FileCheck aria-hidden className="size-4 shrink-0 text-positive-content" />
            <span className="min-w-0 flex-1 break-words" title={path || undefined}>
              {path === ""
                ? `Credentials entered, ${formatBytes(new Blob([value]).size)}`
                : `${fileName(path)}, dropped`}
            </span>
            <Button ref={clear} size="small" look="string" onClick={() => enter({})}>
              Enter others
            </Button>
          </div>
        </Field>
      ) : (
        <TextFileInput
          label={label}
          hint={hint}
          value={value}
          onChange={(credentials) => enter({ credentials })}
          error={error}
          placeholder="Paste the JSON here, drop its file, or choose it"
          file={FILE}
          inputRef={text}
        />
      )}
      {isOver && (
        <div className="pointer-events-none absolute -inset-1.5 flex items-center justify-center rounded-sm border-2 border-dashed border-primary-content bg-primary-tint">
          <p className="text-sm font-semibold text-primary-content">Drop the key file here</p>
        </div>
      )}
    </div>
  );
}
