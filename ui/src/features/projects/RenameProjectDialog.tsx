import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { FormDialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";
import type { ProjectSummary } from "@/ipc/bindings";
import { fieldError, ipc, messageOf } from "@/ipc/client";

export function RenameProjectDialog({ project, onClose }: { project: ProjectSummary; onClose: () => void }) {
  const [name, setName] = useState(project.name);
  const input = useRef<HTMLInputElement>(null);
  const rename = useMutation({ mutationFn: () => ipc.renameProject(project.id, name), onSuccess: onClose });
  const nameError = fieldError(rename.error, "name");
  return (
    <FormDialog
      onClose={onClose}
      title="Rename project"
      initialFocus={input}
      action="Rename"
      onSubmit={() => rename.mutate()}
      waiting={rename.isPending}
    >
      {rename.isError && nameError === undefined && (
        <Banner kind="negative" role="alert" title="The project was not renamed">
          {messageOf(rename.error)}
        </Banner>
      )}
      <Field label="Name" error={nameError}>
        <TextInput ref={input} value={name} onChange={setName} dir="auto" />
      </Field>
    </FormDialog>
  );
}
