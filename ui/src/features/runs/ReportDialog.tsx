import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { FormDialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";
import { Segmented } from "@/components/ui/Segmented";
import { toast } from "@/components/ui/toast";
import type { ReportFormat, RunSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";

/** As many as Rust takes: a report is to be read. */
const EXAMPLES_MAX = 200;

type ReportDialogProps = {
  run: RunSummary;
  /** What the file is called unless somebody says otherwise. */
  name: string;
  onClose: () => void;
};

/** Asks what a report of a run holds and where it goes, and writes it. */
export function ReportDialog({ run, name, onClose }: ReportDialogProps) {
  const [format, setFormat] = useState<ReportFormat>("html");
  const [examples, setExamples] = useState("0");
  const error =
    /^\d{1,3}$/.test(examples.trim()) && Number(examples) <= EXAMPLES_MAX
      ? undefined
      : `Enter a whole number from 0 to ${EXAMPLES_MAX}.`;
  const write = useMutation({
    mutationFn: async () => {
      const path = await ipc.chooseReportPath(format, `${name} report`);
      return path === null ? null : ipc.writeReport(run.id, { examples: Number(examples), against: null }, path);
    },
    onSuccess: (written) => {
      if (written === null) return;
      onClose();
      toast({ title: "Report written", description: written.path });
    },
  });
  return (
    <FormDialog
      onClose={onClose}
      size="small"
      title="Report"
      description="What was asked, how good the answers are and how sure that is, beside the run before."
      action="Choose a file and write"
      onSubmit={() => write.mutate()}
      waiting={write.isPending}
      disabledReason={error}
    >
      {write.isError && (
        <Banner kind="negative" role="alert" title="The report was not written">
          {messageOf(write.error)}
        </Banner>
      )}
      <div>
        <Segmented
          label="Format"
          value={format}
          onChange={setFormat}
          options={[
            { value: "html", label: "HTML" },
            { value: "markdown", label: "Markdown" },
          ]}
        />
      </div>
      <p className="text-xs text-subtler">
        {format === "html"
          ? "One page with charts, which loads nothing and can be printed."
          : "Text and tables, without charts."}
      </p>
      <Field
        label="Examples"
        hint="How many tasks that went wrong are shown with their data, the worst first. Reports are sent around: with 0 no task is shown in it."
        error={error}
      >
        <TextInput inputMode="numeric" value={examples} onChange={setExamples} />
      </Field>
    </FormDialog>
  );
}
