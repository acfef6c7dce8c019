/** What the scripted boundary of `fake.ts` holds at the start: data as unruly as that of real users. */
import type {
  ConnectionSummary,
  DraftContent,
  JsonValue,
  LabelMove,
  ModelInfo,
  Only,
  Outline,
  OutlineClass,
  OutlineNode,
  ProjectSummary,
  Region,
  RunStatus,
  SpaceSummary,
  Subset,
} from "./bindings";
import { onlyDefault, TEAM_SPACE, withTeam } from "./fake-spaces";

/** The clock of the scripted world stands still, so that pictures of it can be compared. */
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
  /** It ended with the program that was at work on it. */
  isInterrupted?: boolean;
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
};

const COLOURS = [
  "#FFA39E",
  "#D4380D",
  "#FFC069",
  "#AD8B00",
  "#D3F261",
  "#389E0D",
  "#5CDBD3",
  "#096DD9",
  "#ADC6FF",
  "#9254DE",
  "#F759AB",
];

function classesOf(values: string[], hotkeys = true): OutlineClass[] {
  return values.map((value, index) => ({
    value,
    alias: null,
    colour: COLOURS[index % COLOURS.length] ?? "#096DD9",
    hotkey: hotkeys && index < 9 ? String(index + 1) : null,
  }));
}

function node(part: Partial<OutlineNode> & Pick<OutlineNode, "tag" | "kind">): OutlineNode {
  return {
    depth: 1,
    name: null,
    value: null,
    variable: null,
    to_name: [],
    classes: [],
    multiple: false,
    required: false,
    paths: [],
    max_rating: null,
    minimum: null,
    maximum: null,
    placeholder: null,
    per_region: false,
    buckets: [],
    visible_when: [],
    needs: null,
    skipped: null,
    ...part,
  };
}

const view = node({ tag: "View", kind: "view", depth: 0 });

function region(from: string, to: string, type: string, value: { [key in string]: JsonValue }, id = "r1"): Region {
  return { id, from_name: from, to_name: to, type, value };
}

/** A number in 0..1 that is always the same for the same place. */
export function chance(seed: number, salt = 0): number {
  let state = (seed + 1) * 2_654_435_761 + salt * 40_503;
  state = Math.imul(state ^ (state >>> 16), 2_246_822_507);
  state = Math.imul(state ^ (state >>> 13), 3_266_489_909);
  return ((state ^ (state >>> 16)) >>> 0) / 4_294_967_296;
}

