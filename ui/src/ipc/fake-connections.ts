/** Connections of the scripted world to several providers, in all the states that one can be in. */
import type {
  ConnectionEdit,
  ConnectionSummary,
  ModelInfo,
  ModelPrice,
  NewConnection,
  NewPrice,
  TestRecord,
} from "./bindings";
import { ago, blankConnection, lived, unknownModel, type World } from "./fake-world";

type Figures = { context: number; input: number; output: number; retires?: string; isRetired?: boolean };

function known(id: string, { context, input, output, retires, isRetired = false }: Figures): ModelInfo {
  const price: ModelPrice = {
    input_micros: input,
    output_micros: output,
    cached_micros: Math.round(input / 10),
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
  };
}

/** A model with the price that was entered, or with the catalogue's again. */
export function priced(model: ModelInfo, price: NewPrice | null): ModelInfo {
  const micros = (text: string) => Math.round(Number(text) * 1e6);
  const own: ModelPrice | null = price && {
    input_micros: micros(price.input),
    output_micros: micros(price.output),
    cached_micros: price.cached === null || price.cached === "" ? null : micros(price.cached),
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
    abilities: { schema: true, json: true, images: true, pdf: true, logprobs: null },
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
        price: { input_micros: 75_000, output_micros: 500_000, cached_micros: null, has_tiers: true, is_own: false },
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
      latency_ms: null,
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

type Reach = Pick<ConnectionSummary, "header_names" | "proxy" | "custom_ca" | "concurrency">;

/** What stands behind "Advanced" after what was entered there. */
export function advanced(entered: ConnectionEdit, before: Reach): Reach {
  const text = (given: string | null, was: string | null) => (given === null ? was : given.trim() || null);
  return {
    header_names: entered.headers?.map(({ name }) => name.trim().toLowerCase()) ?? before.header_names,
    proxy: text(entered.proxy, before.proxy),
    custom_ca: text(entered.custom_ca, before.custom_ca),
    concurrency: entered.concurrency === null ? before.concurrency : entered.concurrency || null,
  };
}

/** What Rust learns from what was entered of a vendor, as far as the scripted one does. */
export function learned({ provider, credentials, location }: NewConnection): Partial<ConnectionSummary> {
  switch (provider) {
    case "open_ai":
      return { models: openAi().models.filter((model) => !model.is_added) };
    case "vertex_ai": {
      const account = JSON.parse(credentials ?? "{}") as Record<string, string | undefined>;
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
