import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useCommand } from "@/components/commands";
import { KeepUntilQuit } from "@/components/secrets/KeepUntilQuit";
import { KeychainWait } from "@/components/secrets/KeychainWait";
import { SecretInput } from "@/components/secrets/SecretInput";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Field, TextInput } from "@/components/ui/Field";
import type { ConnectionSummary } from "@/ipc/bindings";
import { fieldError, IpcFailure, ipc, messageOf } from "@/ipc/client";
import { appInfoQuery } from "@/ipc/queries";
import { endsOddly, withVersionPath } from "./endpoint";

type NewConnectionFormProps = { onAdded: (connection: ConnectionSummary) => void; onCancel: () => void };

export function NewConnectionForm({ onAdded, onCancel }: NewConnectionFormProps) {
  const { data: info } = useQuery(appInfoQuery());
  const [name, setName] = useState("");
  const [endpoint, setEndpoint] = useState("");
  const [apiKey, setApiKey] = useState("");
  const [authToken, setAuthToken] = useState("");
  const [untilQuit, setUntilQuit] = useState(false);
  const add = useMutation({
    mutationFn: () =>
      ipc.addConnection({
        provider: "custom",
        name,
        endpoint,
        base_url: null,
        deployment: null,
        model: null,
        base_model: null,
        project_id: null,
        location: null,
        api_key: apiKey === "" ? null : apiKey,
        auth_token: authToken === "" ? null : authToken,
        credentials: null,
        until_quit: untilQuit,
        without_key: false,
      }),
    onSuccess: ({ connection }) => onAdded(connection),
  });
  useCommand("form.submit", () => add.mutate());

  const hasSecret = apiKey !== "" || authToken !== "";
  const noKeychain = add.error instanceof IpcFailure && add.error.code === "keychain_unavailable";
  const named = ["name", "endpoint", "api_key", "auth_token"].some(
    (field) => fieldError(add.error, field) !== undefined,
  );
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <div>
        <h2 className="text-lg font-semibold">Add Custom LLM</h2>
        <p className="mt-0.5 text-sm text-subtler">
          Any server that speaks the chat completions protocol of OpenAI: Ollama, LM Studio, vLLM, llama.cpp, a gateway.
        </p>
      </div>
      {add.isError && !named && !noKeychain && (
        <Banner kind="negative" role="alert" title="The connection was not saved">
          {messageOf(add.error)}
        </Banner>
      )}
      <Field label="Name" hint="Must match the name of the model on the server." error={fieldError(add.error, "name")}>
        <TextInput value={name} onChange={setName} placeholder="qwen3:8b" spellCheck={false} autoFocus />
      </Field>
      <Field
        label="Endpoint"
        hint={
          endsOddly(endpoint) ? (
            <>
              Usually ends in /v1.{" "}
              <button
                type="button"
                className="font-semibold text-primary-content underline underline-offset-2"
                onClick={() => setEndpoint(withVersionPath(endpoint))}
              >
                Use {withVersionPath(endpoint)}
              </button>
            </>
          ) : (
            "Usually ends in /v1."
          )
        }
        error={fieldError(add.error, "endpoint")}
      >
        <TextInput
          value={endpoint}
          onChange={setEndpoint}
          placeholder="http://127.0.0.1:11434/v1"
          inputMode="url"
          spellCheck={false}
        />
      </Field>
      <div className="grid grid-cols-2 gap-4">
        <Field
          label="API key"
          optional
          hint="Models on this computer usually need none."
          error={fieldError(add.error, "api_key")}
        >
          <SecretInput value={apiKey} onChange={setApiKey} />
        </Field>
        <Field
          label="Auth token"
          optional
          hint="For gateways that ask for one beside the key."
          error={fieldError(add.error, "auth_token")}
        >
          <SecretInput value={authToken} onChange={setAuthToken} />
        </Field>
      </div>
      {hasSecret && (noKeychain || info?.keychain_available === false) && (
        <KeepUntilQuit
          checked={untilQuit}
          onChange={setUntilQuit}
          message={noKeychain ? messageOf(add.error) : undefined}
        />
      )}
      {add.isPending && hasSecret && <KeychainWait />}
      <div className="flex justify-end gap-2 pt-1">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" look="filled" waiting={add.isPending}>
          Save and test
        </Button>
      </div>
    </form>
  );
}