function pick<Item>(items: readonly Item[], position: number, salt: number): Item {
  const item = items[Math.floor(chance(position, salt) * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

function summary(part: Partial<ProjectSummary> & Pick<ProjectSummary, "id" | "name" | "task_count">): ProjectSummary {
  return {
    is_sample: false,
    annotation_count: 0,
    ground_truth_count: 0,
    held_out_count: 0,
    controls: [],
    ineligible: null,
    prompt_count: 0,
    created_at: ago(60 * 24 * 12),
    updated_at: ago(60 * 24 * 2),
    ...part,
  };
}

const TOPICS = ["Billing", "Delivery", "Returns", "Account access", "Product question", "Praise"];
const TICKETS: readonly (readonly [topic: string, text: string])[] = [
  [
    "Billing",
    "I was charged twice for my March invoice and the second amount does not match the plan on my account page.",
  ],
  ["Delivery", "The parcel says delivered, but nobody rang and nothing is at the door. Where is it?"],
  ["Returns", "The lamp arrived with a cracked base. I would like to send it back and get my money, not another lamp."],
  ["Account access", "Since the update my password is refused and the reset mail never comes."],
  ["Product question", "Does the small grinder take the same burrs as the large one, or do I need an adapter?"],
  ["Praise", "Just wanted to say that your colleague on Saturday was patient and kind. Thank you."],
];

function supportTickets(): Project {
  const choice = (topic: string) => [region("topic", "text", "choices", { choices: [topic] })];
  const topicOf = (position: number) => pick(TICKETS, position, 3);
  return {
    summary: summary({
      id: "project-sample",
      name: "Support tickets (sample)",
      is_sample: true,
      task_count: 200,
      annotation_count: 60,
      ground_truth_count: 60,
      held_out_count: 30,
      controls: ["Choices topic"],
      created_at: ago(42),
      updated_at: ago(42),
    }),
    xml: `<View>
  <Header value="What is this ticket about?"/>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text" choice="single" required="true">
${TOPICS.map((topic) => `    <Choice value="${topic}"/>`).join("\n")}
  </Choices>
</View>
`,
    outline: {
      nodes: [
        view,
        node({ tag: "Header", kind: "header", value: "What is this ticket about?" }),
        node({ tag: "Text", kind: "object", name: "text", value: "$text", variable: "text" }),
        node({
          tag: "Choices",
          kind: "control",
          name: "topic",
          to_name: ["text"],
          classes: classesOf(TOPICS),
          required: true,
        }),
      ],
    },
    variables: ["text"],
    schema: {
      type: "object",
      properties: { topic: { type: "string", enum: TOPICS } },
      required: ["topic"],
      additionalProperties: false,
    },
    task: (position) => ({ text: topicOf(position)[1], channel: pick(["mail", "chat", "form"], position, 9) }),
    truth: (position) => choice(topicOf(position)[0]),
    mistake: (position) =>
      choice(topicOf(position + 7)[0] === topicOf(position)[0] ? "Praise" : topicOf(position + 7)[0]),
  };
}

const CLAUSES = [
  "Party",
  "Signatory",
  "Effective date",
  "Termination date",
  "Renewal term",
  "Notice period",
  "Governing law",
  "Jurisdiction",
  "Liability cap",
  "Indemnity",
  "Confidentiality obligation",
  "Payment term",
  "Late payment interest",
  "Price adjustment mechanism",
  "Deliverable",
  "Acceptance criterion",
  "Service level",
  "Penalty",
  "Intellectual property assignment",
  "Licence grant",
  "Data protection",
  "Subcontracting consent",
  "Force majeure event including epidemics, strikes and acts of government",
  "Severability",
];

function contracts(): Project {
  const text = (position: number) =>
    `This Framework Agreement no. ${4100 + position} is made between Nordwind Logistik GmbH and Harrow & Sons Ltd and takes effect on 1 April 2024. ` +
    "Either party may end it with three months' notice in writing. Invoices are due within thirty days; interest of 8 % applies afterwards.";
  const span = (label: string, part: string, position: number, id: string) => {
    const start = text(position).indexOf(part);
    return region("clause", "contract", "labels", { start, end: start + part.length, text: part, labels: [label] }, id);
  };
  const all = (position: number) => [
    span("Party", "Nordwind Logistik GmbH", position, "a"),
    span("Party", "Harrow & Sons Ltd", position, "b"),
    span("Effective date", "1 April 2024", position, "c"),
    span("Notice period", "three months' notice", position, "d"),
  ];
  return {
    summary: summary({
      id: "project-contracts",
      name: "Contracts: parties, dates and obligations across the 2019-2026 framework agreements (second review round)",
      task_count: 12_480,
      annotation_count: 655,
      ground_truth_count: 310,
      held_out_count: 155,
      controls: ["Labels clause", "TextArea remark"],
    }),
    xml: `<View>
  <Labels name="clause" toName="contract">
${CLAUSES.map((clause) => `    <Label value="${clause}"/>`).join("\n")}
  </Labels>
  <Text name="contract" value="$contract"/>
  <TextArea name="remark" toName="contract" placeholder="Anything unusual?"/>
  <Relations/>
</View>
`,
    outline: {
      nodes: [
        view,
        node({ tag: "Labels", kind: "control", name: "clause", to_name: ["contract"], classes: classesOf(CLAUSES) }),
        node({ tag: "Text", kind: "object", name: "contract", value: "$contract", variable: "contract" }),
        node({
          tag: "TextArea",
          kind: "control",
          name: "remark",
          to_name: ["contract"],
          placeholder: "Anything unusual?",
        }),
        node({
          tag: "Relations",
          kind: "control",
          name: "relations",
          skipped: "Relations join regions, which a prompt cannot draw yet.",
        }),
      ],
    },
    variables: ["contract"],
    schema: {
      type: "object",
      properties: {
        clause: {
          type: "array",
          items: {
            type: "object",
            properties: { text: { type: "string" }, labels: { type: "string", enum: CLAUSES } },
            required: ["text", "labels"],
          },
        },
        remark: { type: "string" },
      },
      required: ["clause"],
    },
    task: (position) => ({ contract: text(position), file: `frame/2024/NW-${4100 + position}.pdf` }),
    truth: all,
    mistake: (position) => all(position).slice(0, 2),
  };
}

const SENTIMENTS = ["إيجابي", "محايد", "سلبي"];

function arabicReviews(): Project {
  const texts = [
    "وصل الهاتف بسرعة والشاشة رائعة، لكن البطارية لا تدوم يوماً كاملاً.",
    "خدمة العملاء سيئة جداً ولم يرد أحد على رسائلي.",
    "منتج عادي بسعر مناسب.",
  ];
  const result = (label: string, rating: number) => [
    region("sentiment", "review", "choices", { choices: [label] }, "a"),
    region("stars", "review", "rating", { rating }, "b"),
  ];
  return {
    summary: summary({
      id: "project-arabic",
      name: "مراجعات المنتجات - الربع الثالث",
      task_count: 1_850,
      annotation_count: 240,
      ground_truth_count: 120,
      held_out_count: 60,
      controls: ["Choices sentiment", "Rating stars"],
    }),
    xml: `<View>
  <Text name="review" value="$review"/>
  <Choices name="sentiment" toName="review">
${SENTIMENTS.map((sentiment) => `    <Choice value="${sentiment}"/>`).join("\n")}
  </Choices>
  <Rating name="stars" toName="review" maxRating="5"/>
</View>
`,
    outline: {
      nodes: [
        view,
        node({ tag: "Text", kind: "object", name: "review", value: "$review", variable: "review" }),
        node({
          tag: "Choices",
          kind: "control",
          name: "sentiment",
          to_name: ["review"],
          classes: classesOf(SENTIMENTS),
        }),
        node({ tag: "Rating", kind: "control", name: "stars", to_name: ["review"], max_rating: 5 }),
      ],
    },
    variables: ["review"],
    schema: {
      type: "object",
      properties: {
        sentiment: { type: "string", enum: SENTIMENTS },
        stars: { type: "integer", minimum: 1, maximum: 5 },
      },
      required: ["sentiment", "stars"],
    },
    task: (position) => ({ review: pick(texts, position, 5) }),
    truth: (position) => result(pick(SENTIMENTS, position, 6), 1 + Math.floor(chance(position, 8) * 5)),
    mistake: (position) => result(pick(SENTIMENTS, position + 1, 6), 1),
  };
}

function answerPairs(): Project {
  const choose = (side: "left" | "right") => [region("better", "first", "pairwise", { selected: side })];
  return {
    summary: summary({
      id: "project-pairs",
      name: "Answer pairs",
      task_count: 1_000_000,
      controls: ["Pairwise better"],
    }),
    xml: `<View>
  <Pairwise name="better" toName="first,second"/>
  <Text name="first" value="$first"/>
  <Text name="second" value="$second"/>
</View>
`,
    outline: {
      nodes: [
        view,
        node({ tag: "Pairwise", kind: "control", name: "better", to_name: ["first", "second"] }),
        node({ tag: "Text", kind: "object", name: "first", value: "$first", variable: "first" }),
        node({ tag: "Text", kind: "object", name: "second", value: "$second", variable: "second" }),
      ],
    },
    variables: ["first", "second"],
    schema: {
      type: "object",
      properties: { better: { type: "string", enum: ["left", "right"] } },
      required: ["better"],
    },
    task: (position) => ({
      first: `Answer ${position + 1} in short.`,
      second: `Answer ${position + 1}, told at more length and with an example that nobody asked for.`,
    }),
    truth: (position) => choose(chance(position, 2) < 0.5 ? "left" : "right"),
    mistake: (position) => choose(chance(position, 2) < 0.5 ? "right" : "left"),
  };
}

function trafficPictures(): Project {
  const box = (id: string, label: string, x: number, y: number, width: number, height: number): Region =>
    region("boxes", "image", "rectanglelabels", { x, y, width, height, rotation: 0, rectanglelabels: [label] }, id);
  return {
    summary: summary({
      id: "project-traffic",
      name: "Traffic pictures",
      task_count: 96,
      annotation_count: 40,
      ground_truth_count: 40,
      held_out_count: 20,
      controls: ["RectangleLabels boxes", "Ranker order"],
    }),
    xml: `<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="boxes" toName="image">
    <Label value="Car"/><Label value="Person"/>
  </RectangleLabels>
  <List name="hints" value="$hints"/>
  <Ranker name="order" toName="hints"/>
</View>
`,
    outline: {
      nodes: [
        view,
        node({ tag: "Image", kind: "object", name: "image", value: "$image", variable: "image" }),
        node({
          tag: "RectangleLabels",
          kind: "control",
          name: "boxes",
          to_name: ["image"],
          classes: classesOf(["Car", "Person"]),
          multiple: true,
          needs: "sees images",
        }),
        node({ tag: "List", kind: "object", name: "hints", value: "$hints", variable: "hints" }),
        node({
          tag: "Ranker",
          kind: "control",
          name: "order",
          to_name: ["hints"],
          buckets: [{ name: "order", title: "order" }],
        }),
      ],
    },
    variables: ["image", "hints"],
    schema: { type: "object", properties: {} },
    task: (position) => ({
      image: position === 2 ? "file:///pictures/gone.jpg" : `file:///pictures/street-${position + 1}.jpg`,
      hints: [
        { id: "a", title: "Look at the crossing first", body: "Most accidents happen there." },
        { id: "b", title: "Count the cars", body: "" },
        { id: "c", title: "Mind the shadows", body: "" },
      ],
    }),
    truth: () => [box("r1", "Car", 56, 52, 27, 32), box("r2", "Person", 40.5, 52, 4.5, 24)],
    mistake: () => [box("r1", "Car", 50, 50, 30, 30)],
  };
}

function streetScenes(): Project {
  return {
    summary: summary({
      id: "project-video",
      name: "Street scenes",
      task_count: 84,
      annotation_count: 84,
      controls: ["VideoRectangle box"],
      ineligible: "Uses Video, which prompts cannot read yet.",
    }),
    xml: `<View>
  <Video name="clip" value="$clip"/>
  <VideoRectangle name="box" toName="clip"/>
</View>
`,
    outline: {
      nodes: [
        view,
        node({ tag: "Video", kind: "object", name: "clip", value: "$clip", variable: "clip" }),
        node({
          tag: "VideoRectangle",
          kind: "control",
          name: "box",
          to_name: ["clip"],
          skipped: "VideoRectangle needs regions over time, which a prompt cannot draw.",
        }),
      ],
    },
    variables: ["clip"],
    schema: { type: "object", properties: {} },
    task: (position) => ({ clip: `clips/street-${position + 1}.mp4` }),
    truth: () => [],
    mistake: () => [],
  };
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
    structure: null,
    speed: null,
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

const practice: ConnectionSummary = {
  ...blankConnection,
  id: "connection-practice",
  provider: "practice",
  name: "practice",
  models: [unknownModel("practice")],
  prompt_count: 1,
  created_at: ago(42),
};

const connections: ConnectionSummary[] = [
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
      abilities: { schema: true, json: true, images: false, pdf: null, logprobs: true },
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
      abilities: { schema: true, json: true, images: false, pdf: null, logprobs: true },
      tested_at: ago(60 * 26),
    },
    created_at: ago(60 * 24 * 3),
  },
  {
    ...blankConnection,
    id: "connection-untested",
    name: "mistral-small",
    endpoint: "http://localhost:1234/v1",
    models: [unknownModel("mistral-small")],
    has_api_key: true,
    key_storage: "until_quit",
    created_at: ago(60),
  },
];

function content(connection: string, model: string, system: string, user: string): DraftContent {
  return {
    messages: [
      { role: "SYSTEM", content: system },
      { role: "USER", content: user },
    ],
    input_variable_format: "F_STRING",
    connection_id: connection,
    provider: connection === "connection-practice" ? "practice" : "custom",
    model,
    invocation_params: {},
    provider_params: {},
    extra: {},
  };
}

const SYSTEM_ONE = "You sort support tickets of a shop by topic.";
const SYSTEM_TWO = `You sort support tickets of a shop by topic. Choose the one topic that the customer wants something done about.

Billing: charges, invoices, refunds that did not come.
Delivery: parcels that are late, lost or left at the wrong door.
Returns: sending something back, broken or unwanted.
Account access: passwords, codes, locked accounts.
Product question: what it does, fits or needs.
Praise: thanks, with nothing to be done.`;
const USER_TEXT = "Ticket:\n{text}\n\nTopic?";

function samplePrompt(): Prompt {
  const first = content(practice.id, "practice", SYSTEM_ONE, USER_TEXT);
  const second = content(practice.id, "practice", SYSTEM_TWO, USER_TEXT);
  return {
    id: "prompt-sample",
    name: "Sort support tickets",
    description: "Which of six topics a ticket is about.",
    projectId: "project-sample",
    isSample: true,
    updatedAt: ago(42),
    draft: second,
    versions: [
      {
        id: "version-sample-2",
        number: 2,
        hash: "9f2c41d07be85a3361c0d9e4b7a8f5126d3e0c94ab17f8625e9d40b3c8a71f52",
        message: "Say what each topic means",
        createdAt: ago(42),
        content: second,
      },
      {
        id: "version-sample-1",
        number: 1,
        hash: "41d8e07ac3b95f1264d0e8a7c2f3b9510e6d4a83fc70b1929d5e3a8c467f0b1d",
        message: "First try",
        createdAt: ago(43),
        content: first,
      },
    ],
    labels: { production: "version-sample-1", staging: "version-sample-2" },
    moves: [
      { name: "production", from: 2, to: 1, author: "ann", moved_at: ago(30) },
      { name: "staging", from: null, to: 2, author: "ann", moved_at: ago(40) },
      { name: "production", from: 1, to: 2, author: "ann", moved_at: ago(41) },
      { name: "production", from: null, to: 1, author: "ann", moved_at: ago(42) },
    ],
    runs: [
      finishedRun("run-sample-2", 2, "version-sample-2", "ground-truth", 60, ago(41), 88, 140),
      finishedRun("run-sample-1", 1, "version-sample-1", "ground-truth", 60, ago(42), 68, 150),
    ],
  };
}

function finishedRun(
  id: string,
  number: number,
  versionId: string,
  subset: "ground-truth" | "all",
  total: number,
  createdAt: string,
  skill: number,
  wallMs: number,
): Run {
  return {
    id,
    number,
    versionId,
    subset: { kind: subset },
    status: "completed",
    reason: null,
    total,
    done: total,
    createdAt,
    wallMs,
    skill,
  };
}

function simplePrompt(part: Partial<Prompt> & Pick<Prompt, "id" | "name" | "projectId">, draft: DraftContent): Prompt {
  return { description: "", isSample: false, updatedAt: ago(60 * 24), draft, versions: [], runs: [], ...part };
}

/** Came through the local API: no project, and a mustache template with a call of a tool. */
function fromElsewhere(): Prompt {
  const draft: DraftContent = {
    messages: [
      { role: "SYSTEM", content: "Decide with the tool." },
      { role: "USER", content: "{{#ticket}}{{subject}}: {{body}}{{/ticket}} {not a variable}" },
      {
        role: "ASSISTANT",
        content: null,
        tool_calls: [{ id: "1", type: "FUNCTION", function: { name: "look_up", arguments: '{"id": 7}' } }],
      },
      { role: "TOOL", content: "Paid twice", tool_call_id: "1" },
    ],
    input_variable_format: "MUSTACHE",
    connection_id: null,
    provider: "aws_bedrock",
    model: "anthropic.claude",
    invocation_params: { max_tokens: 200, tool_config: { tools: [{ name: "look_up" }] } },
    provider_params: { region: "eu-central-1" },
    extra: {},
  };
  const version: Version = {
    id: "version-elsewhere-1",
    number: 1,
    hash: "5c".repeat(32),
    message: "Created by the billing service",
    createdAt: ago(60 * 24 * 6),
    content: draft,
  };
  return simplePrompt(
    {
      id: "prompt-elsewhere",
      name: "billing-agent",
      folder: "services/billing",
      projectId: "project-sample",
      spaceId: TEAM_SPACE,
      isUnaimed: true,
      updatedAt: ago(60 * 24 * 6),
      versions: [version],
    },
    draft,
  );
}

function otherPrompts(): Prompt[] {
  const spans = content("connection-qwen", "qwen3:8b", "You mark clauses in contracts.", "{contract}");
  const arabic = content("connection-qwen", "qwen3:8b", "صنّف المراجعة حسب الشعور.", "{review}");
  const pairs = content("connection-qwen", "qwen3:8b", "You compare two answers.", "A: {first}\nB: {second}");
  const version = (id: string, number: number, message: string, from: DraftContent, minutes: number): Version => ({
    id,
    number,
    hash: `${Math.round(chance(number, id.length) * 1e15).toString(16)}e70d41b9a6c253f81e09d7b4`.padEnd(64, "0"),
    message,
    createdAt: ago(minutes),
    content: from,
  });
  return [
    simplePrompt(
      {
        id: "prompt-contracts",
        name: "Find parties, dates, notice periods and every obligation that survives termination, with the exact words of the contract",
        description:
          "Spans must be copied letter for letter; remarks only where a lawyer would stop reading and ask a colleague.",
        projectId: "project-contracts",
        updatedAt: ago(17),
        versions: [
          version("version-contracts-4", 4, "Ask for the exact words", spans, 60 * 3),
          version("version-contracts-3", 3, "Version 3", spans, 60 * 30),
          version("version-contracts-2", 2, "Version 2", spans, 60 * 50),
          version("version-contracts-1", 1, "Version 1", spans, 60 * 51),
        ],
        runs: [
          {
            id: "run-contracts-2",
            number: 3,
            versionId: "version-contracts-4",
            subset: { kind: "all" },
            status: "paused",
            reason: "the server refused the key (401)",
            total: 12_480,
            done: 3_120,
            createdAt: ago(60 * 2),
            wallMs: 1_260_000,
            skill: 74,
          },
          finishedRun("run-contracts-1", 2, "version-contracts-3", "ground-truth", 310, ago(60 * 29), 61, 184_000),
          {
            id: "run-contracts-0",
            number: 1,
            versionId: "version-contracts-2",
            subset: { kind: "all" },
            status: "paused",
            reason:
              "The run may cost $2.00, of which $1.9713 are spent, and the next answer may cost up to $0.0412. Raise its money stop to go on.",
            total: 12_480,
            done: 1_840,
            createdAt: ago(60 * 40),
            wallMs: 640_000,
            skill: 66,
            limitMicros: 2_000_000,
            costMicros: 1_971_300,
          },
        ],
      },
      { ...spans, messages: [...spans.messages.slice(0, 1), { role: "USER", content: "{contract}\n\n{remarks}" }] },
    ),
    simplePrompt(
      {
        id: "prompt-arabic",
        name: "تصنيف مراجعات المنتجات",
        description: "الشعور والتقييم من خمس نجوم",
        projectId: "project-arabic",
        updatedAt: ago(60 * 24 * 4),
        versions: [version("version-arabic-1", 1, "الإصدار الأول", arabic, 60 * 24 * 4)],
        runs: [finishedRun("run-arabic-1", 1, "version-arabic-1", "ground-truth", 120, ago(60 * 24 * 4), 81, 61_000)],
      },
      arabic,
    ),
    simplePrompt(
      {
        id: "prompt-pairs",
        name: "Which answer is better?",
        projectId: "project-pairs",
        updatedAt: ago(60 * 24 * 8),
        versions: [version("version-pairs-1", 1, "Version 1", pairs, 60 * 24 * 8)],
        runs: [finishedRun("run-pairs-1", 1, "version-pairs-1", "all", 1_000_000, ago(60 * 24 * 8), 70, 5_400_000)],
      },
      pairs,
    ),
    simplePrompt(
      {
        id: "prompt-new",
        name: "Ticket urgency",
        projectId: "project-sample",
        updatedAt: ago(60 * 24 * 21),
      },
      { ...content("", "", "", "{text}"), connection_id: null },
    ),
    fromElsewhere(),
  ];
}

/** A workspace as the first start leaves it. */
export function firstRun(): World {
  return { projects: [supportTickets()], connections: [practice], prompts: [samplePrompt()], spaces: onlyDefault() };
}

/** A workspace of some weeks: long names, another direction of writing, many classes, a million tasks. */
export function lived(): World {
  return {
    projects: [supportTickets(), contracts(), arabicReviews(), answerPairs(), streetScenes(), trafficPictures()],
    // Each world changes its own.
    connections: structuredClone(connections),
    prompts: [samplePrompt(), ...otherPrompts()],
    spaces: withTeam(),
  };
}

/** Everything deleted; the practice model is built in. */
export function emptied(): World {
  return { projects: [], connections: [{ ...practice, prompt_count: 0 }], prompts: [], spaces: onlyDefault() };
}

/** Only a project that no prompt can use. */
export function ineligibleOnly(): World {
  return { projects: [streetScenes()], connections: [practice], prompts: [], spaces: onlyDefault() };
}
