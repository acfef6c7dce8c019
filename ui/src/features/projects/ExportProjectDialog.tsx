import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Checkbox } from "@/components/ui/Checkbox";
import { Dialog } from "@/components/ui/Dialog";
import { Field } from "@/components/ui/Field";
import { Select } from "@/components/ui/Select";
import { toast } from "@/components/ui/toast";
import type { ProjectFormat, ProjectSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { formatCount, sentence } from "@/lib/format";

const FORMATS: readonly { value: ProjectFormat; label: string; hint: string; ending: string }[] = [
  {
    value: "label_studio",
    label: "Label Studio JSON",
    hint: "Tasks with annotations and predictions, to import there again",
    ending: "json",
  },
  { value: "jsonl", label: "JSON Lines", hint: "The same, one task a line", ending: "jsonl" },
  { value: "json_min", label: "JSON-MIN", hint: "A flat record per annotation", ending: "json" },
  { value: "csv", label: "CSV", hint: "The same records as a table", ending: "csv" },
];

/** Writes a project's tasks and annotations to a file. */
export function ExportProjectDialog({ project, onClose }: { project: ProjectSummary; onClose: () => void }) {
  const [format, setFormat] = useState<ProjectFormat>("label_studio");
  const [onlyAnnotated, setOnlyAnnotated] = useState(false);
  const write = useMutation({
    mutationFn: async () => {
      const ending = FORMATS.find(({ value }) => value === format)?.ending ?? "json";
      const path = await ipc.chooseProjectExportPath(format, `${project.name}.${ending}`);
      if (path === null) return null;
      return ipc.exportProject(project.id, { format, path, only_annotated: onlyAnnotated, run_id: null });
    },
    onSuccess: (written) => {
      if (written === null) return;
      toast({ title: `${formatCount(written.tasks, "task")} written`, description: written.path });
      onClose();
    },
  });
  const submit = () => write.mutate();
  return (
    <Dialog
      open
      onClose={onClose}
      title="Export project"
      description={project.name}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" look="filled" onClick={submit} waiting={write.isPending}>
            Choose a file and export
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        {write.isError && (
          <Banner kind="negative" role="alert" title="Nothing was written">
            {sentence(messageOf(write.error))}
          </Banner>
        )}
        <Field label="Format">
          <Select size="large" value={format} onChange={setFormat} options={FORMATS} className="w-full" />
        </Field>
        <Checkbox
          checked={onlyAnnotated}
          onChange={setOnlyAnnotated}
          hint="Otherwise a task without one is written too; in the flat formats as a record without an answer."
        >
          Only tasks that have an annotation
        </Checkbox>
      </div>
    </Dialog>
  );
}
