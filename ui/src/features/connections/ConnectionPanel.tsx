import { useMutation } from "@tanstack/react-query";
import { Activity, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { KeepUntilQuit } from "@/components/secrets/KeepUntilQuit";
import { KeychainWait } from "@/components/secrets/KeychainWait";
import { SecretInput } from "@/components/secrets/SecretInput";
import { Badge } from "@/components/ui/Badge";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { ConfirmDialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { ConnectionEdit, ConnectionSummary } from "@/ipc/bindings";
import { fieldError, IpcFailure, ipc, messageOf } from "@/ipc/client";
import { formatCount, formatDuration, sentence } from "@/lib/format";

type ConnectionPanelProps = {
  connection: ConnectionSummary;
  testing: boolean;
  testError: Error | null;
  onTest: () => void;
  onRemoved: () => void;
};

export function ConnectionPanel({ connection, testing, testError, onTest, onRemoved }: ConnectionPanelProps) {
  const [endpoint, setEndpoint] = useState(connection.endpoint ?? "");
  const [removing, setRemoving] = useState(false);
  const edit = useMutation({
    // Its variables may be a key: they are forgotten with the panel, not five minutes later.
    gcTime: 0,
    mutationFn: (change: Partial<ConnectionEdit>) =>
      ipc.editConnection(connection.id, {
        name: null,
        endpoint,
        base_url: null,
        deployment: null,
        model: null,
        base_model: null,
        project_id: null,
        location: null,
        api_key: null,
        auth_token: null,
        credentials: null,
        until_quit: connection.key_storage === "until_quit",
        ...change,
      }),
    onSuccess: ({ connection: saved }) => {
      setEndpoint(saved.endpoint ?? "");
      onTest();
    },
  });
  const remove = useMutation({
    mutationFn: () => ipc.removeConnection(connection.id),
    onSuccess: () => {
      setRemoving(false);
      toast({ title: `Removed “${connection.name}”` });
      onRemoved();
    },
    onError: (error) => {
      setRemoving(false);
      toast({ kind: "failed", title: `“${connection.name}” was not removed`, description: messageOf(error) });
    },
  });
  const endpointChanged = endpoint.trim() !== connection.endpoint;
  return (
    <div className="flex flex-col gap-5">
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <h2 className="text-lg font-semibold break-words select-text">{connection.name}</h2>
          <p className="text-sm text-subtler">
            Custom LLM · used by {formatCount(connection.prompt_count, "prompt")} · added{" "}
            <RelativeTime iso={connection.created_at} />
          </p>
        </div>
        <Button
          icon={Activity}
          onClick={onTest}
          waiting={testing}
          disabledReason={endpointChanged ? "Save the endpoint first: the stored one would be tested." : undefined}
        >
          {testing ? "Testing…" : "Test"}
        </Button>
      </div>
      <TestResult
        connection={connection}
        testing={testing}
        error={testError}
        onUse={(suggested) => {
          setEndpoint(suggested);
          edit.mutate({ endpoint: suggested });
        }}
      />
      <form
        className="flex flex-col gap-1.5"
        onSubmit={(event) => {
          event.preventDefault();
          edit.mutate({});
        }}
      >
        <Field label="Endpoint" hint="Usually ends in /v1." error={fieldError(edit.error, "endpoint")}>
          <div className="flex gap-2">
            <TextInput value={endpoint} onChange={setEndpoint} inputMode="url" spellCheck={false} />
            {endpointChanged && (
              <Button type="submit" size="large" waiting={edit.isPending}>
                Save
              </Button>
            )}
          </div>
        </Field>
      </form>
      <Secret
        label="API key"
        stored={connection.has_api_key}
        storage={connection.key_storage}
        error={edit.error}
        saving={edit.isPending}
        onSave={(value, untilQuit) => edit.mutateAsync({ api_key: value, until_quit: untilQuit })}
      />
      <Secret
        label="Auth token"
        stored={connection.has_auth_token}
        storage={connection.key_storage}
        error={edit.error}
        saving={edit.isPending}
        onSave={(value, untilQuit) => edit.mutateAsync({ auth_token: value, until_quit: untilQuit })}
      />
      {edit.isError && fieldError(edit.error, "endpoint") === undefined && !isKeychainProblem(edit.error) && (
        <Banner kind="negative" role="alert" title="The connection was not changed">
          {messageOf(edit.error)}
        </Banner>
      )}
      <div className="border-t pt-4">
        <Button variant="negative" icon={Trash2} onClick={() => setRemoving(true)}>
          Remove connection
        </Button>
      </div>
      <ConfirmDialog
        open={removing}
        onClose={() => setRemoving(false)}
        title={`Remove “${connection.name}”?`}
        action="Remove connection"
        waiting={remove.isPending}
        onConfirm={() => remove.mutate()}
      >
        {connection.has_api_key || connection.has_auth_token
          ? "Its key is deleted from this computer and cannot be brought back. "
          : ""}
        {connection.prompt_count === 0
          ? "No prompt uses it."
          : `${formatCount(connection.prompt_count, "prompt uses", "prompts use")} it and cannot run until another model is chosen. Runs and results are kept.`}
      </ConfirmDialog>
    </div>
  );
}

function isKeychainProblem(error: unknown): boolean {
  return error instanceof IpcFailure && error.code === "keychain_unavailable";
}

type TestResultProps = {
  connection: ConnectionSummary;
  testing: boolean;
  error: Error | null;
  onUse: (endpoint: string) => void;
};

function TestResult({ connection, testing, error, onUse }: TestResultProps) {
  const { last_test: test } = connection;
  if (testing) return <Banner title="Asking the model for one short answer">This takes at most ten seconds.</Banner>;
  if (error !== null) {
    return (
      <Banner kind="negative" title="The test could not be made">
        {messageOf(error)}
      </Banner>
    );
  }
  if (test === null) {
    return (
      <Banner kind="info" title="Not tested yet">
        Test asks the model for one short answer.
      </Banner>
    );
  }
  const suggested = test.suggested_endpoint;
  return (
    <Banner
      kind={test.ok ? "positive" : "negative"}
      title={
        test.ok
          ? `Works${test.latency_ms === null ? "" : `, answered in ${formatDuration(test.latency_ms)}`}`
          : "Does not work"
      }
    >
      <p>{test.ok ? "The answer had the form that was asked for." : sentence(test.message)}</p>
      {suggested !== null && (
        <div className="mt-2">
          <Button size="small" onClick={() => onUse(suggested)} className="max-w-full" title={suggested}>
            <span className="truncate">Use {suggested}</span>
          </Button>
        </div>
      )}
      <p className="mt-1 text-xs text-subtler">
        Tested <RelativeTime iso={test.tested_at} />
      </p>
    </Banner>
  );
}

type SecretProps = {
  label: "API key" | "Auth token";
  stored: boolean;
  storage: ConnectionSummary["key_storage"];
  error: unknown;
  saving: boolean;
  onSave: (value: string, untilQuit: boolean) => Promise<unknown>;
};

/** One secret: whether there is one and where it is kept, never what it is. */
function Secret({ label, stored, storage, error, saving, onSave }: SecretProps) {
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
  const noun = label === "API key" ? "key" : "token";
  // The form and the line that it replaces take the focus from each other; without this it would fall out of the window.
  const field = useRef<HTMLInputElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const wasReplacing = useRef(false);
  useEffect(() => {
    if (replacing) field.current?.focus();
    else if (wasReplacing.current) opener.current?.focus();
    wasReplacing.current = replacing;
  }, [replacing]);
  if (!replacing) {
    return (
      <div className="flex flex-col gap-1.5">
        <div className="text-sm font-semibold">{label}</div>
        <div className="flex min-h-10 items-center gap-2 rounded-sm border bg-surface py-1 pr-1 pl-3">
          {stored ? (
            <>
              <span aria-hidden className="font-mono tracking-widest text-subtle">
                ••••••••
              </span>
              {storage === "until_quit" ? (
                <Badge tone="warning">Kept until you quit</Badge>
              ) : (
                <Badge tone="positive">In the system keychain</Badge>
              )}
              <div className="flex-1" />
              <Button ref={opener} size="small" look="string" onClick={() => setReplacing(true)}>
                Replace {noun}
              </Button>
              <Button size="small" look="string" variant="negative" onClick={() => setRemoving(true)}>
                Remove {noun}
              </Button>
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
          title={`Remove the ${label === "API key" ? "API key" : "auth token"}?`}
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
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void save(value);
      }}
    >
      <Field
        label={stored ? `New ${label}` : label}
        error={fieldError(error, label === "API key" ? "api_key" : "auth_token")}
      >
        <SecretInput ref={field} value={value} onChange={setValue} />
      </Field>
      {saving && <KeychainWait />}
      {isKeychainProblem(error) && (
        <KeepUntilQuit checked={untilQuit} onChange={setUntilQuit} message={messageOf(error)} />
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={() => setReplacing(false)}>Cancel</Button>
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
