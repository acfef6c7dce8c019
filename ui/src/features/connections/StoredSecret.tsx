import { type ReactNode, useEffect, useRef, useState } from "react";
import { KeepUntilQuit } from "@/components/secrets/KeepUntilQuit";
import { KeychainWait } from "@/components/secrets/KeychainWait";
import { Badge } from "@/components/ui/Badge";
import { Button } from "@/components/ui/Button";
import { ConfirmDialog } from "@/components/ui/Dialog";
import type { KeyStorage } from "@/ipc/bindings";
import { fieldError, IpcFailure, messageOf } from "@/ipc/client";
import { EntryInput } from "./EntryInput";
import type { EntryField } from "./providers";

type StoredSecretProps = {
  field: EntryField;
  stored: boolean;
  /** How its owner knows it again: its end, its account, its day. */
  mark: ReactNode;
  storage: KeyStorage;
  error: unknown;
  saving: boolean;
  onSave: (value: string, untilQuit: boolean) => Promise<unknown>;
};

/** One secret: whether there is one and where it is kept, never what it is. */
export function StoredSecret({ field, stored, mark, storage, error, saving, onSave }: StoredSecretProps) {
  const [replacing, setReplacing] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [value, setValue] = useState("");
  const [untilQuit, setUntilQuit] = useState(storage === "until_quit");
  const save = async (next: string) => {
    try {
      await onSave(next, untilQuit);
      setReplacing(false);
      setRemoving(false);
      setValue("");
    } catch {
      // The panel shows what was refused; what was typed stays.
      setRemoving(false);
    }
  };
  const noun = { api_key: "key", auth_token: "token" }[field.name as string] ?? "credentials";
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
                <Button ref={opener} size="small" look="string" onClick={() => setReplacing(true)}>
                  Replace {noun}
                </Button>
                {/* What a provider cannot do without goes with the connection. */}
                {field.optional === true && (
                  <Button size="small" look="string" variant="negative" onClick={() => setRemoving(true)}>
                    Remove {noun}
                  </Button>
                )}
              </div>
            </>
          ) : (
            <>
              <span className="flex-1 text-sm text-subtler">None</span>
              <Button ref={opener} size="small" look="string" onClick={() => setReplacing(true)}>
                Add {noun}
              </Button>
            </>
          )}
        </div>
        <ConfirmDialog
          open={removing}
          onClose={() => setRemoving(false)}
          title={`Remove the ${noun === "key" ? "API key" : "auth token"}?`}
          action={`Remove ${noun}`}
          waiting={saving}
          onConfirm={() => void save("")}
        >
          It is deleted from this computer and cannot be brought back. If the server asks for it, prompts that use this
          model cannot run until another one is added.
        </ConfirmDialog>
      </div>
    );
  }
  const noKeychain = error instanceof IpcFailure && error.code === "keychain_unavailable";
  return (
    <form
      className="flex max-w-[40rem] flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void save(value);
      }}
    >
      <EntryInput
        field={{ ...field, label: stored ? `New ${field.label}` : field.label, optional: false }}
        value={value}
        onChange={setValue}
        error={fieldError(error, field.name)}
        autoFocus
      />
      {saving && <KeychainWait />}
      {noKeychain && <KeepUntilQuit checked={untilQuit} onChange={setUntilQuit} message={messageOf(error)} />}
      <div className="flex justify-end gap-2">
        <Button
          onClick={() => {
            setReplacing(false);
            setValue("");
          }}
        >
          Cancel
        </Button>
        <Button
          type="submit"
          variant="primary"
          look="filled"
          waiting={saving}
          disabledReason={value === "" ? `Paste the ${noun} first.` : undefined}
        >
          Save {noun}
        </Button>
      </div>
    </form>
  );
}
