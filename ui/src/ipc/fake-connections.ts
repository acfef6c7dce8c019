/** Connections of the scripted world to several providers, in all the states that one can be in. */
import { PROVIDER_NAMES } from "@/lib/models";
import type {
  Changed,
  ConnectionEdit,
  ConnectionSummary,
  EnteredHeader,
  KeyStorage,
  ModelInfo,
  ModelPrice,
  NewConnection,
  NewPrice,
  SavedConnection,
  TestRecord,
} from "./bindings";
import { Refused } from "./fake-refused";
import { lived } from "./fake-scenes";
import { ago, blankConnection, NOW, unknownModel, type World } from "./fake-world";

const LEVELS = ["none", "low", "medium", "high", "xhigh", "max"];

type Figures = { context: number; input: number; output: number; retires?: string; isRetired?: boolean };

function known(id: string, { context, input, output, retires, isRetired = false }: Figures): ModelInfo {
  const price: ModelPrice = {
    input_micros: input,
    output_micros: output,
    cached_micros: Math.round(input / 10),
    batch_input_micros: input / 2,
    batch_output_micros: output / 2,
    has_tiers: false,
    is_own: false,
  };
  return {
    ...unknownModel(id),
    context_tokens: context,
    output_tokens_max: 128_000,
    has_vision: true,
    has_pdf: true,
    price,
    listed_price: price,
    retires: retires ?? null,
    is_retired: isRetired,
    ...(id.startsWith("gpt-4") ? { reasoning: [] } : { reasoning: LEVELS, refuses: ["temperature", "top_p"] }),
  };
}

/** A model with the price that was entered, or with the catalogue's again. */
function priced(model: ModelInfo, price: NewPrice | null): ModelInfo {
  const micros = (text: string) => Math.round(Number(text) * 1e6);
  const own: ModelPrice | null = price && {
    input_micros: micros(price.input),
    output_micros: micros(price.output),
    cached_micros: price.cached === null || price.cached === "" ? null : micros(price.cached),
    batch_input_micros: micros(price.input) / 2,
    batch_output_micros: micros(price.output) / 2,
    has_tiers: false,
    is_own: true,
  };
  return { ...model, price: own ?? model.listed_price };
}

function tested(part: Partial<TestRecord>): TestRecord {
  return {
    ok: true,
    message: "Works, in the form that was asked for.",
    fault: null,
    latency_ms: 840,
    suggested_endpoint: null,
    model: null,
    answered_by: null,
    structure: null,
    about_form: null,
    vendor: null,
    abilities: { schema: true, json: true, images: true, pdf: true, logprobs: false },
    ability_sources: {
      schema: "earlier_test",
      json: "earlier_test",
      images: "catalogue",
      pdf: "catalogue",
      logprobs: "test",
    },
    usage: { questions: 3, prompt_tokens: 214, completion_tokens: 27, cost_usd: 0.000035 },
    tested_at: ago(9),
    ...part,
  };
}

const DAY = 60 * 24;

const openAi = (): ConnectionSummary => ({
  ...blankConnection,
  id: "connection-openai",
  provider: "open_ai",
  name: "OpenAI",
  models: [
    { ...known("gpt-6-luna", { context: 922_000, input: 100_000, output: 500_000 }), structure: "json_schema" },
    priced(known("gpt-6.1-sol", { context: 922_000, input: 2_000_000, output: 10_000_000 }), {
      input: "1.6",
      output: "8",
      cached: null,
    }),
    known("gpt-5.4-nano", { context: 272_000, input: 200_000, output: 1_250_000, retires: "2027-04-01" }),
    known("gpt-4.1", { context: 1_047_576, input: 2_000_000, output: 8_000_000, retires: "2027-01-14" }),
    {
      ...known("gpt-4", {
        context: 8192,
        input: 30_000_000,
        output: 60_000_000,
        retires: "2026-10-23",
        isRetired: true,
      }),
      has_vision: false,
    },
    { ...unknownModel("ft:gpt-4.1-mini:research::Bx19aQ2f"), is_added: true },
  ],
  models_listed_at: ago(60 * 5),
  has_api_key: true,
  key_storage: "keychain",
  key_hint: "4f2a",
  key_added_at: "2026-11-03T09:30:00.000Z",
  last_test: tested({ model: "gpt-6-luna", answered_by: "gpt-6-luna-2026-09-30", structure: "json_schema" }),
  prompt_count: 2,
  created_at: ago(22 * DAY),
});

