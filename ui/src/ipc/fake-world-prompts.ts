/** The prompts of the scripted world, with their versions and runs. */
import type { DraftContent } from "./bindings";
import { TEAM_SPACE } from "./fake-spaces";
import { ago, chance, type Prompt, practice, type Run, type Version } from "./fake-world";

export function content(connection: string, model: string, system: string, user: string): DraftContent {
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

export function samplePrompt(): Prompt {
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

export function otherPrompts(): Prompt[] {
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
            reason: null,
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
            cause: "money_stop",
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
