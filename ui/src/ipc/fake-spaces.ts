/** Spaces of the scripted world, one of them linked, and what a link would bring. */
import type {
  Changed,
  LinkPlan,
  LinkTarget,
  NewLink,
  PromptChange,
  SpaceLink,
  SpaceSummary,
  SpaceWords,
} from "./bindings";
import { Refused } from "./fake-refused";
import { NOW, type World } from "./fake-world";

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

const linkTarget: LinkTarget = {
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

function linkPlan(): LinkPlan {
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

/** The space with this id. */
export function spaceIn(world: World, id: string): Space {
  const found = world.spaces.find((space) => space.id === id);
  if (found === undefined) throw new Refused("not_found", "This space is gone.");
  return found;
}

/** What the commands of spaces need of the world around them. */
type Outside = {
  world: World;
  hasKeychain: boolean;
  nextId: (kind: string) => string;
  changed: (change: Changed) => void;
};

/** The commands of the Spaces dialog. */
export function spaceCommands({ world, hasKeychain, nextId, changed }: Outside) {
  const space = (id: string) => spaceIn(world, id);
  return {
    listSpaces: () =>
      world.spaces.map((space) => ({
        ...space,
        prompt_count: world.prompts.filter((prompt) => (prompt.spaceId ?? DEFAULT_SPACE) === space.id).length,
      })),
    createSpace: ({ name, description }: SpaceWords) => {
      if (world.spaces.some((space) => space.name === name)) {
        throw new Refused("name_taken", `the name “${name}” is already taken`, "name");
      }
      const id = nextId("space");
      world.spaces.push({ id, name, description, is_default: false, link: null, created_at: NOW.toISOString() });
      changed({ kind: "spaces" });
      return id;
    },
    editSpace: (spaceId: string, words: SpaceWords) => {
      Object.assign(space(spaceId), words);
      changed({ kind: "spaces" });
      return null;
    },
    deleteSpace: (spaceId: string) => {
      world.spaces.splice(world.spaces.indexOf(space(spaceId)), 1);
      changed({ kind: "spaces" });
      return null;
    },
    movePrompts: (promptIds: string[], spaceId: string) => {
      const { id } = space(spaceId);
      for (const prompt of world.prompts) if (promptIds.includes(prompt.id)) prompt.spaceId = id;
      changed({ kind: "prompts" });
      return null;
    },
    lookAtLink: (address: string, key: string | null) => {
      if (key === null) throw new Refused("invalid", "api.arize.com wants an API key", "key");
      return { ...linkTarget, address };
    },
    linkSpace: (spaceId: string, { address, remote_space, until_quit }: NewLink) => {
      if (!hasKeychain && !until_quit) {
        throw new Refused("keychain_unavailable", "this computer has no password store; nothing was stored");
      }
      const found = linkTarget.spaces.find(({ id }) => id === remote_space);
      const link: SpaceLink = {
        address,
        remote_space_id: remote_space,
        remote_space_name: found?.name ?? "",
        key_storage: until_quit ? "until_quit" : "keychain",
        synced_at: null,
      };
      space(spaceId).link = link;
      changed({ kind: "spaces" });
      return link;
    },
    unlinkSpace: (spaceId: string) => {
      space(spaceId).link = null;
      changed({ kind: "spaces" });
      return null;
    },
    planLink: () => linkPlan(),
    applyLink: (_: string, changeIds: string[]) => {
      // One of them has changed since it was looked at.
      const isStale = changeIds.includes("pull-both");
      const of = (way: string) => changeIds.filter((id) => id.startsWith(way) && id !== "pull-both").length;
      const refused = isStale ? ["“tone-of-voice” has changed since you looked"] : [];
      return { pulled: of("pull"), pushed: of("push"), refused };
    },
  };
}
