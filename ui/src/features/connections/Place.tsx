import { useEffect, useRef, useState } from "react";
import { Advanced } from "@/components/reach/Advanced";
import { KeepUntilQuit } from "@/components/secrets/KeepUntilQuit";
import { KeychainWait } from "@/components/secrets/KeychainWait";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import type { ConnectionSummary, SavedConnection } from "@/ipc/bindings";
import { fieldError, messageOf } from "@/ipc/client";
import { EntryInput } from "./EntryInput";
import { isKeychainMissing, useEdit } from "./edit";
import { azureAddress } from "./endpoint";
import { type HeaderRow, HeadersInput, headersOf, rowsOf } from "./HeadersInput";
import { useMissing } from "./missing";
import { type Entry, type EntryField, editOf, enteredOf, FORMS, isSecret, type Typed, type Vendor } from "./providers";
import { useRefusals } from "./refusals";

type PlaceProps = {
  connection: ConnectionSummary;
  provider: Vendor;
  /** How often an authority of one's own was to be added. */
  authorityWishes: number;
  onSaved: (saved: SavedConnection) => void;
  onChanged: (changed: boolean) => void;
};

/** Where a connection leads: everything that was entered and is no secret, to be changed. */
export function Place({ connection, provider, authorityWishes, onSaved, onChanged }: PlaceProps) {
  const [typed, setTyped] = useState<Typed>({});
  /** `null` while they are as they were. */
  const [headers, setHeaders] = useState<HeaderRow[] | null>(null);
  const [chosen, setChosen] = useState<boolean | null>(null);
  const untilQuit = chosen ?? connection.key_storage === "until_quit";
  const forget = () => {
    setTyped({});
    setHeaders(null);
    setChosen(null);
    forgetMissing();
  };
  const edit = useEdit(connection, (saved) => {
    forget();
    onSaved(saved);
  });
  const { error } = edit;
  const { fields, advanced } = FORMS[provider];
  // Of a custom model the name is its id, which prompts were given already.
  const isEdited = (field: EntryField) => !isSecret(field) && !(provider === "custom" && field.name === "name");
  const entryOf = (name: Entry) => typed[name] ?? enteredOf(connection, name);
  const changes = Object.entries(typed).filter(
    ([name, value]) => value.trim() !== enteredOf(connection, name as Entry),
  );
  const isChanged = changes.length > 0 || headers !== null;
  useEffect(() => onChanged(isChanged), [isChanged, onChanged]);
  const authority = useRef<HTMLTextAreaElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const before = fields.filter(isEdited);
  const behind = advanced.filter(isEdited);
  const { isWhole, missingOf, forgetMissing } = useMissing(before, entryOf, form);
  const { noteSent, refusalOf } = useRefusals(error, { ...typed, headers });
  const input = (field: EntryField) => (
    <EntryInput
      key={field.name}
      field={field}
      entered={{ [field.name]: entryOf(field.name) }}
      onEnter={(part) => setTyped({ ...typed, ...part })}
      error={missingOf(field) ?? refusalOf(field.name)}
      inputRef={field.name === "custom_ca" ? authority : undefined}
      address={
        provider === "azure_open_ai" && field.name === "endpoint"
          ? azureAddress({
              endpoint: entryOf("endpoint"),
              deployment: entryOf("deployment"),
              baseUrl: entryOf("base_url"),
            })
          : undefined
      }
    />
  );
  const isRefused = ({ name }: { name: string }) => refusalOf(name) !== undefined;
  const isTold = [...before, ...behind, { name: "headers" }].some(({ name }) => fieldError(error, name) !== undefined);
  const noKeychain = isKeychainMissing(error);
  return (
    <form
      ref={form}
      className="flex max-w-[40rem] flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isChanged) return;
        if (!isWhole()) return edit.reset();
        noteSent();
        const change = editOf(Object.fromEntries(changes));
        edit.mutate(headers === null ? change : { ...change, headers: headersOf(headers), until_quit: untilQuit });
      }}
    >
      {before.map(input)}
      <Advanced
        filled={
          connection.header_names.length > 0 ||
          behind.some(({ name }) => name !== "name" && enteredOf(connection, name) !== "")
        }
        faulty={[...behind, { name: "headers" }].some(isRefused)}
        wish={{ times: authorityWishes, field: authority }}
      >
        {behind.map(input)}
        <HeadersInput
          rows={headers ?? rowsOf(connection.header_names)}
          onChange={setHeaders}
          untilQuit={untilQuit}
          error={refusalOf("headers")}
        />
      </Advanced>
      {noKeychain && (
        <KeepUntilQuit what="values" checked={untilQuit} onChange={setChosen} message={messageOf(error)} />
      )}
      {edit.isError && !noKeychain && !isTold && (
        <Banner kind="negative" role="alert" title="The connection was not changed">
          {messageOf(error)}
        </Banner>
      )}
      {edit.isPending && headers !== null && <KeychainWait />}
      {isChanged && (
        <div className="flex justify-end gap-2">
          <Button
            onClick={() => {
              edit.reset();
              forget();
            }}
          >
            Discard
          </Button>
          <Button type="submit" variant="primary" look="filled" waiting={edit.isPending}>
            Save and test
          </Button>
        </div>
      )}
    </form>
  );
}
