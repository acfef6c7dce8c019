/** What each provider asks for, in the words of the window. */
import { CUSTOM_CA, PROXY } from "@/components/reach/fields";
import type { ConnectionEdit, ConnectionSummary, Provider } from "@/ipc/bindings";
import { amountOf, microsOf } from "@/lib/amount";

/** The providers that can be asked from here, in the order of the window. */
export const PROVIDERS = [
  "open_ai",
  "gemini",
  "vertex_ai",
  "anthropic",
  "azure_open_ai",
  "foundry",
  "custom",
] as const satisfies readonly Provider[];

export type Vendor = (typeof PROVIDERS)[number];

/** What is entered of a connection, by its name in the request. */
export type Entry = Exclude<keyof ConnectionEdit, "until_quit" | "headers">;

/** What was typed, by field. */
export type Typed = Partial<Record<Entry, string>>;

/** A request in which no field was filled. */
export const NOTHING_ENTERED: ConnectionEdit = {
  name: null,
  endpoint: null,
  base_url: null,
  deployment: null,
  model: null,
  base_model: null,
  batch_deployment: null,
  project_id: null,
  location: null,
  api_key: null,
  auth_token: null,
  credentials: null,
  credentials_path: null,
  headers: null,
  proxy: null,
  custom_ca: null,
  concurrency: null,
  budget_micros: null,
  until_quit: false,
};

export type EntryField = {
  name: Entry;
  label: string;
  hint: string;
  optional?: boolean;
  placeholder?: string;
  /** `endpoint` is an address whose version path can be mended. */
  kind?: "text" | "address" | "endpoint" | "number" | "dollars" | "certificate" | "secret" | "credentials";
};

type Form = {
  /** What is added, in one line. */
  about: string;
  fields: readonly EntryField[];
  /** Behind "Advanced". */
  advanced: readonly EntryField[];
  /** Whether there may be several. The others have one account for everything. */
  many: boolean;
};

const LENGTHS: Partial<Record<Entry, number>> = { project_id: 255, location: 255, concurrency: 3, budget_micros: 10 };

/** The longest text that a field takes, in characters; a secret has no such limit. */
export function lengthMax(field: EntryField): number | undefined {
  return isSecret(field) ? undefined : (LENGTHS[field.name] ?? 512);
}

export function isSecret({ kind }: EntryField): boolean {
  return kind === "secret" || kind === "credentials";
}

