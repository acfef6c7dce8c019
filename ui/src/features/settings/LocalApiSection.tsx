/** Prompts for other programs of this computer: on or off, where, and the token that they must send. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { Loaded } from "@/components/Loaded";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Checkbox } from "@/components/ui/Checkbox";
import { CopyButton } from "@/components/ui/CopyButton";
import { Field } from "@/components/ui/Field";
import { Select } from "@/components/ui/Select";
import { toast } from "@/components/ui/toast";
import type { ApiSpelling, LocalApi, LocalApiSettings } from "@/ipc/bindings";
import { fieldError, IpcFailure, ipc, messageOf } from "@/ipc/client";
import { localApiQuery } from "@/ipc/queries";
import { sentence } from "@/lib/format";
import { NumberRow } from "./NumberRow";

const SPELLINGS: readonly { value: ApiSpelling; label: string; hint: string }[] = [
  { value: "current", label: "Current", hint: "OPEN_AI, F_STRING: Python clients from 8.40" },
  { value: "second", label: "Second", hint: "open_ai, f_string: 8.18 to 8.39" },
  { value: "first", label: "First", hint: "openAI, f_string: up to 8.17" },
];

export function LocalApiSection() {
  return (
    <Loaded query={useQuery(localApiQuery())} what="the local API">
      {(api) => <Controls api={api} />}
    </Loaded>
  );
}

function Controls({ api }: { api: LocalApi }) {
  const { settings } = api;
  /** Shown once: it is nowhere to be read again. */
  const [token, setToken] = useState<string | null>(null);
  const [untilQuit, setUntilQuit] = useState(false);
  const set = (part: Partial<LocalApiSettings>) => ipc.setLocalApi({ ...settings, ...part });
  const change = useMutation({
    mutationFn: set,
    onError: (error) =>
      toast({ kind: "failed", title: "The setting could not be kept", description: messageOf(error) }),
  });
  const make = useMutation({
    mutationFn: () => ipc.makeLocalApiToken(untilQuit),
    onSuccess: (made) => setToken(made),
  });
  /** Without a token nobody could call: it is made first, and shown. */
  const turn = async (enabled: boolean) => {
    if (enabled && !api.has_token) await make.mutateAsync();
    change.mutate({ enabled });
  };
  const noKeychain = make.error instanceof IpcFailure && make.error.code === "keychain_unavailable";
  return (
    <>
      <p className="text-sm text-subtle">
        Serves the prompts of this workspace to programs on this computer, as the Arize prompts API does. Its official
        clients work with it; nothing is reachable from other computers.
      </p>
      <div className="flex w-full flex-wrap items-center gap-2">
        <Button icon={KeyRound} onClick={() => make.mutate()} waiting={make.isPending}>
          {api.has_token ? "Make a new token" : "Make a token"}
        </Button>
        <span className="text-xs text-subtler">
          {api.has_token ? "The current one stops working." : "Programs send it with each request."}
        </span>
      </div>
      {(noKeychain || untilQuit) && (
        <Banner kind="warning" role="alert" title="This computer has no password store">
          <Checkbox checked={untilQuit} onChange={setUntilQuit}>
            Keep the token only until I quit
          </Checkbox>
        </Banner>
      )}
      {make.isError && !noKeychain && (
        <Banner kind="negative" role="alert" title="No token was made">
          {sentence(messageOf(make.error))}
        </Banner>
      )}
      {token !== null && (
        <Banner
          kind="positive"
          role="status"
          inSight
          title="Copy the token now; it is not shown again"
          actions={<CopyButton text={token} label="Copy" size="small" />}
          onDismiss={() => setToken(null)}
        >
          <code className="font-mono text-xs break-all">{token}</code>
        </Banner>
      )}
      <Checkbox
        checked={settings.enabled}
        // What goes wrong with the token is said beside its button.
        onChange={(enabled) => void turn(enabled).catch(() => {})}
        hint={
          api.address !== null
            ? `It answers at ${api.address}`
            : settings.enabled
              ? "It is not answering."
              : "It listens on 127.0.0.1 and ::1 only."
        }
      >
        Serve prompts to other programs
      </Checkbox>
      {api.problem !== null && (
        <Banner kind="negative" role="alert" title="The local API could not be started">
          {sentence(api.problem)}
        </Banner>
      )}
      <NumberRow
        label="Port"
        hint="1024 to 65,535."
        value={settings.port}
        onSet={(port) => set({ port })}
        errorOf={(error) => fieldError(error, "port")}
      />
      <Field label="Spelling for clients that do not say who they are">
        <Select
          size="large"
          label="Spelling"
          value={settings.spelling}
          onChange={(spelling) => change.mutate({ spelling })}
          options={SPELLINGS}
        />
      </Field>
    </>
  );
}