const elsewhere = (): ConnectionSummary[] => [
  {
    ...blankConnection,
    id: "connection-anthropic",
    provider: "anthropic",
    name: "Anthropic",
    base_url: "https://gateway.research.example.org/anthropic",
    models: [
      {
        ...known("claude-haiku-5-5", { context: 1_000_000, input: 100_000, output: 500_000 }),
        price: {
          input_micros: 75_000,
          output_micros: 500_000,
          cached_micros: null,
          batch_input_micros: null,
          batch_output_micros: null,
          has_tiers: true,
          is_own: false,
        },
      },
      known("claude-sonnet-4-5", { context: 200_000, input: 3_000_000, output: 15_000_000, retires: "2026-11-30" }),
    ],
    has_api_key: true,
    key_storage: "keychain",
    key_hint: "Qw7X",
    key_added_at: "2025-12-19T09:30:00.000Z",
    last_test: tested({
      ok: false,
      message: "The provider rejected this key: 401 invalid x-api-key (req_011CVd).",
      fault: "key",
      latency_ms: 231,
      model: "claude-haiku-5-5",
    }),
    created_at: ago(340 * DAY),
  },
  {
    ...blankConnection,
    id: "connection-vertex",
    provider: "vertex_ai",
    name: "Vertex AI",
    endpoint: "https://aiplatform.googleapis.com/v1/projects/labeling-team-4711/locations/global",
    account: "labeling@labeling-team-4711.iam.gserviceaccount.com",
    models: [known("gemini-3.8-flash", { context: 1_048_576, input: 750_000, output: 3_750_000 })],
    has_api_key: true,
    key_storage: "keychain",
    key_added_at: "2026-11-20T09:30:00.000Z",
    last_test: tested({ model: "gemini-3.8-flash", latency_ms: 1240, structure: "json_schema" }),
    created_at: ago(5 * DAY),
  },
  {
    ...blankConnection,
    id: "connection-azure",
    provider: "azure_open_ai",
    name: "gpt-4-1-labeling",
    endpoint: "https://labeling-eu.openai.azure.com",
    deployment: "gpt-4-1-labeling",
    base_model: "gpt-4.1",
    models: [
      {
        ...known("gpt-4-1-labeling", {
          context: 1_047_576,
          input: 2_000_000,
          output: 8_000_000,
          retires: "2027-01-14",
        }),
        structure: "json_schema",
      },
    ],
    has_api_key: true,
    key_storage: "keychain",
    key_hint: "9e01",
    key_added_at: "2026-10-01T09:30:00.000Z",
    last_test: tested({ model: "gpt-4-1-labeling", structure: "json_schema" }),
    created_at: ago(55 * DAY),
  },
  {
    ...blankConnection,
    id: "connection-azure-us",
    provider: "azure_open_ai",
    name: "mini-us",
    endpoint: "https://labeling-us.openai.azure.com",
    deployment: "mini-us",
    header_names: ["x-team", "x-cost-center"],
    proxy: "http://proxy.example.com:3128",
    custom_ca: AUTHORITY,
    concurrency: 4,
    budget_micros: 2_500_000,
    models: [unknownModel("mini-us")],
    has_api_key: true,
    key_storage: "keychain",
    key_hint: "77bc",
    key_added_at: "2026-11-24T09:30:00.000Z",
    created_at: ago(DAY),
  },
];

