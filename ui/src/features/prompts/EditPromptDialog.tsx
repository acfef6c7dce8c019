import { useMutation, useQuery } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { FormDialog } from "@/components/ui/Dialog";
import { Field, TextArea, TextInput } from "@/components/ui/Field";
import type { PromptSummary } from "@/ipc/bindings";
import { fieldError, ipc, messageOf } from "@/ipc/client";
import { promptsQuery } from "@/ipc/queries";
import { folderPaths } from "./folders";
import { SpaceField } from "./SpaceField";

export function EditPromptDialog({ prompt, onClose }: { prompt: PromptSummary; onClose: () => void }) {
  const [name, setName] = useState(prompt.name);
  const [description, setDescription] = useState(prompt.description);
  const input = useRef<HTMLInputElement>(null);
  const [folder, setFolder] = useState(prompt.folder);
  const [space, setSpace] = useState(prompt.space_id);
  const known = folderPaths(useQuery(promptsQuery()).data ?? []);
  const edit = useMutation({
    mutationFn: async () => {
      // The folder first: only what is typed in it can be wrong, and the rest is changed at once or not at all.
      if (folder !== prompt.folder) await ipc.setPromptFolder([prompt.id], folder);
      await ipc.editPrompt(prompt.id, name, description, space);
    },
    onSuccess: onClose,
  });
  const nameError = fieldError(edit.error, "name");
  const folderError = fieldError(edit.error, "folder");
  const folders = useId();
  return (
    <FormDialog
      onClose={onClose}
      title="Edit prompt"
      initialFocus={input}
      action="Save"
      onSubmit={() => edit.mutate()}
      waiting={edit.isPending}
    >
      {edit.isError && nameError === undefined && folderError === undefined && (
        <Banner kind="negative" role="alert" title="The prompt was not changed">
          {messageOf(edit.error)}
        </Banner>
      )}
      <Field label="Name" error={nameError}>
        <TextInput ref={input} value={name} onChange={setName} dir="auto" />
      </Field>
      <Field label="Description" optional>
        <TextArea value={description} onChange={setDescription} dir="auto" />
      </Field>
      <SpaceField value={space} onChange={setSpace} />
      <Field label="Folder" optional hint="Slashes make folders in folders: support/mail." error={folderError}>
        <TextInput value={folder} onChange={setFolder} list={folders} dir="auto" />
        <datalist id={folders}>
          {known.map((path) => (
            <option key={path} value={path} />
          ))}
        </datalist>
      </Field>
    </FormDialog>
  );
}
