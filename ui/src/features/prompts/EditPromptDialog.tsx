import { useMutation } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { Field, TextArea, TextInput } from "@/components/ui/Field";
import type { PromptSummary } from "@/ipc/bindings";
import { fieldError, ipc, messageOf } from "@/ipc/client";

export function EditPromptDialog({ prompt, onClose }: { prompt: PromptSummary; onClose: () => void }) {
  const [name, setName] = useState(prompt.name);
  const [description, setDescription] = useState(prompt.description);
  const input = useRef<HTMLInputElement>(null);
  const form = useId();
  const edit = useMutation({ mutationFn: () => ipc.editPrompt(prompt.id, name, description), onSuccess: onClose });
  const nameError = fieldError(edit.error, "name");
  return (
    <Dialog
      open
      onClose={onClose}
      title="Rename prompt"
      initialFocus={input}
      onSubmit={() => edit.mutate()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" look="filled" waiting={edit.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          edit.mutate();
        }}
      >
        {edit.isError && nameError === undefined && (
          <Banner kind="negative" role="alert" title="The prompt was not renamed">
            {messageOf(edit.error)}
          </Banner>
        )}
        <Field label="Name" error={nameError}>
          <TextInput ref={input} value={name} onChange={setName} dir="auto" />
        </Field>
        <Field label="Description" optional>
          <TextArea value={description} onChange={setDescription} dir="auto" />
        </Field>
      </form>
    </Dialog>
  );
}