const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBmTCCAT+gAwIBAgIUWf+tP2fqmhmXpb6IeQP+6+EsRkgwCgYIKoZIzj0EAwIw
ITEfMB0GA1UEAwwWQW4gYXV0aG9yaXR5IGZvciB0ZXN0czAgFw0yNjExMjgxMTQ1
-----END CERTIFICATE-----
`;

type Reach = Pick<ConnectionSummary, "header_names" | "proxy" | "custom_ca" | "concurrency" | "budget_micros">;

/** What stands behind "Advanced" after what was entered there. */
function advanced(entered: ConnectionEdit, before: Reach): Reach {
  const text = (given: string | null, was: string | null) => (given === null ? was : given.trim() || null);
  return {
    header_names: entered.headers?.map(({ name }) => name.trim().toLowerCase()) ?? before.header_names,
    proxy: text(entered.proxy, before.proxy),
    custom_ca: text(entered.custom_ca, before.custom_ca),
    concurrency: entered.concurrency === null ? before.concurrency : entered.concurrency || null,
    budget_micros: entered.budget_micros === null ? before.budget_micros : entered.budget_micros || null,
  };
}

/** The credentials that were pasted, or what Rust reads at the path of those that were dropped: any JSON is a key file. */
function credentialsOf({ credentials, credentials_path: path }: ConnectionEdit): string | null {
  if (credentials !== null || path === null) return credentials;
  if (!path.endsWith(".json")) {
    throw new Refused(
      "invalid",
      `“${path}” is larger than 64 kB; choose the JSON file of the service account’s key`,
      "credentials",
    );
  }
  return JSON.stringify({ client_email: "labeling@team.example", project_id: "team-4711", private_key: "not a key" });
}

/** What Rust learns from what was entered of a vendor, as far as the scripted one does. */
function learned(wanted: NewConnection): Partial<ConnectionSummary> {
  const { provider, location } = wanted;
  switch (provider) {
    case "open_ai":
      return { models: openAi().models.filter((model) => !model.is_added) };
    case "vertex_ai": {
      const account = JSON.parse(credentialsOf(wanted) ?? "{}") as Record<string, string | undefined>;
      const place = `projects/${account.project_id}/locations/${location ?? "global"}`;
      return {
        account: account.client_email ?? null,
        endpoint: `https://aiplatform.googleapis.com/v1/${place}`,
        models: elsewhere().find((connection) => connection.provider === "vertex_ai")?.models ?? [],
      };
    }
    default:
      return {};
  }
}

/** The workspace of some weeks, with keys of several providers; a prompt of it asks a model that retires. */
export function withProviders(): World {
  const world = lived();
  const models: Record<string, string> = { "prompt-new": "gpt-4.1", "prompt-sample": "gpt-4" };
  return {
    ...world,
    connections: [openAi(), ...elsewhere(), ...world.connections],
    prompts: world.prompts.map((prompt) => {
      const model = models[prompt.id];
      if (model === undefined) return prompt;
      const asks = { connection_id: "connection-openai", provider: "open_ai" } as const;
      // The newest version asks a vendor, and those before it the practice model.
      const versions = prompt.versions.map((version, at) =>
        at === 0 ? { ...version, content: { ...version.content, ...asks, model: "gpt-6-luna" } } : version,
      );
      return { ...prompt, versions, draft: { ...prompt.draft, ...asks, model } };
    }),
  };
}

/** What the commands of connections need of the world around them. */
type Outside = {
  world: World;
  hasKeychain: boolean;
  nextId: (kind: string) => string;
  changed: (change: Changed) => void;
};

const UNTRUSTED =
  "No secure connection to models.intern.example: its certificate is signed by itself, or by an authority that this computer does not know. If it is yours or your company's, let the connection trust the authority's certificate (its custom CA).";

