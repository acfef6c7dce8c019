import { useMutation } from "@tanstack/react-query";
import { Activity, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { ConfirmDialog } from "@/components/ui/Dialog";
import { Select } from "@/components/ui/Select";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { ConnectionSummary, SavedConnection } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { formatCount, formatDayOf } from "@/lib/format";
import { PROVIDER_NAMES } from "@/lib/models";
import { useEdit } from "./edit";
import { Models } from "./Models";
import { Place } from "./Place";
import { type EntryField, FORMS, isSecret, lacksKey, PROVIDERS, placeOf } from "./providers";
import { StoredSecret } from "./StoredSecret";
import { TestResult } from "./TestResult";

type ConnectionPanelProps = {
  connection: ConnectionSummary;
  /** What was odd about the key when it was saved. */
  warnings: readonly string[];
  onWarningsRead: () => void;
  /** Whether the switch of that name keeps it from being asked. */
  offline: boolean;
  testing: boolean;
  testError: Error | null;
  /** Whether it was tested because it was saved, which may have been done far below. */
  testedBySave: boolean;
  onTest: (model: string | null) => void;
  onSaved: (saved: SavedConnection) => void;
  onRemoved: () => void;
};

export function ConnectionPanel({ connection, warnings, onWarningsRead, ...rest }: ConnectionPanelProps) {
  const { offline, testing, testError, testedBySave, onTest, onSaved, onRemoved } = rest;
  const [removing, setRemoving] = useState(false);
  const [placeChanged, setPlaceChanged] = useState(false);
  const [authorityWishes, setAuthorityWishes] = useState(0);
  const [model, setModel] = useState<string | null>(connection.last_test?.model ?? null);
  const tester = useRef<HTMLButtonElement>(null);
  // The key stays what it was when something else is saved, and so does what is odd about it, but behind a gateway.
  const placeSaved = (saved: SavedConnection) =>
    onSaved({ ...saved, warnings: saved.connection.base_url === null ? [...warnings] : [] });
  const use = useEdit(connection, (saved) => {
    // What was pressed goes with the test that suggested it.
    tester.current?.focus();
    placeSaved(saved);
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
  const vendor = PROVIDER_NAMES[connection.provider];
  const used =
    connection.prompt_count === 0 ? "used by no prompt" : `used by ${formatCount(connection.prompt_count, "prompt")}`;
  const provider = PROVIDERS.find((provider) => provider === connection.provider);
  const fields = provider === undefined ? [] : FORMS[provider].fields;
  const asked = connection.models.find(({ id }) => id === model)?.id ?? connection.models[0]?.id ?? null;
  const unasked = lacksKey(connection)
    ? "Nothing can be asked without a key."
    : offline
      ? "Offline is on: only this computer is reached."
      : undefined;
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-start gap-3">
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="text-lg font-semibold break-words select-text">{connection.name}</h2>
          <p className="text-sm text-subtler">
            {connection.name === vendor ? used.replace(/^./, (letter) => letter.toUpperCase()) : `${vendor} · ${used}`}{" "}
            · added <RelativeTime iso={connection.created_at} />
          </p>
        </div>
        <div className="flex min-w-0 gap-2">
          {connection.models.length > 1 && (
            <Select
              label="Model to test"
              prefix="Model"
              value={asked}
              onChange={setModel}
              options={connection.models.map(({ id, is_retired }) => ({
                value: id,
                label: is_retired ? `${id}, retired` : id,
              }))}
              className="max-w-64"
            />
          )}
          <Button
            ref={tester}
            icon={Activity}
            onClick={() => onTest(asked)}
            waiting={testing}
            disabledReason={
              unasked ?? (placeChanged ? "Save what you changed first: what is stored would be tested." : undefined)
            }
          >
            {testing ? "Testing…" : "Test"}
          </Button>
        </div>
      </div>
      {warnings.length > 0 && (
        <Banner kind="warning" role="alert" title="Is this what you meant?" onDismiss={onWarningsRead}>
          {warnings.join(" ")} It is saved as you entered it.
        </Banner>
      )}
      {offline && !lacksKey(connection) && (
        <Banner
          title="Offline is on"
          actions={
            <Button size="small" command="app.settings">
              Settings
            </Button>
          }
        >
          Only this computer is reached, so nothing is asked here until you switch that off.
        </Banner>
      )}
      <TestResult
        connection={connection}
        testing={testing}
        error={testError}
        inSight={testedBySave}
        onUse={(address) =>
          use.mutate(connection.provider === "open_ai" ? { base_url: address } : { endpoint: address })
        }
        onAddAuthority={() => setAuthorityWishes(authorityWishes + 1)}
      />
      {use.isError && (
        <Banner kind="negative" role="alert" title="The connection was not changed">
          {messageOf(use.error)}
        </Banner>
      )}
      {fields.filter(isSecret).map((field) => (
        <StoredSecret
          key={field.name}
          connection={connection}
          field={field}
          stored={field.name === "auth_token" ? connection.has_auth_token : connection.has_api_key}
          mark={<SecretMark connection={connection} field={field} />}
          onSaved={onSaved}
        />
      ))}
      {provider === "vertex_ai" && <Account connection={connection} />}
      {provider !== undefined && (
        <Place
          connection={connection}
          provider={provider}
          authorityWishes={authorityWishes}
          onSaved={placeSaved}
          onChanged={setPlaceChanged}
        />
      )}
      <Models connection={connection} unasked={unasked} />
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
        {secretWords(connection)}
        {connection.prompt_count === 0
          ? "No draft uses it. Versions that asked it cannot run again as they are; their runs and results are kept."
          : `${formatCount(connection.prompt_count, "prompt uses", "prompts use")} it and cannot run until another model is chosen. Runs and results are kept.`}
      </ConfirmDialog>
    </div>
  );
}

/** What goes with a connection for good. */
function secretWords({ provider, has_api_key, has_auth_token, header_names }: ConnectionSummary): string {
  const hasMore = has_auth_token || header_names.length > 0 || provider === "vertex_ai";
  if (!has_api_key && !hasMore) return "";
  return `Its ${hasMore ? "secrets are" : "key is"} deleted from this computer and cannot be brought back. `;
}

/** By what its owner knows a secret again. */
function SecretMark({ connection, field }: { connection: ConnectionSummary; field: EntryField }) {
  const { key_hint, key_added_at, account } = connection;
  const added = key_added_at === null ? "" : `, added ${formatDayOf(key_added_at, new Date())}`;
  if (field.kind === "credentials") return `${account ?? "Stored"}${added}`;
  return (
    <>
      <span className="font-mono">
        <span aria-hidden>••••</span>
        <span className="sr-only">Stored</span>
        {field.name === "api_key" && key_hint !== null ? ` ${key_hint}` : ""}
      </span>
      {added}
    </>
  );
}

/** What Rust recognised in the credentials. */
function Account({ connection }: { connection: ConnectionSummary }) {
  const place = placeOf(connection.endpoint);
  if (place === null) return null;
  return (
    <p className="text-sm text-subtle select-text">
      Asks in the project <span className="font-mono">{place.project}</span>, location{" "}
      <span className="font-mono">{place.location}</span>.
    </p>
  );
}
