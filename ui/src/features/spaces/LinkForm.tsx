/** The way to a link: which server, then which of its spaces. */
import { useMutation } from "@tanstack/react-query";
import { Link2 } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import { KeepUntilQuit } from "@/components/secrets/KeepUntilQuit";
import { KeychainWait } from "@/components/secrets/KeychainWait";
import { SecretInput } from "@/components/secrets/SecretInput";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Field, TextInput } from "@/components/ui/Field";
import { Select } from "@/components/ui/Select";
import type { LinkTarget } from "@/ipc/bindings";
import { fieldError, IpcFailure, ipc, messageOf } from "@/ipc/client";

const ARIZE = "https://api.arize.com";

/** `opener` is where the focus goes once the form is left. */
export function LinkForm({ spaceId, opener }: { spaceId: string; opener: RefObject<HTMLButtonElement | null> }) {
  const [open, setOpen] = useState(false);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (!open && wasOpen.current) opener.current?.focus();
    wasOpen.current = open;
  }, [open, opener]);
  return (
    <section aria-labelledby="link-title" className="flex flex-col gap-3 border-t pt-5">
      <div>
        <h3 id="link-title" className="font-semibold">
          Link with an account
        </h3>
        <p className="mt-0.5 text-sm text-subtler">
          Pull prompts from a space of an Arize account or of another Touchstone, and push yours there. You see what
          would change before anything does, and nothing is overwritten.
        </p>
      </div>
      {open ? (
        <Steps spaceId={spaceId} onCancel={() => setOpen(false)} />
      ) : (
        <Button ref={opener} icon={Link2} className="self-start" onClick={() => setOpen(true)}>
          Link this space…
        </Button>
      )}
    </section>
  );
}

function Steps({ spaceId, onCancel }: { spaceId: string; onCancel: () => void }) {
  const [address, setAddress] = useState(ARIZE);
  const server = useRef<HTMLInputElement>(null);
  useEffect(() => server.current?.focus(), []);
  const [key, setKey] = useState("");
  const [target, setTarget] = useState<LinkTarget | null>(null);
  const [remote, setRemote] = useState<string | null>(null);
  const choice = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (target !== null) choice.current?.focus();
  }, [target]);
  const [untilQuit, setUntilQuit] = useState(false);
  const given = key === "" ? null : key;
  const look = useMutation({
    // Its variables may be a key: they are forgotten with the form, not five minutes later.
    gcTime: 0,
    mutationFn: () => ipc.lookAtLink(address, given),
    onSuccess: (found) => {
      setTarget(found);
      setAddress(found.address);
      setRemote(found.spaces.length === 1 ? (found.spaces[0]?.id ?? null) : null);
    },
  });
  const link = useMutation({
    gcTime: 0,
    mutationFn: (remoteSpace: string) =>
      ipc.linkSpace(spaceId, { address, remote_space: remoteSpace, key: given, until_quit: untilQuit }),
  });
  const failed = link.error ?? look.error;
  const noKeychain = link.error instanceof IpcFailure && link.error.code === "keychain_unavailable";
  const named = ["address", "key", "remote_space"].some((field) => fieldError(failed, field) !== undefined);
  /** Another server or key has other spaces. */
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    setTarget(null);
    look.reset();
    link.reset();
  };
  const submit = () => {
    if (target === null) look.mutate();
    else if (remote !== null) link.mutate(remote);
  };
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {failed !== null && !named && !noKeychain && (
        <Banner kind="negative" role="alert" title="The space was not linked">
          {messageOf(failed)}
        </Banner>
      )}
      <Field
        label="Server"
        hint={`${ARIZE}, that of your region, or the address that another Touchstone shows under Local API.`}
        error={fieldError(failed, "address")}
      >
        <TextInput ref={server} value={address} onChange={change(setAddress)} inputMode="url" spellCheck={false} />
      </Field>
      <Field
        label="API key"
        hint="Of the account, or the token of the other Touchstone. It is kept in the system's keychain."
        error={fieldError(failed, "key")}
      >
        <SecretInput value={key} onChange={change(setKey)} />
      </Field>
      {target !== null && (
        <Field
          label="Space there"
          hint={
            target.is_touchstone
              ? "It is another Touchstone: versions arrive with everything that they say."
              : "An account does not know everything that a version can say here; what it cannot keep is said before a push."
          }
          error={fieldError(failed, "remote_space")}
        >
          <Select
            ref={choice}
            size="large"
            value={remote}
            onChange={setRemote}
            placeholder={target.spaces.length === 0 ? "The key sees no space" : "Choose a space"}
            options={target.spaces.map(({ id, name }) => ({ value: id, label: name }))}
          />
        </Field>
      )}
      {link.isPending && <KeychainWait />}
      {(noKeychain || untilQuit) && (
        <KeepUntilQuit
          what="key"
          checked={untilQuit}
          onChange={setUntilQuit}
          message={noKeychain ? messageOf(link.error) : undefined}
        />
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        {target === null ? (
          <Button type="submit" variant="primary" look="filled" waiting={look.isPending}>
            {look.isPending ? "Asking the server…" : "Connect"}
          </Button>
        ) : (
          <Button
            type="submit"
            variant="primary"
            look="filled"
            waiting={link.isPending}
            disabledReason={remote === null ? "Choose a space of the server first." : undefined}
          >
            Link
          </Button>
        )}
      </div>
    </form>
  );
}
