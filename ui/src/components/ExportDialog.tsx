import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { FormDialog } from "@/components/ui/Dialog";
import { Field } from "@/components/ui/Field";
import { Select } from "@/components/ui/Select";
import { toast } from "@/components/ui/toast";
import { messageOf } from "@/ipc/client";
import { formatCount, sentence } from "@/lib/format";

/** What was written, such as "3 prompts", the file that it is in, and what was left out, each in words. */
type Written = { what: string; path: string; leftOut?: string[] };

const REASONS_SHOWN = 3;

type ExportDialogProps<Format extends string> = {
  title: string;
  /** Name of the one thing that is exported. */
  description?: string | undefined;
  /** The first is the one that is chosen at the start. */
  formats: readonly [FormatOption<Format>, ...FormatOption<Format>[]];
  /** Asks for a file and writes it; null where no file was chosen. */
  write: (format: Format) => Promise<Written | null>;
  onClose: () => void;
  /** Further choices, below the format. */
  children?: ReactNode;
};

type FormatOption<Format> = { value: Format; label: string; hint: string };

/** Lets a format be chosen, then a file, and says what was written. */
export function ExportDialog<Format extends string>(props: ExportDialogProps<Format>) {
  const { title, description, formats, onClose, children } = props;
  const [format, setFormat] = useState<Format>(formats[0].value);
  const write = useMutation({
    mutationFn: () => props.write(format),
    onSuccess: (written) => {
      if (written === null) return;
      const { what, path, leftOut = [] } = written;
      if (leftOut.length === 0) {
        toast({ title: `${what} written`, description: path });
      } else {
        // The first few tell what it is about; the rest would fill the window.
        const description = leftOut
          .slice(0, REASONS_SHOWN)
          .map((words) => sentence(words))
          .join(" ");
        toast({
          kind: "failed",
          title: `${what} written, ${formatCount(leftOut.length, "version")} left out`,
          description,
        });
      }
      onClose();
    },
  });
  return (
    <FormDialog
      onClose={onClose}
      title={title}
      description={description}
      action="Choose a file and export"
      onSubmit={() => write.mutate()}
      waiting={write.isPending}
    >
      {write.isError && (
        <Banner kind="negative" role="alert" title="Nothing was written">
          {sentence(messageOf(write.error))}
        </Banner>
      )}
      <Field label="Format">
        <Select size="large" value={format} onChange={setFormat} options={formats} className="w-full" />
      </Field>
      {children}
    </FormDialog>
  );
}
