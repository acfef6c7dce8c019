/** What the scripted world of `fake.ts` is made of: its clock, its chance, and data as unruly as that of real users. */
import type {
  AskedModel,
  ConnectionSummary,
  DraftContent,
  JsonValue,
  LabelMove,
  LabelStudioServer,
  ModelInfo,
  Only,
  Outline,
  PauseCause,
  ProjectSummary,
  PullPlan,
  Push,
  Region,
  Repetition,
  RunBatch,
  RunStatus,
  ServerProject,
  SpaceSummary,
  Subset,
} from "./bindings";

export const NOW = new Date("2026-11-25T10:30:00Z");

export function ago(minutes: number): string {
  return new Date(NOW.getTime() - minutes * 60_000).toISOString();
}

export type Project = {
  summary: ProjectSummary;
  xml: string;
  outline: Outline;
  variables: string[];
  schema: JsonValue;
  task: (position: number) => { [key in string]: JsonValue };
  /** The regions that are right for a task. */
  truth: (position: number) => Region[];
  /** The regions that a run answered when it was wrong. */
  mistake: (position: number) => Region[];
};

export type Run = {
  id: string;
  number: number;
  versionId: string;
  /** In place of the version's own. */
  model?: AskedModel;
  repetition?: Repetition;
  subset: Subset;
  only?: Only;
  status: RunStatus;
  reason: string | null;
  total: number;
  done: number;
  createdAt: string;
  wallMs: number;
  /** Of a hundred answers, so many are right. */
  skill: number;
  limitMicros?: number | null;
  /** `undefined` where its price is not known, or nothing is paid. */
  costMicros?: number;
  /** Requests at once; 8 unless somebody said so. */
  concurrency?: number;
  isPausing?: boolean;
  /** When it joined the queue, by a count; it was not begun since. */
  queuedAs?: number;
  cause?: PauseCause;
  /** It waits with others, which go on with it. */
  isHeld?: boolean;
  /** It ended with the program that was at work on it. */
  isInterrupted?: boolean;
  batch?: RunBatch;
  /** Its answers say how sure the model was. */
  hasConfidence?: boolean;
};

export type Version = {
  id: string;
  number: number;
  hash: string;
  message: string;
  createdAt: string;
  content: DraftContent;
};

export type Prompt = {
  id: string;
  name: string;
  description: string;
  projectId: string;
  isSample: boolean;
  updatedAt: string;
  draft: DraftContent;
  /** Number of the version that the draft was started from; the newest where it is not given. */
  basedOn?: number | undefined;
  versions: Version[];
  runs: Run[];
  /** By name, the version that each points to. */
  labels?: Record<string, string>;
  moves?: LabelMove[];
  folder?: string;
  /** Without one it is in the space that every workspace has. */
  spaceId?: string;
  /** It came from elsewhere and has no project. */
  isUnaimed?: boolean;
};

export type World = {
  projects: Project[];
  connections: ConnectionSummary[];
  prompts: Prompt[];
  spaces: Omit<SpaceSummary, "prompt_count">[];
  labelStudio: LabelStudio;
};

/** The servers that were connected, and how they are. */
export type LabelStudio = {
  servers: Omit<LabelStudioServer, "linked">[];
  /** By the id of the server, the projects that it has. */
  projects: Record<string, Omit<ServerProject, "project_id">[]>;
  pushes: Push[];
  /** Why servers are not reached; `null` while they are. */
  gone: string | null;
  /** Of each push, how many predictions the server does not take, and why. */
  refused: { predictions: number; reason: string };
  /** So many predictions are of data that a pull changed since. */
  otherData: number;
  /** By the id of the project here, what changed there since it was pulled. */
  changes: Record<string, PullPlan>;
};

/** A number in 0..1 that is always the same for the same place. */
export function chance(seed: number, salt = 0): number {
  let state = (seed + 1) * 2_654_435_761 + salt * 40_503;
  state = Math.imul(state ^ (state >>> 16), 2_246_822_507);
  state = Math.imul(state ^ (state >>> 13), 3_266_489_909);
  return ((state ^ (state >>> 16)) >>> 0) / 4_294_967_296;
}

