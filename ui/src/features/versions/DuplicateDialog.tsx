import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";
import { fieldError, ipc, messageOf } from "@/ipc/client";

/** A version as the first of a prompt of its own. */
export function DuplicateDialog({
  versionId,
  name: given,
  onClose,
}: {
  versionId: string;
  name: string;
  onClose: () => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(given);
  const navigate = useNavigate();
  const duplicate = useMutation({
    mutationFn: () => ipc.duplicateVersion(versionId, name),
    onSuccess: (promptId) => {
      onClose();
      void navigate({ to: "/prompts/$promptId", params: { promptId }, search: {} });
    },
  });
  const submit = () => duplicate.mutate();
  const error = duplicate.isError ? (fieldError(duplicate.error, "name") ?? messageOf(duplicate.error)) : undefined;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Duplicate as a new prompt"
      onSubmit={submit}
      initialFocus={input}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" look="filled" onClick={submit} waiting={duplicate.isPending}>
            Duplicate
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field label="Name" error={error}>
          <TextInput ref={input} value={name} onChange={setName} dir="auto" />
        </Field>
      </form>
    </Dialog>
  );
}
