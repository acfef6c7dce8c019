/** For the screens of metrics: a project with a control of every family, and a prompt whose versions were run again and again. */
import type { Region } from "./bindings";
import { ago, chance, type Project, type Prompt, type Run, type Version } from "./fake-world";
import { classesOf, node, pick, region, summary, view } from "./fake-world-projects";
import { content } from "./fake-world-prompts";

/** More than a matrix has room for. */
const REASONS = [
  "Wrong size",
  "Wrong colour",
  "Arrived late",
  "Never arrived",
  "Damaged on arrival",
  "Broke within a week",
  "Missing part",
  "Not as pictured",
  "Too expensive",
  "Found cheaper",
  "Changed my mind",
  "Ordered twice",
  "Gift not wanted",
  "Smells",
  "Too loud",
  "Too heavy",
  "Too small",
  "Hard to assemble",
  "No instructions",
  "Battery dies",
  "Does not charge",
  "App does not connect",
  "Poor material",
  "Loose seams",
  "Fades in the wash",
  "Uncomfortable",
  "Allergic reaction",
  "Counterfeit suspected",
  "Wrong item sent",
  "Invoice missing",
  "Refund refused",
  "Rude support",
  "Warranty unclear",
  "Praise only",
  "Question only",
  "Other reason that no class of this list describes well enough",
];
const ASPECTS = ["Price", "Quality", "Delivery", "Support"];

const SENTENCES = [
  "The zip broke on the second day.",
  "It came late, and in the wrong colour.",
  "Lovely, would buy again.",
];

export function productReviews(): Project {
  // A few reasons make up most of what is said, as in life.
  const reasonAt = (position: number, salt: number) =>
    REASONS[Math.floor(REASONS.length * chance(position, salt) ** 2.2)] ?? "";
  const answers = (
    position: number,
    part: Partial<Record<"reason" | "aspect" | "text" | "side", string>> & { stars: number },
  ) => [
    region("reason", "review", "choices", { choices: [part.reason ?? reasonAt(position, 4)] }, "a"),
    region("aspects", "review", "choices", { choices: [part.aspect ?? pick(ASPECTS, position, 6)] }, "b"),
    region("stars", "review", "rating", { rating: part.stars }, "c"),
    region("summary", "review", "textarea", { text: [part.text ?? pick(SENTENCES, position, 8)] }, "d"),
    region(
      "better",
      "review",
      "pairwise",
      { selected: part.side ?? (chance(position, 2) < 0.5 ? "left" : "right") },
      "e",
    ),
    region("order", "hints", "ranker", { order: ["a", "b", "c"] }, "f"),
    region("parts", "review", "labels", { start: 4, end: 7, text: "zip", labels: ["Part"] }, "g"),
    region(
      "boxes",
      "photo",
      "rectanglelabels",
      { x: 10, y: 10, width: 30, height: 30, rotation: 0, rectanglelabels: ["Flaw"] },
      "h",
    ),
  ];
  const starsAt = (position: number) => 1 + Math.floor(chance(position, 12) * 5);
  return {
    summary: summary({
      id: "project-reviews",
      name: "Product reviews",
      task_count: 4_800,
      annotation_count: 700,
      ground_truth_count: 640,
      held_out_count: 320,
      controls: ["Choices reason", "Choices aspects", "Rating stars", "TextArea summary"],
    }),
    xml: "<View/>",
    outline: {
      nodes: [
        view,
        node({ tag: "Text", kind: "object", name: "review", value: "$review", variable: "review" }),
        node({ tag: "Choices", kind: "control", name: "reason", to_name: ["review"], classes: classesOf(REASONS) }),
        node({
          tag: "Choices",
          kind: "control",
          name: "aspects",
          to_name: ["review"],
          classes: classesOf(ASPECTS),
          multiple: true,
        }),
        node({ tag: "Rating", kind: "control", name: "stars", to_name: ["review"], max_rating: 5 }),
        node({ tag: "TextArea", kind: "control", name: "summary", to_name: ["review"] }),
        node({ tag: "Pairwise", kind: "control", name: "better", to_name: ["review"] }),
        node({ tag: "Ranker", kind: "control", name: "order", to_name: ["review"] }),
        node({
          tag: "Labels",
          kind: "control",
          name: "parts",
          to_name: ["review"],
          classes: classesOf(["Part", "Flaw"]),
        }),
        node({
          tag: "RectangleLabels",
          kind: "control",
          name: "boxes",
          to_name: ["review"],
          classes: classesOf(["Flaw", "Label"]),
        }),
      ],
    },
    variables: ["review"],
    schema: { type: "object", properties: {} },
    task: (position) => ({ review: `${pick(SENTENCES, position, 8)} (order ${10_000 + position})` }),
    truth: (position) => answers(position, { stars: starsAt(position) }),
    // Of each wrong answer a few controls are wrong, and another few the next time.
    mistake: (position): Region[] => {
      const off = (salt: number) => chance(position, salt) < 0.5;
      const stars = starsAt(position);
      return answers(position, {
        ...(off(40) ? { reason: reasonAt(position + 5, 4) } : {}),
        ...(off(41) ? { aspect: pick(ASPECTS, position + 3, 6) } : {}),
        ...(off(42) ? { text: "It broke." } : {}),
        ...(off(43) ? { side: "left" } : {}),
        stars: off(44) ? Math.min(5, stars + 1) : stars,
      }).filter(({ id }) => id === "a" || chance(position, id.charCodeAt(0)) < 0.8);
    },
  };
}