/** The commands of the API Keys window. */
export function connectionCommands({ world, hasKeychain, nextId, changed }: Outside) {
  function connection(id: string): ConnectionSummary {
    const found = world.connections.find((connection) => connection.id === id);
    if (found === undefined) throw new Refused("not_found", "This connection is gone.");
    return found;
  }
  function checkEndpoint(endpoint: string): string {
    const trimmed = endpoint.trim().replace(/\/+$/, "");
    if (!/^https?:\/\/[^/]+/.test(trimmed)) {
      throw new Refused(
        "invalid",
        "An endpoint begins with http:// or https://, such as http://127.0.0.1:11434/v1.",
        "endpoint",
      );
    }
    return trimmed;
  }
  /** The last four characters of a key that is not short. */
  function hintOf(key: string | null): string | null {
    return key !== null && key.length >= 12 ? key.slice(-4) : null;
  }
  function checkKeychain(secret: string | null, untilQuit: boolean): void {
    if (!hasKeychain && secret !== null && secret !== "" && !untilQuit) {
      throw new Refused(
        "keychain_unavailable",
        "This computer has no password store that answers; nothing was stored.",
      );
    }
  }
  function keyStorage(one: ConnectionSummary, untilQuit: boolean): KeyStorage {
    const isStored = one.has_api_key || one.has_auth_token || one.header_names.length > 0;
    if (!isStored) return "none";
    return untilQuit ? "until_quit" : "keychain";
  }
  function warningsOf({ provider, base_url, endpoint }: ConnectionSummary, key: string | null): string[] {
    const isOdd = provider !== "anthropic" && provider !== "custom" && base_url === null && key?.startsWith("sk-ant-");
    const isExposed = Boolean(key) && /^http:\/\/(?!127\.|localhost)/.test(base_url ?? endpoint ?? "");
    return [
      ...(isOdd ? [`This looks like a key of Anthropic, and the connection is for ${PROVIDER_NAMES[provider]}.`] : []),
      ...(isExposed ? ["The key travels unencrypted: the endpoint is http, and not on this computer."] : []),
    ];
  }
  function checkKey(key: string | null): void {
    if (key?.includes("****")) {
      throw new Refused(
        "invalid",
        "this is only a key's picture, as it is shown once it is kept, without its middle; copy the key where it was made",
        "api_key",
      );
    }
  }
  const headerValues = (headers: EnteredHeader[] | null) => headers?.map(({ value }) => value ?? "").join("") ?? null;

  return {
    listConnections: () => world.connections,
    addConnection: (wanted: NewConnection): SavedConnection => {
      const called = (wanted.name ?? wanted.model ?? wanted.deployment ?? "").trim();
      const name = wanted.provider === "custom" ? called : called || PROVIDER_NAMES[wanted.provider];
      if (name === "") throw new Refused("invalid", "A connection needs the name of the model on the server.", "name");
      if (world.connections.some((other) => other.name === name)) {
        throw new Refused("name_taken", `A connection named "${name}" exists already.`, "name");
      }
      const needsEndpoint = ["custom", "azure_open_ai", "foundry"].includes(wanted.provider);
      const endpoint = needsEndpoint ? checkEndpoint(wanted.endpoint ?? "") : null;
      const key = wanted.api_key ?? credentialsOf(wanted);
      if (wanted.provider === "vertex_ai" && !key?.includes("client_email")) {
        throw new Refused("invalid", "these are not the credentials of a service account", "credentials");
      }
      if (key === null && wanted.provider !== "custom") throw new Refused("invalid", "enter the API key", "api_key");
      checkKey(wanted.api_key);
      checkKeychain(key, wanted.until_quit);
      checkKeychain(wanted.auth_token, wanted.until_quit);
      checkKeychain(headerValues(wanted.headers), wanted.until_quit);
      const made: ConnectionSummary = {
        ...blankConnection,
        id: nextId("connection"),
        provider: wanted.provider,
        name,
        endpoint,
        base_url: wanted.base_url,
        deployment: wanted.deployment,
        model: wanted.model,
        base_model: wanted.base_model,
        batch_deployment: wanted.batch_deployment,
        project_id: wanted.project_id,
        location: wanted.location,
        ...advanced(wanted, blankConnection),
        models: [unknownModel(wanted.model ?? wanted.deployment ?? name)],
        has_api_key: Boolean(key),
        has_auth_token: Boolean(wanted.auth_token),
        key_hint: hintOf(wanted.api_key),
        key_added_at: key || wanted.auth_token ? NOW.toISOString() : null,
        created_at: NOW.toISOString(),
        ...learned(wanted),
      };
      made.key_storage = keyStorage(made, wanted.until_quit);
      world.connections.push(made);
      changed({ kind: "connections" });
      return { connection: made, warnings: warningsOf(made, key) };
    },
    editConnection: (connectionId: string, edit: ConnectionEdit): SavedConnection => {
      const target = connection(connectionId);
      if (edit.endpoint !== null) target.endpoint = checkEndpoint(edit.endpoint);
      const key = edit.api_key ?? credentialsOf(edit);
      checkKey(edit.api_key);
      checkKeychain(key, edit.until_quit);
      checkKeychain(edit.auth_token, edit.until_quit);
      checkKeychain(headerValues(edit.headers), edit.until_quit);
      const refused = edit.headers?.find(({ name }) => name.toLowerCase() === "authorization");
      if (refused !== undefined)
        throw new Refused(
          "invalid",
          "authorization is set by every request itself; enter the key in its own field",
          "headers",
        );
      target.name = edit.name ?? target.name;
      for (const field of [
        "base_url",
        "deployment",
        "model",
        "base_model",
        "batch_deployment",
        "project_id",
        "location",
      ] as const) {
        const given = edit[field];
        if (given !== null) target[field] = given === "" ? null : given;
      }
      Object.assign(target, advanced(edit, target));
      if (key !== null) {
        target.has_api_key = key !== "";
        target.key_hint = hintOf(key);
        target.key_added_at = key === "" ? null : NOW.toISOString();
        if (key === "" && target.provider === "vertex_ai") Object.assign(target, { account: null, endpoint: null });
      }
      if (edit.auth_token !== null) target.has_auth_token = edit.auth_token !== "";
      target.key_storage = keyStorage(target, edit.until_quit);
      const { name, concurrency, budget_micros, until_quit, ...reached } = edit;
      if (Object.values(reached).some((given) => given !== null)) target.last_test = null;
      changed({ kind: "connections" });
      return { connection: target, warnings: warningsOf(target, key) };
    },
    removeConnection: (connectionId: string) => {
      world.connections.splice(world.connections.indexOf(connection(connectionId)), 1);
      changed({ kind: "connections" });
      return null;
    },
    testConnection: (connectionId: string, model: string | null): TestRecord => {
      const target = connection(connectionId);
      const endpoint = target.endpoint ?? "";
      const asked = model ?? target.models[0]?.id ?? target.name;
      const isTrusted = !endpoint.startsWith("https://models.intern.example") || target.custom_ca !== null;
      const ok = isTrusted && (target.provider !== "custom" || endpoint.endsWith("/v1"));
      const record: TestRecord = {
        ok,
        message: ok
          ? `Works: ${asked} answered in 0.4 s, in the form that was asked for.`
          : isTrusted
            ? "The server answers, but not at this address: 404 Not Found. Such endpoints usually end in /v1."
            : UNTRUSTED,
        fault: ok ? null : isTrusted ? "endpoint" : "authority",
        latency_ms: ok ? 412 : isTrusted ? 38 : 61,
        suggested_endpoint: ok || !isTrusted ? null : `${endpoint}/v1`,
        model: asked,
        answered_by: ok ? asked : null,
        structure: ok && target.provider !== "custom" && target.provider !== "practice" ? "json_schema" : null,
        about_form: null,
        vendor: null,
        abilities: ok
          ? {
              schema: true,
              json: true,
              images: target.models.find(({ id }) => id === asked)?.has_vision ?? false,
              pdf: target.models.find(({ id }) => id === asked)?.has_pdf ?? false,
              logprobs: null,
            }
          : null,
        ability_sources: ok
          ? { schema: "test", json: "test", images: "catalogue", pdf: "catalogue", logprobs: null }
          : null,
        usage: null,
        tested_at: NOW.toISOString(),
      };
      target.last_test = record;
      changed({ kind: "connections" });
      return record;
    },
    refreshModels: (connectionId: string) => {
      const target = connection(connectionId);
      target.models_listed_at = NOW.toISOString();
      changed({ kind: "connections" });
      return target;
    },
    addModel: (connectionId: string, model: string) => {
      const target = connection(connectionId);
      target.models.push({ ...unknownModel(model), is_added: true });
      changed({ kind: "connections" });
      return target;
    },
    removeModel: (connectionId: string, model: string) => {
      const target = connection(connectionId);
      target.models = target.models.filter(({ id, is_added }) => id !== model || !is_added);
      changed({ kind: "connections" });
      return target;
    },
    setModelPrice: (connectionId: string, model: string, price: NewPrice | null) => {
      const target = connection(connectionId);
      for (const [field, text] of Object.entries(price ?? {})) {
        if (text === null || text === "" || Number(text) >= 0) continue;
        throw new Refused("invalid", `“${text}” is no amount; enter dollars, for example 0.15`, field);
      }
      target.models = target.models.map((known) => (known.id === model ? priced(known, price) : known));
      changed({ kind: "connections" });
      return target;
    },
  };
}
