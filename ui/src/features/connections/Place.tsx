import { useState } from "react";
import { KeepUntilQuit } from "@/components/secrets/KeepUntilQuit";
import { Button } from "@/components/ui/Button";
import type { ConnectionEdit, ConnectionSummary } from "@/ipc/bindings";
import { fieldError, IpcFailure, messageOf } from "@/ipc/client";
import { Advanced } from "./Advanced";
import { EntryInput } from "./EntryInput";
import { type HeaderRow, HeadersInput, headersOf, rowsOf } from "./HeadersInput";
import { type Entry, type EntryField, editOf, enteredOf, FORMS, isSecret, type Typed, type Vendor } from "./providers";

type PlaceProps = {
  connection: ConnectionSummary;
  provider: Vendor;
  error: unknown;
  saving: boolean;
  /** Something behind "Advanced" is what is wanted. */
  wantsAdvanced: boolean;
  onSave: (change: Partial<ConnectionEdit>) => void;
  onChanged: (changed: boolean) => void;
};

/** Where a connection leads: everything that was entered and is no secret, to be changed. */
export function Place({ connection, provider, error, saving, wantsAdvanced, onSave, onChanged }: PlaceProps) {
  const [typed, setTyped] = useState<Typed>({});
  /** `null` while they are as they were. */
  const [headers, setHeaders] = useState<HeaderRow[] | null>(null);
  const [untilQuit, setUntilQuit] = useState(connection.key_storage === "until_quit");
  const { fields, advanced } = FORMS[provider];
  // Of a custom model the name is its id, which prompts were given already.
  const isEdited = (field: EntryField) => !isSecret(field) && !(provider === "custom" && field.name === "name");
  const entryOf = (name: Entry) => typed[name] ?? enteredOf(connection, name);
  const changesOf = (next: Typed) =>
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
        onChanged(changesOf(next).length > 0 || headers !== null);
      }}
      error={fieldError(error, field.name)}
    />
  );
  const behind = advanced.filter(isEdited);
  const isChanged = changes.length > 0 || headers !== null;
  const noKeychain = error instanceof IpcFailure && error.code === "keychain_unavailable";
  return (
    <form
      className="flex max-w-[40rem] flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isChanged) return;
        const change = editOf(Object.fromEntries(changes));
        onSave(headers === null ? change : { ...change, headers: headersOf(headers), until_quit: untilQuit });
      }}
    >
      {fields.filter(isEdited).map(input)}
      <Advanced
        needed={
          wantsAdvanced ||
          connection.header_names.length > 0 ||
          fieldError(error, "headers") !== undefined ||
          behind.some(
            ({ name }) =>
              fieldError(error, name) !== undefined || (name !== "name" && enteredOf(connection, name) !== ""),
          )
        }
      >
        {behind.map(input)}
        <HeadersInput
          rows={headers ?? rowsOf(connection.header_names)}
          onChange={(rows) => {
            setHeaders(rows);
            onChanged(true);
          }}
          error={fieldError(error, "headers")}
        />
        {headers !== null && noKeychain && (
          <KeepUntilQuit checked={untilQuit} onChange={setUntilQuit} message={messageOf(error)} />
        )}
      </Advanced>
      {isChanged && (
        <div className="flex justify-end gap-2">
          <Button
            onClick={() => {
              setTyped({});
              setHeaders(null);
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
