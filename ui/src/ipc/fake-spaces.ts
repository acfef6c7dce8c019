/** Spaces of the scripted world, one of them linked, and what a link would bring. */
import type { LinkPlan, LinkTarget, PromptChange, SpaceSummary } from "./bindings";

export const DEFAULT_SPACE = "U3BhY2U6MTphQmNE";
export const TEAM_SPACE = "U3BhY2U6MjpRd0Vy";

type Space = Omit<SpaceSummary, "prompt_count">;

export function onlyDefault(): Space[] {
  return [
    {
      id: DEFAULT_SPACE,
      name: "Default",
      description: "",
      is_default: true,
      link: null,
      created_at: "2026-09-01T08:00:00.000Z",
    },
  ];
}

export function withTeam(): Space[] {
  return [
    ...onlyDefault(),
    {
      id: TEAM_SPACE,
      name: "Support team",
      description: "What the answering service asks for, by the label production.",
      is_default: false,
      link: {
        address: "https://api.arize.com",
        remote_space_id: "U3BhY2U6OTA1MDoxSmtS",
        remote_space_name: "Support production",
        key_storage: "keychain",
        synced_at: "2026-11-20T09:30:00.000Z",
      },
      created_at: "2026-10-12T08:00:00.000Z",
    },
  ];
}

export const linkTarget: LinkTarget = {
  address: "https://api.arize.com",
  spaces: [
    { id: "U3BhY2U6OTA1MDoxSmtS", name: "Support production" },
    { id: "U3BhY2U6OTA1MTphYWFh", name: "Experiments" },
  ],
  is_touchstone: false,
};

function change(part: Partial<PromptChange> & Pick<PromptChange, "id" | "name">): PromptChange {
  return {
    prompt_id: null,
    is_new: false,
    version_count: 0,
    versions: [],
    labels: [],
    description: null,
    notes: [],
    conflicts: [],
    is_offered: part.conflicts === undefined,
    can_apply: true,
    losses: [],
    ...part,
  };
}

const versions = (...messages: string[]) =>
  messages.map((message) => ({ message, created_at: "2026-11-18T10:00:00.000Z" }));

export function linkPlan(): LinkPlan {
  return {
    in_step: 4,
    notes: [
      {
        prompt_id: "prompt-greeting",
        name: "greeting",
        words: [
          "there it is called “hello”",
          "both sides have the same versions, but the newest is “Warmer” (v3) here and “Shorter” (v3) there",
        ],
      },
    ],
    pull: [
      change({
        id: "pull-new",
        name: "refund-policy-check",
        is_new: true,
        version_count: 6,
        versions: versions("Name the clause", "Shorter answers", "Ask for the order number first"),
        labels: [{ name: "production", from: null, to: "v5" }],
        description: "Whether a request falls under the refund policy of the day it was made",
      }),
      change({
        id: "pull-versions",
        name: "billing-agent",
        version_count: 1,
        versions: versions("Tools for invoices"),
        labels: [{ name: "production", from: "v1", to: "v2" }],
        notes: ["there it is called “billing”"],
      }),
      change({
        id: "pull-moved",
        name: "escalation",
        is_new: true,
        version_count: 2,
        versions: versions("Version 2", "Version 1"),
        notes: ["here it is in the space “Default” now; pulled, it comes once more"],
        is_offered: false,
      }),
      change({
        id: "pull-both",
        name: "tone-of-voice",
        version_count: 2,
        versions: versions("Warmer", "Version 3"),
        conflicts: [
          "2 new versions there and 1 new version here; pulled, theirs become the newest here, and yours stay",
        ],
      }),
      change({
        id: "pull-bin",
        name: "old-routing",
        version_count: 1,
        versions: versions("Version 9"),
        conflicts: ["it is in the bin here; restore it first"],
        can_apply: false,
      }),
    ],
    push: [
      change({
        id: "push-versions",
        name: "tone-of-voice",
        version_count: 1,
        versions: versions("Without exclamation marks"),
        conflicts: [
          "1 new version here and 2 new versions there; pushed, yours become the newest there, and theirs stay",
        ],
        losses: ["Gemini is called custom there", "left out there: seed"],
      }),
    ],
  };
}
