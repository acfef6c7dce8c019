import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { FormDialog } from "@/components/ui/Dialog";
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
  const error = duplicate.isError ? (fieldError(duplicate.error, "name") ?? messageOf(duplicate.error)) : undefined;
  return (
    <FormDialog
      onClose={onClose}
      title="Duplicate as a new prompt"
      initialFocus={input}
      action="Duplicate"
      onSubmit={() => duplicate.mutate()}
      waiting={duplicate.isPending}
    >
      <Field label="Name" error={error}>
        <TextInput ref={input} value={name} onChange={setName} dir="auto" />
      </Field>
    </FormDialog>
  );
}
