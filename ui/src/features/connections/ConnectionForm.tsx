import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useCommand } from "@/components/commands";
import { Advanced } from "@/components/reach/Advanced";
import { KeepUntilQuit } from "@/components/secrets/KeepUntilQuit";
import { KeychainWait } from "@/components/secrets/KeychainWait";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import type { SavedConnection } from "@/ipc/bindings";
import { fieldError, ipc, messageOf } from "@/ipc/client";
import { appInfoQuery } from "@/ipc/queries";
import { PROVIDER_NAMES } from "@/lib/models";
import { EntryInput } from "./EntryInput";
import { isKeychainMissing } from "./edit";
import { azureAddress, deploymentIn } from "./endpoint";
import { type HeaderRow, HeadersInput, headersOf } from "./HeadersInput";
import { keyWarning } from "./keyShape";
import { useMissing } from "./missing";
import {
  type EntryField,
  editOf,
  FORMS,
  filled,
  isSecret,
  NOTHING_ENTERED,
  nounOf,
  PRESETS,
  type Typed,
  textOf,
  type Vendor,
} from "./providers";
import { useRefusals } from "./refusals";

type ConnectionFormProps = {
  provider: Vendor;
  /** Where it leads, if that is known already. */
  endpoint?: string | undefined;
  onAdded: (saved: SavedConnection) => void;
  onCancel: () => void;
};

/** Adds a connection: the fields that its provider asks for, no others. */
export function ConnectionForm({ provider, endpoint, onAdded, onCancel }: ConnectionFormProps) {
  const { about, fields, advanced } = FORMS[provider];
  const { data: info } = useQuery(appInfoQuery());
  const [entered, setEntered] = useState<Typed>(endpoint === undefined ? {} : { endpoint });
  const [headers, setHeaders] = useState<HeaderRow[]>([]);
  const [untilQuit, setUntilQuit] = useState(false);
  const enter = (part: Typed) => setEntered((before) => ({ ...before, ...part }));
  const add = useMutation({
    // It keeps what was sent, which may be a key: forgotten with the form, not five minutes later.
    gcTime: 0,
    mutationFn: (entered: Typed) =>
      ipc.addConnection({
        provider,
        ...NOTHING_ENTERED,
        ...editOf(filled(entered)),
        headers: headers.length === 0 ? null : headersOf(headers),
        until_quit: untilQuit,
        without_key: false,
      }),
    onSuccess: onAdded,
  });
  const form = useRef<HTMLFormElement>(null);
  const { isWhole, missingOf } = useMissing(fields, (name) => textOf(entered, name), form);
  const valuesOf = (entered: Typed) => ({ ...entered, credentials: textOf(entered, "credentials"), headers });
  const { noteSent, refusalOf } = useRefusals(add.error, valuesOf(entered));
  const submit = () => {
    // The keys that confirm a dialog do not wait for the button.
    if (add.isPending) return;
    const whole = withDeployment(provider, entered);
    setEntered(whole);
    if (!isWhole((name) => textOf(whole, name))) return add.reset();
    noteSent(valuesOf(whole));
    add.mutate(whole);
  };
  useCommand("form.submit", submit);

  const errorOf = (field: EntryField) => missingOf(field) ?? refusalOf(field.name);
  const isTold = [...fields, ...advanced, { name: "headers" }].some(
    ({ name }) => fieldError(add.error, name) !== undefined,
  );
  const secrets = fields.filter((field) => isSecret(field) && textOf(entered, field.name) !== "");
  const hasHeader = headers.some(({ value }) => value !== "");
  const hasSecret = secrets.length > 0 || hasHeader;
  const [secret, ...others] = secrets;
  const headersError = refusalOf("headers");
  const noKeychain = isKeychainMissing(add.error);
  const input = (field: EntryField, first = false) => (
    <EntryInput
      key={field.name}
      field={field}
      entered={entered}
      onEnter={enter}
      error={errorOf(field)}
      warning={
        field.name === "api_key" ? keyWarning(provider, entered.api_key ?? "", entered.base_url ?? null) : undefined
      }
      {...(provider === "azure_open_ai" && field.name === "endpoint"
        ? {
            address: azureAddress({
              endpoint: entered.endpoint ?? "",
              deployment: entered.deployment ?? "",
              baseUrl: entered.base_url ?? "",
            }),
            onLeave: () => setEntered((before) => withDeployment(provider, before)),
          }
        : {})}
      autoFocus={first}
    />
  );
  return (
    <form
      ref={form}
      className="flex max-w-[40rem] flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div>
        <h2 className="text-lg font-semibold">Add {PROVIDER_NAMES[provider]}</h2>
        <p className="mt-0.5 text-sm text-subtler">{about}</p>
      </div>
      {add.isError && !noKeychain && !isTold && (
        <Banner kind="negative" role="alert" title="The connection was not saved">
          {messageOf(add.error)}
        </Banner>
      )}
      {provider === "custom" && (
        <fieldset className="flex flex-wrap items-center gap-1.5">
          <legend className="float-left mr-1 text-xs text-subtler">Fill in the endpoint of</legend>
          {PRESETS.map(({ name, endpoint }) => (
            <Button key={name} size="small" title={endpoint} onClick={() => enter({ endpoint })}>
              {name}
            </Button>
          ))}
        </fieldset>
      )}
      {fields.map((field, at) => input(field, at === 0))}
      {hasSecret && (noKeychain || info?.keychain_available === false) && (
        <KeepUntilQuit
          what={secret === undefined || others.length > 0 || hasHeader ? "values" : nounOf(secret)}
          checked={untilQuit}
          onChange={setUntilQuit}
          message={noKeychain ? messageOf(add.error) : undefined}
        />
      )}
      <Advanced faulty={headersError !== undefined || advanced.some((field) => errorOf(field) !== undefined)}>
        {advanced.map((field) => input(field))}
        <HeadersInput rows={headers} onChange={setHeaders} untilQuit={untilQuit} error={headersError} />
      </Advanced>
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

/** What was entered, with the deployment that the target URI of Azure names, unless one was entered. */
function withDeployment(provider: Vendor, entered: Typed): Typed {
  if (provider !== "azure_open_ai" || (entered.deployment ?? "").trim() !== "") return entered;
  const deployment = deploymentIn(entered.endpoint ?? "");
  return deployment === null ? entered : { ...entered, deployment };
}
