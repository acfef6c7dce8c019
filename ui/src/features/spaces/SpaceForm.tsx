import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Field, TextArea, TextInput } from "@/components/ui/Field";
import type { SpaceSummary } from "@/ipc/bindings";
import { fieldError, ipc, messageOf } from "@/ipc/client";
import { spacesQuery } from "@/ipc/queries";

type SpaceFormProps = {
  /** `null` for one that is made. */
  space: SpaceSummary | null;
  onSaved: (spaceId: string) => void;
  onCancel: () => void;
};

/** What a space is called, and what it is for. */
export function SpaceForm({ space, onSaved, onCancel }: SpaceFormProps) {
  const [name, setName] = useState(space?.name ?? "");
  const [description, setDescription] = useState(space?.description ?? "");
  const input = useRef<HTMLInputElement>(null);
  const client = useQueryClient();
  useEffect(() => input.current?.focus(), []);
  const save = useMutation({
    mutationFn: async () => {
      const words = { name, description };
      if (space === null) return ipc.createSpace(words);
      await ipc.editSpace(space.id, words);
      return space.id;
    },
    onSuccess: async (spaceId) => {
      // Until it is in the list there is nothing to show of it.
      await client.refetchQueries(spacesQuery());
      onSaved(spaceId);
    },
  });
  const error = fieldError(save.error, "name");
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <h2 className="text-lg font-semibold">{space === null ? "New space" : "Rename the space"}</h2>
      {save.isError && error === undefined && (
        <Banner kind="negative" role="alert" title="The space was not saved">
          {messageOf(save.error)}
        </Banner>
      )}
      <Field label="Name" error={error}>
        <TextInput ref={input} value={name} onChange={setName} dir="auto" />
      </Field>
      <Field label="Description" optional>
        <TextArea value={description} onChange={setDescription} dir="auto" />
      </Field>
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" look="filled" waiting={save.isPending}>
          {space === null ? "Create space" : "Save"}
        </Button>
      </div>
    </form>
  );
}
