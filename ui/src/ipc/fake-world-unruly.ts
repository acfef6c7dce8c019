/** What is hard to lay out: names of 80 characters with and without a space, writing from right to left, and 1,000 classes. */
import type { SpaceSummary } from "./bindings";
import { onlyDefault } from "./fake-spaces";
import { ago, type Project, type Prompt, type Run, type Version } from "./fake-world";
import { classesOf, node, pick, region, summary, view } from "./fake-world-projects";
import { content } from "./fake-world-prompts";

/** 80 characters, no space in them: nothing but the end of the line breaks such a name. */
const WORD = "CustomerSupportTicketTopicsOfTheSecondQuarterAcrossAllRegionsAndLanguages_v2_fin";
const WORDS = "Every question that customers of the four northern regions asked in spring, read";
const HEBREW = "סיווג פניות של לקוחות לפי נושא, דחיפות ושפה, כולל פניות שחזרו אלינו יותר מפעם אחת";

/** 1,000 classes, some of which are as long as a sentence or written from right to left. */
const CLASSES = Array.from({ length: 1000 }, (_, index) => {
  const number = String(index + 1).padStart(4, "0");
  if (index % 50 === 3) return `${WORD.slice(0, 70)}${number}`;
  if (index % 50 === 5) return `${WORDS.slice(0, 70)}${number}`;
  if (index % 50 === 7) return `פנייה בנושא משלוח שלא הגיע ${number}`;
  if (index % 50 === 9) return `شكوى بخصوص الفاتورة ${number}`;
  return `Topic ${number}`;
});

const TEXTS = [
  "ההזמנה הגיעה פתוחה, ובקופסה היה רק חצי ממה שהזמנתי. אפשר לקבל החזר (refund) עוד השבוע?",
  `https://shop.example.org/orders/${"0123456789abcdef".repeat(8)}?from=mail#track`,
  "وصل الطرد متأخراً أسبوعين ولم يتصل بي أحد. رقم الطلب 48213.",
  `${WORDS}. ${WORDS}. ${WORDS}.`,
];

function tickets(id: string, name: string, classes: string[]): Project {
  const choice = (value: string) => [region("topic", "text", "choices", { choices: [value] })];
  return {
    summary: summary({
      id,
      name,
      task_count: 1200,
      annotation_count: 400,
      ground_truth_count: 400,
      held_out_count: 200,
      controls: [`Choices ${WORD}`],
    }),
    xml: `<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text">
${classes.map((value) => `    <Choice value="${value}"/>`).join("\n")}
  </Choices>
</View>
`,
    outline: {
      nodes: [
        view,
        node({ tag: "Text", kind: "object", name: "text", value: "$text", variable: "text" }),
        node({ tag: "Choices", kind: "control", name: "topic", to_name: ["text"], classes: classesOf(classes) }),
      ],
    },
    variables: ["text"],
    schema: { type: "object", properties: { topic: { type: "string", enum: classes } }, required: ["topic"] },
    task: (position) => ({ text: pick(TEXTS, position, 4), [WORD]: WORDS }),
    truth: (position) => choice(pick(classes.slice(0, 12), position, 6)),
    mistake: (position) => choice(pick(classes.slice(0, 12), position + 1, 6)),
  };
}

export function unrulyProjects(): Project[] {
  return [tickets("project-word", WORD, CLASSES), tickets("project-hebrew", HEBREW, CLASSES.slice(0, 12))];
}

function prompt(id: string, name: string, projectId: string, texts: { system: string; message: string }): Prompt {
  const draft = content("connection-long", "meta-llama/Llama-3.3-70B-Instruct-Turbo", texts.system, "{text}");
  const version = (number: number, minutes: number): Version => ({
    id: `version-${id}-${number}`,
    number,
    hash: `${number}c`.repeat(32),
    message: texts.message,
    createdAt: ago(minutes),
    content: number === 1 ? { ...draft, messages: draft.messages.slice(1) } : draft,
  });
  const run = (number: number, minutes: number, skill: number): Run => ({
    id: `run-${id}-${number}`,
    number,
    versionId: `version-${id}-${number}`,
    subset: { kind: "ground-truth" },
    status: "completed",
    reason: null,
    total: 400,
    done: 400,
    createdAt: ago(minutes),
    wallMs: 61_000,
    skill,
    hasConfidence: true,
  });
  return {
    id,
    name,
    description: texts.message,
    projectId,
    isSample: false,
    updatedAt: ago(60 * 24 * 4),
    draft,
    versions: [version(2, 60), version(1, 60 * 30)],
    labels: { [WORD.slice(0, 60)]: `version-${id}-2` },
    moves: [],
    runs: [run(2, 55, 82), run(1, 60 * 29, 61)],
    folder: `teams/${WORD}/${WORDS}`,
  };
}

export function unrulyPrompts(): Prompt[] {
  return [
    prompt("prompt-word", WORD, "project-word", { system: `${WORD} ${WORDS}`, message: WORD }),
    prompt("prompt-words", WORDS, "project-word", { system: WORDS, message: WORDS }),
    prompt("prompt-hebrew", HEBREW, "project-hebrew", {
      system: "סווגו את הפנייה לפי הנושא שהלקוח רוצה שיטופל. ענו במילה אחת בלבד.",
      message: "גרסה ראשונה, עם דוגמה אחת לכל נושא ובלי הסבר",
    }),
  ];
}

export function unrulySpaces(): Omit<SpaceSummary, "prompt_count">[] {
  const other = { description: WORDS, is_default: false, link: null, created_at: ago(60 * 24 * 30) };
  return [...onlyDefault(), { ...other, id: "space-word", name: WORD }, { ...other, id: "space-hebrew", name: HEBREW }];
}
