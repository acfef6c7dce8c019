import { useState } from "react";
import { ExportDialog } from "@/components/ExportDialog";
import { Checkbox } from "@/components/ui/Checkbox";
import type { ProjectFormat, ProjectSummary } from "@/ipc/bindings";
import { ipc } from "@/ipc/client";
import { formatCount } from "@/lib/format";

/** Writes a project's tasks and annotations to a file. */
export function ExportProjectDialog({ project, onClose }: { project: ProjectSummary; onClose: () => void }) {
  const [onlyAnnotated, setOnlyAnnotated] = useState(false);
  const write = async (format: ProjectFormat) => {
    const path = await ipc.chooseProjectExportPath(format, project.name);
    if (path === null) return null;
    const options = { format, path, only_annotated: onlyAnnotated, run_id: null };
    const written = await ipc.exportProject(project.id, options);
    return { what: formatCount(written.tasks, "task"), path: written.path };
  };
  return (
    <ExportDialog
      title="Export project"
      description={project.name}
      formats={[
        {
          value: "label_studio",
          label: "Label Studio JSON",
          hint: "Tasks with annotations and predictions, to import there again",
        },
        { value: "jsonl", label: "JSON Lines", hint: "The same, one task a line" },
        { value: "json_min", label: "JSON-MIN", hint: "A flat record per annotation" },
        { value: "csv", label: "CSV", hint: "The same records as a table" },
      ]}
      write={write}
      onClose={onClose}
    >
      <Checkbox
        checked={onlyAnnotated}
        onChange={setOnlyAnnotated}
        hint="Otherwise a task without one is written too; in the flat formats as a record without an answer."
      >
        Only tasks that have an annotation
      </Checkbox>
    </ExportDialog>
  );
}