/** What to say of a field that was left empty, though the provider cannot do without it. */
export function missingWords(field: EntryField, textOf: (name: Entry) => string): string | undefined {
  const isEmpty = (name: Entry) => textOf(name).trim() === "";
  if (field.optional === true || !isEmpty(field.name)) return undefined;
  // A Custom LLM may be named by its model.
  if (field.name === "name" && !isEmpty("model")) return undefined;
  if (field.name === "deployment" && /\/deployments\/[^/?#]/.test(textOf("endpoint"))) return undefined;
  const noun = field.label.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  return `Enter the ${noun}${field.placeholder === undefined ? "" : `, for example ${field.placeholder}`}.`;
}

/** Whether nothing of it can be asked, because its key was removed. */
export function lacksKey({ provider, has_api_key }: ConnectionSummary): boolean {
  return provider !== "custom" && provider !== "practice" && !has_api_key;
}

/** The providers that list the models that a key may use. Vertex AI has no such list, and the others are one model each. */
export const LISTING: readonly Provider[] = ["open_ai", "gemini", "anthropic"];

/** What a secret is called within a sentence. */
export function nounOf({ name, kind }: EntryField): "key" | "token" | "credentials" {
  return kind === "credentials" ? "credentials" : name === "auth_token" ? "token" : "key";
}

const baseUrl: EntryField = {
  name: "base_url",
  label: "Base URL",
  hint: "Of a gateway: it takes the place of the vendor's own address; the paths stay.",
  optional: true,
  placeholder: "https://gateway.example.com",
  kind: "address",
};
const key = (hint: string): EntryField => ({ name: "api_key", label: "API key", hint, kind: "secret" });
const ownName = (hint: string): EntryField => ({ name: "name", label: "Name", hint, optional: true });

/** How any server is reached, and how much it is asked at once. */
const reach: readonly EntryField[] = [
  {
    name: "concurrency",
    label: "Requests at once",
    hint: "Over all runs that ask it, 1 to 512. Without a number, as many as the settings say.",
    optional: true,
    kind: "number",
  },
  {
    name: "budget_micros",
    label: "Budget a day",
    hint: "In dollars. Runs pause before it is passed; only models whose price is known can be run then. Days are those of UTC.",
    optional: true,
    kind: "dollars",
  },
  { name: "proxy", ...PROXY, optional: true, kind: "address" },
  { name: "custom_ca", ...CUSTOM_CA, optional: true, kind: "certificate" },
];

export const FORMS: Record<Vendor, Form> = {
  open_ai: {
    about: "The models of OpenAI, by one key.",
    fields: [key("Of your project at platform.openai.com; it begins with sk-.")],
    advanced: [baseUrl, ...reach],
    many: false,
  },
  gemini: {
    about: "The Gemini models of Google, by a key of Google AI Studio.",
    fields: [key("Of Google AI Studio. The credentials of a Google Cloud project belong to Vertex AI.")],
    advanced: [baseUrl, ...reach],
    many: false,
  },
  vertex_ai: {
    about: "The Gemini models of a Google Cloud project, by the key file of a service account.",
    fields: [
      {
        name: "credentials",
        label: "JSON credentials",
        hint: "The key file of a service account that may use Vertex AI. It is kept in the system's keychain.",
        kind: "credentials",
      },
      {
        name: "project_id",
        label: "Project ID",
        hint: "That of the credentials, unless you enter another.",
        optional: true,
      },
      {
        name: "location",
        label: "Location",
        hint: "A region such as europe-west4; without one, global.",
        optional: true,
        placeholder: "global",
      },
    ],
    advanced: [baseUrl, ...reach],
    many: false,
  },
  anthropic: {
    about: "The models of Anthropic, by one key.",
    fields: [key("Of your workspace at console.anthropic.com; it begins with sk-ant-.")],
    advanced: [baseUrl, ...reach],
    many: false,
  },
  azure_open_ai: {
    about: "One deployment of a model in Azure OpenAI. Add one for each deployment.",
    fields: [
      {
        name: "deployment",
        label: "Deployment",
        hint: "Its name, which may differ from the model's; not needed where the endpoint names it.",
        placeholder: "gpt-4-1-labeling",
      },
      {
        name: "endpoint",
        label: "Endpoint",
        hint: "The target URI that Azure shows for the deployment; a part of it is enough.",
        placeholder: "https://my-resource.openai.azure.com",
        kind: "address",
      },
      key("One of the two keys of the resource."),
    ],
    advanced: [
      {
        name: "base_model",
        label: "Model of the deployment",
        hint: "For its price and limits, where the deployment's name does not tell.",
        optional: true,
        placeholder: "gpt-4.1",
      },
      {
        name: "batch_deployment",
        label: "Deployment for batches",
        hint: "Of the kind GlobalBatch or DataZoneBatch, of the same model: runs can be handed over as a batch then.",
        optional: true,
        placeholder: "gpt-4-1-batch",
      },
      ownName("What it is called here; the deployment's name, unless you enter another."),
      baseUrl,
      ...reach,
    ],
    many: true,
  },
  foundry: {
    about: "One model in Azure AI Foundry. Add one for each model.",
    fields: [
      {
        name: "model",
        label: "Model",
        hint: "The value of the parameter model that Azure shows with the endpoint.",
        placeholder: "mistral-large-3",
      },
      {
        name: "endpoint",
        label: "Endpoint",
        hint: "The target URI that Azure shows for the model.",
        placeholder: "https://my-resource.services.ai.azure.com/models",
        kind: "address",
      },
      key("The key that Azure shows with the endpoint."),
    ],
    advanced: [ownName("What it is called here; the model's name, unless you enter another."), baseUrl, ...reach],
    many: true,
  },
  custom: {
    about:
      "Any server that speaks the chat completions protocol of OpenAI: Ollama, LM Studio, vLLM, llama.cpp, a gateway.",
    fields: [
      {
        name: "name",
        label: "Name",
        hint: "Must match the name of the model on the server.",
        placeholder: "qwen3:8b",
      },
      {
        name: "endpoint",
        label: "Endpoint",
        hint: "Usually ends in /v1.",
        placeholder: "http://127.0.0.1:11434/v1",
        kind: "endpoint",
      },
      {
        name: "api_key",
        label: "API key",
        hint: "Bound to an account. Models on this computer usually need none.",
        optional: true,
        kind: "secret",
      },
      {
        name: "auth_token",
        label: "Auth token",
        hint: "Lets you in at the server or its gateway, beside the key.",
        optional: true,
        kind: "secret",
      },
    ],
    advanced: [
      {
        name: "model",
        label: "Model",
        hint: "Only if the server calls it otherwise than the name above, as when two servers have the same one.",
        optional: true,
      },
      ...reach,
    ],
    many: true,
  },
};

/** Where servers of a kind listen unless they are told otherwise. */
export const PRESETS: readonly { name: string; endpoint: string }[] = [
  { name: "Ollama", endpoint: "http://127.0.0.1:11434/v1" },
  { name: "LM Studio", endpoint: "http://127.0.0.1:1234/v1" },
  { name: "vLLM", endpoint: "http://127.0.0.1:8000/v1" },
  { name: "SGLang", endpoint: "http://127.0.0.1:30000/v1" },
  { name: "llama.cpp", endpoint: "http://127.0.0.1:8080/v1" },
  { name: "Hugging Face router", endpoint: "https://router.huggingface.co/v1" },
];

/** What is entered in a field; of credentials that were dropped, where they lie. */
export function textOf(typed: Typed, name: Entry): string {
  const dropped = name === "credentials" ? typed.credentials_path : "";
  return typed[name] || dropped || "";
}

/** The fields that hold something, without blanks around it. */
export function filled(typed: Typed): Typed {
  const texts = Object.entries(typed).map(([name, text]) => [name, text.trim()] as const);
  return Object.fromEntries(texts.filter(([, text]) => text !== ""));
}

/** What was typed, as it is sent: of a number nothing is none. */
export function editOf(typed: Typed): Partial<ConnectionEdit> {
  const { concurrency, budget_micros, ...texts } = typed;
  return {
    ...texts,
    ...(concurrency === undefined ? {} : { concurrency: Number(concurrency) }),
    ...(budget_micros === undefined ? {} : { budget_micros: microsOf(budget_micros) ?? 0 }),
  };
}

/** What the summary says of a field that is no secret. */
export function enteredOf(connection: ConnectionSummary, name: Entry): string {
  switch (name) {
    case "api_key":
    case "auth_token":
    case "credentials":
    case "credentials_path":
      return "";
    case "budget_micros":
      return amountOf(connection.budget_micros);
    default:
      return String(connection[name] ?? "");
  }
}

/** Project and location in an address of Vertex AI, where Rust says what it took from the credentials. */
export function placeOf(endpoint: string | null): { project: string; location: string } | null {
  const [, project, location] = /\/projects\/([^/]+)\/locations\/([^/]+)/.exec(endpoint ?? "") ?? [];
  return project === undefined || location === undefined ? null : { project, location };
}
