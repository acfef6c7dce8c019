/** The projects of the scripted world: many classes, spans, another direction of writing, pictures, and one that no prompt can use. */
import type { JsonValue, OutlineClass, OutlineNode, ProjectSummary, Region } from "./bindings";
import { ago, chance, type Project } from "./fake-world";

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

export function classesOf(values: string[], hotkeys = true): OutlineClass[] {
  return values.map((value, index) => ({
    value,
    alias: null,
    colour: COLOURS[index % COLOURS.length] ?? "#096DD9",
    hotkey: hotkeys && index < 9 ? String(index + 1) : null,
  }));
}

export function node(part: Partial<OutlineNode> & Pick<OutlineNode, "tag" | "kind">): OutlineNode {
  return {
    depth: 1,
    name: null,
    value: null,
    variable: null,
    to_name: [],
    classes: [],
    multiple: false,
    required: false,
    required_message: null,
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

export const view = node({ tag: "View", kind: "view", depth: 0 });

export function region(
  from: string,
  to: string,
  type: string,
  value: { [key in string]: JsonValue },
  id = "r1",
): Region {
  return { id, from_name: from, to_name: to, type, value };
}

export function pick<Item>(items: readonly Item[], position: number, salt: number): Item {
  const item = items[Math.floor(chance(position, salt) * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

export function summary(
  part: Partial<ProjectSummary> & Pick<ProjectSummary, "id" | "name" | "task_count">,
): ProjectSummary {
  return {
    is_sample: false,
    annotation_count: 0,
    ground_truth_count: 0,
    held_out_count: 0,
    controls: [],
    ineligible: null,
    prompt_count: 0,
    link: null,
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

export function supportTickets(): Project {
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

export function contracts(): Project {
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

export function arabicReviews(): Project {
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

export function answerPairs(): Project {
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

export function trafficPictures(): Project {
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

export function streetScenes(): Project {
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