const VERSION_WORDS = [
  "First try",
  "Say what each reason means",
  "Ask for one reason only",
  "Two examples",
  "Shorter",
  "Name the rare ones",
];

export function reviewPrompts(): Prompt[] {
  const lines = ["You sort what customers write about a product."];
  const versions = VERSION_WORDS.map((message, index): Version => {
    if (index > 0) lines.push(`${message}: ${"look at what is asked for, not at what is told. ".repeat(index)}`.trim());
    return {
      id: `version-reviews-${index + 1}`,
      number: index + 1,
      hash: `${index + 1}f`.repeat(32),
      message,
      createdAt: ago(60 * (40 - index * 6)),
      content: content("connection-qwen", "qwen3:8b", lines.join("\n"), "Review:\n{review}"),
    };
  });
  const run = (number: number, version: number, skill: number, costMicros: number, part: Partial<Run> = {}): Run => ({
    id: `run-reviews-${number}`,
    number,
    versionId: `version-reviews-${version}`,
    subset: { kind: "ground-truth" },
    status: "completed",
    reason: null,
    total: 640,
    done: 640,
    createdAt: ago(60 * 30 - number * 90),
    wallMs: 214_000 + number * 9_000,
    skill,
    costMicros,
    hasConfidence: true,
    ...part,
  });
  const gpt = { connection_id: "connection-qwen", model: "gpt-5-mini" };
  const runs = [
    run(1, 1, 54, 40_000),
    run(2, 2, 63, 61_000),
    run(3, 3, 61, 65_000),
    run(4, 4, 74, 120_000),
    run(5, 5, 75, 82_000),
    run(6, 6, 83, 95_000),
    run(7, 6, 88, 820_000, { model: gpt }),
    run(8, 6, 83, 4_000, { total: 18, done: 18, subset: { kind: "sample", tasks: 18, seed: 7 } }),
  ];
  const last = versions.at(-1);
  if (last === undefined) throw new Error("no version");
  const shared = {
    projectId: "project-reviews",
    isSample: false,
    description: "",
    updatedAt: ago(12),
    draft: last.content,
  };
  return [
    {
      ...shared,
      id: "prompt-reviews",
      name: "Why was it sent back?",
      versions: versions.toReversed(),
      runs: runs.toReversed(),
    },
    {
      ...shared,
      id: "prompt-reasons-short",
      name: "Reasons, in one line",
      versions: [{ ...last, id: "version-short-1", number: 1, message: "In one line" }],
      runs: [{ ...run(1, 1, 79, 31_000), id: "run-short-1", versionId: "version-short-1" }],
    },
  ];
}
