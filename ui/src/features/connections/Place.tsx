import { useState } from "react";
import { Button } from "@/components/ui/Button";
import type { ConnectionEdit, ConnectionSummary } from "@/ipc/bindings";
import { fieldError } from "@/ipc/client";
import { Advanced } from "./Advanced";
import { EntryInput } from "./EntryInput";
import { type Entry, type EntryField, enteredOf, FORMS, isSecret, type Vendor } from "./providers";

type PlaceProps = {
  connection: ConnectionSummary;
  provider: Vendor;
  error: unknown;
  saving: boolean;
  onSave: (change: Partial<ConnectionEdit>) => void;
  onChanged: (changed: boolean) => void;
};

/** Where a connection leads: everything that was entered and is no secret, to be changed. */
export function Place({ connection, provider, error, saving, onSave, onChanged }: PlaceProps) {
  const [typed, setTyped] = useState<Partial<Record<Entry, string>>>({});
  const { fields, advanced } = FORMS[provider];
  // Of a custom model the name is its id, which prompts were given already.
  const isEdited = (field: EntryField) => !isSecret(field) && !(provider === "custom" && field.name === "name");
  const entryOf = (name: Entry) => typed[name] ?? enteredOf(connection, name);
  const changesOf = (next: Partial<Record<Entry, string>>) =>
    Object.entries(next).filter(([name, value]) => value.trim() !== enteredOf(connection, name as Entry));
  const changes = changesOf(typed);
  const input = (field: EntryField) => (
    <EntryInput
      key={field.name}
      field={field}
      value={entryOf(field.name)}
      onChange={(value) => {
        const next = { ...typed, [field.name]: value };
        setTyped(next);
        onChanged(changesOf(next).length > 0);
      }}
      error={fieldError(error, field.name)}
    />
  );
  const behind = advanced.filter(isEdited);
  return (
    <form
      className="flex max-w-[40rem] flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (changes.length > 0) onSave(Object.fromEntries(changes));
      }}
    >
      {fields.filter(isEdited).map(input)}
      {behind.length > 0 && (
        <Advanced
          needed={behind.some(
            ({ name }) =>
              fieldError(error, name) !== undefined || (name !== "name" && enteredOf(connection, name) !== ""),
          )}
        >
          {behind.map(input)}
        </Advanced>
      )}
      {changes.length > 0 && (
        <div className="flex justify-end gap-2">
          <Button
            onClick={() => {
              setTyped({});
              onChanged(false);
            }}
          >
            Discard
          </Button>
          <Button type="submit" variant="primary" look="filled" waiting={saving}>
            Save and test
          </Button>
        </div>
      )}
    </form>
  );
}
