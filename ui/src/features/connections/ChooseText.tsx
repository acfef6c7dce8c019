import { FileUp } from "lucide-react";
import { useRef } from "react";
import { Button } from "@/components/ui/Button";
import { formatBytes } from "@/lib/format";

type ChooseTextProps = {
  /** Of the file, for screen readers. */
  label: string;
  accept: string;
  bytesMax: number;
  /** What it has too many bytes for. */
  kind: string;
  onText: (text: string) => void;
  onProblem: (problem: string | undefined) => void;
};

/** Reads a small file of text into a field; the button lies in the field's lower corner. */
export function ChooseText({ label, accept, bytesMax, kind, onText, onProblem }: ChooseTextProps) {
  const file = useRef<HTMLInputElement>(null);
  const read = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    onProblem(undefined);
    if (chosen.size > bytesMax) {
      onProblem(`${chosen.name} has ${formatBytes(chosen.size)}: too much for ${kind}.`);
      return;
    }
    try {
      onText(await chosen.text());
    } catch {
      onProblem(`${chosen.name} could not be read.`);
    }
  };
  return (
    <>
      <Button
        icon={FileUp}
        size="small"
        className="absolute bottom-3 left-3 bg-background"
        onClick={() => file.current?.click()}
      >
        Choose a file…
      </Button>
      <input
        ref={file}
        type="file"
        accept={accept}
        aria-label={label}
        tabIndex={-1}
        className="hidden"
        onChange={(event) => {
          void read(event.currentTarget.files?.[0]);
          // The same file may be chosen again.
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}
