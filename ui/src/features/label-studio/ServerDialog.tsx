/** Connects a Label Studio server, or changes one: where it is, and the token that lets us in. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Advanced } from "@/components/reach/Advanced";
import { CertificateInput } from "@/components/reach/CertificateInput";
import { CUSTOM_CA, PROXY } from "@/components/reach/fields";
import { KeepUntilQuit } from "@/components/secrets/KeepUntilQuit";
import { KeychainWait } from "@/components/secrets/KeychainWait";
import { SecretInput } from "@/components/secrets/SecretInput";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { FormDialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";
import { toast } from "@/components/ui/toast";
import type { LabelStudioServer, NewServer } from "@/ipc/bindings";
import { fieldError, IpcFailure, ipc, messageOf } from "@/ipc/client";
import { appInfoQuery } from "@/ipc/queries";
import { ServerReportView } from "./ServerReportView";
import { nameOf } from "./words";

const FIELDS = ["name", "address", "token", "proxy", "custom_ca"] as const;

type ServerDialogProps = {
  /** The one that is changed; without one a new one is connected. */
  server?: LabelStudioServer;
  onClose: () => void;
  onSaved?: (server: LabelStudioServer) => void;
};

export function ServerDialog({ server, onClose, onSaved }: ServerDialogProps) {
  const { data: info } = useQuery(appInfoQuery());
  const [address, setAddress] = useState(server?.address ?? "");
  const [token, setToken] = useState("");
  /** What was typed over the suggestion. */
  const [typedName, setTypedName] = useState<string | null>(server?.name ?? null);
  const [proxy, setProxy] = useState(server?.proxy ?? "");
  const [authority, setAuthority] = useState(server?.custom_ca ?? "");
  const [untilQuit, setUntilQuit] = useState(server?.key_storage === "until_quit");
  const first = useRef<HTMLInputElement>(null);
  const isNew = server === undefined;
  const name = typedName ?? nameOf(address);
  const entered: NewServer = {
    name: name.trim(),
    address: address.trim(),
    token: token === "" ? null : token,
    until_quit: untilQuit,
    proxy: proxy.trim() || null,
    custom_ca: authority.trim() || null,
  };
  // What they keep may be a token: it is forgotten with the form, not five minutes later.
  const look = useMutation({ gcTime: 0, mutationFn: () => ipc.lookAtServer(entered) });
  const save = useMutation({
    gcTime: 0,
    mutationFn: () => (isNew ? ipc.connectServer(entered) : ipc.editServer(server.id, entered)),
    onSuccess: (saved) => {
      toast({ title: isNew ? `Connected “${saved.name}”` : `Changed “${saved.name}”` });
      onSaved?.(saved);
      onClose();
    },
  });
  const failed = save.error ?? look.error;
  const isTold = FIELDS.some((field) => fieldError(failed, field) !== undefined);
  const noKeychain = save.error instanceof IpcFailure && save.error.code === "keychain_unavailable";
  /** What was found out is about what stood here. */
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    look.reset();
    save.reset();
  };
  const missing =
    entered.address === ""
      ? "Enter the address of the server first."
      : isNew && entered.token === null
        ? "Enter a token first."
        : undefined;
  return (
    <FormDialog
      onClose={onClose}
      title={isNew ? "Connect a Label Studio server" : `Change “${server.name}”`}
      description="Its projects can be pulled here, and predictions be given back to them."
      initialFocus={first}
      action={isNew ? "Connect" : "Save"}
      onSubmit={() => {
        look.reset();
        save.mutate();
      }}
      waiting={save.isPending}
      disabledReason={missing}
      summary={
        <Button
          onClick={() => {
            save.reset();
            look.mutate();
          }}
          waiting={look.isPending}
          // Only Rust has the token that is kept: it tests with it once something else is saved.
          disabledReason={missing ?? (entered.token === null ? "Enter the token to test what you changed." : undefined)}
        >
          {look.isPending ? "Asking the server…" : "Test"}
        </Button>
      }
    >
      {failed !== null && !isTold && !noKeychain && (
        <Banner
          kind="negative"
          role="alert"
          inSight
          title={
            save.error === null
              ? "The test failed"
              : isNew
                ? "The server was not connected"
                : "The server was not changed"
          }
        >
          {messageOf(failed)}
        </Banner>
      )}
      {look.data !== undefined && <ServerReportView report={look.data} title="Works" inSight />}
      <Field label="Address" error={fieldError(failed, "address")}>
        <TextInput
          ref={first}
          value={address}
          onChange={change(setAddress)}
          inputMode="url"
          placeholder="https://label-studio.example.com"
          spellCheck={false}
        />
      </Field>
      <Field
        label="Token"
        hint={
          isNew
            ? "A personal access token or a legacy token, from Account & Settings there. It is kept in the system's keychain."
            : "Empty keeps the one that is there."
        }
        optional={!isNew}
        error={fieldError(failed, "token")}
      >
        <SecretInput value={token} onChange={change(setToken)} />
      </Field>
      <Field label="Name" hint="What it is called here." error={fieldError(failed, "name")}>
        <TextInput value={name} onChange={change(setTypedName)} dir="auto" />
      </Field>
      {entered.token !== null && (noKeychain || info?.keychain_available === false) && (
        <KeepUntilQuit
          what="token"
          checked={untilQuit}
          onChange={setUntilQuit}
          message={noKeychain ? messageOf(save.error) : undefined}
        />
      )}
      <Advanced
        filled={proxy !== "" || authority !== ""}
        faulty={fieldError(failed, "proxy") !== undefined || fieldError(failed, "custom_ca") !== undefined}
      >
        <Field label={PROXY.label} optional hint={PROXY.hint} error={fieldError(failed, "proxy")}>
          <TextInput
            value={proxy}
            onChange={change(setProxy)}
            placeholder={PROXY.placeholder}
            inputMode="url"
            spellCheck={false}
          />
        </Field>
        <CertificateInput
          {...CUSTOM_CA}
          value={authority}
          onChange={change(setAuthority)}
          error={fieldError(failed, "custom_ca")}
        />
      </Advanced>
      {save.isPending && entered.token !== null && <KeychainWait />}
    </FormDialog>
  );
}