/** A model of which nothing is known but its id. */
export function unknownModel(id: string): ModelInfo {
  return {
    id,
    context_tokens: null,
    output_tokens_max: null,
    has_vision: null,
    has_pdf: null,
    price: null,
    listed_price: null,
    retires: null,
    is_retired: false,
    is_added: false,
    is_free: false,
    is_assumed_free: false,
    structure: null,
    speed: null,
    reasoning: null,
    refuses: [],
  };
}

/** A custom connection of which nothing else is known. */
export const blankConnection: Omit<ConnectionSummary, "id" | "name" | "created_at"> = {
  provider: "custom",
  endpoint: null,
  base_url: null,
  deployment: null,
  model: null,
  base_model: null,
  batch_deployment: null,
  project_id: null,
  location: null,
  account: null,
  header_names: [],
  proxy: null,
  custom_ca: null,
  concurrency: null,
  budget_micros: null,
  models: [],
  models_listed_at: null,
  has_api_key: false,
  has_auth_token: false,
  key_storage: "none",
  key_hint: null,
  key_added_at: null,
  last_test: null,
  prompt_count: 0,
};

export const practice: ConnectionSummary = {
  ...blankConnection,
  id: "connection-practice",
  provider: "practice",
  name: "practice",
  models: [unknownModel("practice")],
  prompt_count: 1,
  created_at: ago(42),
};

export const connections: ConnectionSummary[] = [
  practice,
  {
    ...blankConnection,
    id: "connection-qwen",
    name: "qwen3:8b",
    endpoint: "http://127.0.0.1:11434/v1",
    models: [unknownModel("qwen3:8b")],
    last_test: {
      ok: true,
      message: "Works: qwen3:8b answered in 0.4 s, in the form that was asked for.",
      fault: null,
      latency_ms: 412,
      suggested_endpoint: null,
      model: "qwen3:8b",
      answered_by: "qwen3:8b",
      structure: null,
      about_form: null,
      vendor: null,
      abilities: { schema: true, json: true, images: false, pdf: null, logprobs: true },
      ability_sources: { schema: "test", json: "test", images: "test", pdf: null, logprobs: "test" },
      usage: null,
      tested_at: ago(9),
    },
    prompt_count: 3,
    created_at: ago(60 * 24 * 9),
  },
  {
    ...blankConnection,
    id: "connection-long",
    name: "meta-llama/Llama-3.3-70B-Instruct-Turbo-with-an-unusually-long-deployment-suffix-eu-central-2",
    endpoint: "https://inference.eu-central-2.models.research.example.org/tenants/labeling-team/openai/v1",
    models: [unknownModel("meta-llama/Llama-3.3-70B-Instruct-Turbo")],
    has_api_key: true,
    has_auth_token: true,
    key_storage: "keychain",
    key_hint: "4f2a",
    key_added_at: ago(60 * 24 * 3),
    last_test: {
      ok: false,
      message: "The server answers, but not at this address: 404 Not Found. Such endpoints usually end in /v1.",
      fault: "endpoint",
      latency_ms: null,
      suggested_endpoint: "https://inference.eu-central-2.models.research.example.org/tenants/labeling-team/v1",
      model: "meta-llama/Llama-3.3-70B-Instruct-Turbo",
      answered_by: null,
      structure: null,
      about_form: null,
      vendor: null,
      abilities: { schema: true, json: true, images: false, pdf: null, logprobs: true },
      ability_sources: { schema: "test", json: "test", images: "test", pdf: null, logprobs: "test" },
      usage: null,
      tested_at: ago(60 * 26),
    },
    created_at: ago(60 * 24 * 3),
  },
  {
    ...blankConnection,
    id: "connection-untested",
    name: "mistral-small",
    endpoint: "http://localhost:1234/v1",
    models: [{ ...unknownModel("mistral-small"), is_free: true, is_assumed_free: true }],
    has_api_key: true,
    key_storage: "until_quit",
    created_at: ago(60),
  },
];
