import { type ReactNode, useEffect, useRef, useState } from "react";
import { KeepUntilQuit } from "@/components/secrets/KeepUntilQuit";
import { KeychainWait } from "@/components/secrets/KeychainWait";
import { Badge } from "@/components/ui/Badge";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { ConfirmDialog } from "@/components/ui/Dialog";
import type { ConnectionEdit, ConnectionSummary, SavedConnection } from "@/ipc/bindings";
import { fieldError, messageOf } from "@/ipc/client";
import { formatCount } from "@/lib/format";
import { EntryInput } from "./EntryInput";
import { isKeychainMissing, useEdit } from "./edit";
import { keyWarning } from "./keyShape";
import { type EntryField, editOf, filled, nounOf, type Typed, textOf } from "./providers";
import { useRefusals } from "./refusals";

const NAMES = { key: "API key", token: "auth token", credentials: "credentials" };

/** What cannot be done without the secret, and by how many prompts. */
function usedWords({ prompt_count: count }: ConnectionSummary, field: EntryField): string {
  const others = nounOf(field) === "credentials" ? "others are" : "another one is";
  const stops = `cannot run until ${others} added`;
  if (count === 0) return "No prompt uses this connection now.";
  const users = formatCount(count, "prompt that uses", "prompts that use");
  // Whether a server of one's own asks for it, only that server knows.
  if (field.optional === true) return `If the server asks for it, ${users} this model ${stops}.`;
  return `${users} its models ${stops}.`;
}

type StoredSecretProps = {
  connection: ConnectionSummary;
  field: EntryField;
  stored: boolean;
  /** How its owner knows it again: its end, its account, its day. */
  mark: ReactNode;
  onSaved: (saved: SavedConnection) => void;
};

/** One secret: whether there is one and where it is kept, never what it is. */
export function StoredSecret({ connection, field, stored, mark, onSaved }: StoredSecretProps) {
  const [replacing, setReplacing] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [typed, setTyped] = useState<Typed>({});
  const [chosen, setChosen] = useState<boolean | null>(null);
  const storage = connection.key_storage;
  const untilQuit = chosen ?? storage === "until_quit";
  const end = () => {
    setReplacing(false);
    setRemoving(false);
    setTyped({});
    setChosen(null);
  };
  const edit = useEdit(connection, (saved) => {
    end();
    onSaved(saved);
  });
  const { error, isPending: saving } = edit;
  const { noteSent, refusalOf } = useRefusals(error, { [field.name]: textOf(typed, field.name) });
  const save = (next: Partial<ConnectionEdit>) => {
    noteSent();
    edit.mutate(
      { ...next, until_quit: untilQuit },
      // What was refused is told below the question.
      { onError: () => setRemoving(false) },
    );
  };
  const noun = nounOf(field);
  const wasOrWere = noun === "credentials" ? "were" : "was";
  const replace = () => {
    edit.reset();
    setReplacing(true);
  };
  const opener = useRef<HTMLButtonElement>(null);
  const wasReplacing = useRef(false);
  // The form takes the focus when it comes; without this it would fall out of the window when it goes.
  useEffect(() => {
    if (!replacing && wasReplacing.current) opener.current?.focus();
    wasReplacing.current = replacing;
  }, [replacing]);
  if (!replacing) {
    return (
      <div className="flex max-w-[40rem] flex-col gap-1.5">
        <div className="text-sm font-semibold">{field.label}</div>
        <div className="flex min-h-10 flex-wrap items-center gap-x-2 rounded-sm border bg-surface py-1 pr-1 pl-3">
          {stored ? (
            <>
              <span className="min-w-0 text-sm break-words text-subtle">{mark}</span>
              {storage === "until_quit" ? (
                <Badge tone="warning">Kept until you quit</Badge>
              ) : (
                <Badge tone="positive">In the system keychain</Badge>
              )}
              <div className="flex flex-1 justify-end">
                <Button ref={opener} size="small" look="string" onClick={replace}>
                  Replace {noun}
                </Button>
                <Button size="small" look="string" variant="negative" onClick={() => setRemoving(true)}>
                  Remove {noun}
                </Button>
              </div>
            </>
          ) : (
            <>
              <span className="flex-1 text-sm text-subtler">None</span>
              <Button ref={opener} size="small" look="string" onClick={replace}>
                Add {noun}
              </Button>
            </>
          )}
        </div>
        {edit.isError && (
          <Banner kind="negative" role="alert" title={`The ${noun} ${wasOrWere} not removed`}>
            {messageOf(error)}
          </Banner>
        )}
        <ConfirmDialog
          open={removing}
          onClose={() => setRemoving(false)}
          title={`Remove the ${NAMES[noun]} of “${connection.name}”?`}
          action={`Remove ${noun}`}
          waiting={saving}
          onConfirm={() => save({ [field.name]: "" })}
        >
          {noun === "credentials" ? "They are" : "It is"} deleted from this computer and cannot be brought back.{" "}
          {usedWords(connection, field)} The connection stays, with its settings.
        </ConfirmDialog>
      </div>
    );
  }
  const noKeychain = isKeychainMissing(error);
  const isTold = fieldError(error, field.name) !== undefined;
  return (
    <form
      className="flex max-w-[40rem] flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        save(editOf(filled(typed)));
      }}
    >
      <EntryInput
        field={{ ...field, label: stored ? `New ${field.label}` : field.label, optional: false }}
        entered={typed}
        onEnter={(part) => setTyped((before) => ({ ...before, ...part }))}
        error={refusalOf(field.name)}
        warning={
          field.name === "api_key"
            ? keyWarning(connection.provider, typed.api_key ?? "", connection.base_url)
            : undefined
        }
        autoFocus
      />
      {saving && <KeychainWait />}
      {noKeychain && <KeepUntilQuit what={noun} checked={untilQuit} onChange={setChosen} message={messageOf(error)} />}
      {edit.isError && !noKeychain && !isTold && (
        <Banner kind="negative" role="alert" title={`The ${noun} ${wasOrWere} not saved`}>
          {messageOf(error)}
        </Banner>
      )}
      <div className="flex justify-end gap-2">
        <Button
          onClick={() => {
            edit.reset();
            end();
          }}
        >
          Cancel
        </Button>
        <Button
          type="submit"
          variant="primary"
          look="filled"
          waiting={saving}
          disabledReason={Object.keys(filled(typed)).length === 0 ? `Paste the ${noun} first.` : undefined}
        >
          Save {noun}
        </Button>
      </div>
    </form>
  );
}
