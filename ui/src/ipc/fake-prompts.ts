/** Prompts of the scripted world with their drafts, and what a draft would ask. */
import type { DraftContent, NewPrompt, RequestPreview } from "./bindings";
import { Refused } from "./fake-refused";
import { DEFAULT_SPACE, spaceIn } from "./fake-spaces";
import type { FakeState } from "./fake-state";
import { NOW } from "./fake-world";

export function promptCommands({
  world,
  send,
  nextId,
  deleted,
  project,
  prompt,
  promptSummary,
  baseOf,
  draftOf,
  promptDetail,
  checkName,
}: FakeState) {
  return {
    listPrompts: () => world.prompts.map(promptSummary),
    getPrompt: (promptId: string) => promptDetail(prompt(promptId)),
    createPrompt: (wanted: NewPrompt) => {
      const name = checkName(wanted.name, null);
      const target = project(wanted.project_id);
      const id = nextId("prompt");
      world.prompts.unshift({
        id,
        name,
        description: wanted.description.trim(),
        projectId: wanted.project_id,
        spaceId: wanted.space_id ?? DEFAULT_SPACE,
        isSample: false,
        updatedAt: NOW.toISOString(),
        draft: {
          messages: [
            { role: "SYSTEM", content: "" },
            { role: "USER", content: target.variables.map((variable) => `{${variable}}`).join("\n") },
          ],
          input_variable_format: "F_STRING",
          connection_id: "connection-practice",
          provider: "practice",
          model: "practice",
          invocation_params: {},
          provider_params: {},
          extra: {},
        },
        versions: [],
        runs: [],
      });
      send.changed({ kind: "prompts" });
      return id;
    },
    editPrompt: (promptId: string, name: string, description: string, spaceId: string | null) => {
      const target = prompt(promptId);
      target.spaceId = spaceId ?? DEFAULT_SPACE;
      target.name = checkName(name, target);
      target.description = description.trim();
      send.changed({ kind: "prompt", prompt_id: promptId });
      return null;
    },
    deletePrompt: (promptId: string) => {
      const target = prompt(promptId);
      world.prompts.splice(world.prompts.indexOf(target), 1);
      deleted.prompts.push(target);
      send.changed({ kind: "prompts" });
      return null;
    },
    findPrompts: (text: string) =>
      world.prompts
        .filter(({ draft }) => JSON.stringify(draft).toLowerCase().includes(text.toLowerCase()))
        .map(({ id }) => id),
    listDeletedPrompts: () =>
      deleted.prompts.map(({ id, name, versions, runs }) => ({
        id,
        name,
        version_count: versions.length,
        run_count: runs.length,
        deleted_at: NOW.toISOString(),
      })),
    setPromptProject: (promptId: string, projectId: string) => {
      const target = prompt(promptId);
      target.projectId = projectId;
      target.isUnaimed = false;
      send.changed({ kind: "prompts" });
      return null;
    },
    setPromptFolder: (promptIds: string[], folder: string) => {
      for (const id of promptIds) prompt(id).folder = folder;
      send.changed({ kind: "prompts" });
      return null;
    },
    restorePrompt: (promptId: string, name: string | null) => {
      const place = deleted.prompts.findIndex((prompt) => prompt.id === promptId);
      const [target] = deleted.prompts.slice(place, place + 1);
      if (place === -1 || target === undefined) throw new Refused("not_found", "This prompt is gone.");
      world.prompts.push({ ...target, name: checkName(name ?? target.name, null) });
      deleted.prompts.splice(place, 1);
      send.changed({ kind: "prompts" });
      return null;
    },
    saveDraft: (promptId: string, draft: DraftContent) => {
      const target = prompt(promptId);
      target.draft = draft;
      send.changed({ kind: "prompt", prompt_id: promptId });
      return draftOf(target);
    },
    restoreDraft: (promptId: string, draft: DraftContent, basedOn: number | null) => {
      const target = prompt(promptId);
      target.draft = draft;
      target.basedOn = basedOn ?? undefined;
      send.changed({ kind: "prompt", prompt_id: promptId });
      return draftOf(target);
    },
    discardDraft: (promptId: string) => {
      const target = prompt(promptId);
      const base = baseOf(target);
      if (base !== undefined) target.draft = base.content;
      send.changed({ kind: "prompt", prompt_id: promptId });
      return draftOf(target);
    },
    previewRequest: (promptId: string, draft: DraftContent, position: number): RequestPreview => {
      const owner = prompt(promptId);
      const target = project(owner.projectId);
      const data = target.task(position);
      const unknown: string[] = [];
      const messages = draft.messages.map((message) => ({
        ...message,
        content: (message.content ?? "").replace(/\{(\w+)\}/g, (all, name: string) => {
          if (data[name] === undefined) unknown.push(name);
          return data[name] === undefined ? all : String(data[name]);
        }),
      }));
      const from = world.connections.find((connection) => connection.id === draft.connection_id);
      const problems: RequestPreview["problems"] = unknown.map((name) => ({
        severity: "error",
        code: "unknown_variable",
        variable: name,
        message: `The tasks of this project have no "${name}".`,
      }));
      if (from === undefined)
        problems.push({ severity: "error", code: "no_model", variable: null, message: "Choose a model." });
      return {
        task_id: position + 1,
        position,
        task_total: target.summary.task_count,
        messages,
        body: JSON.stringify(
          {
            model: draft.model,
            messages: messages.map(({ role, content }) => ({ role: role.toLowerCase(), content })),
            response_format: { type: "json_object", schema: target.schema },
          },
          null,
          2,
        ),
        endpoint: from?.endpoint == null ? null : `${from.endpoint}/chat/completions`,
        prompt_tokens: from?.provider === "practice" ? 0 : Math.ceil(JSON.stringify(messages).length / 4),
        problems,
      };
    },
    choosePromptsPath: (format: string, suggested: string) =>
      `/home/ann/${suggested}.${format === "promptfoo" ? "yaml" : "json"}`,
    choosePromptFiles: () => ["/home/ann/prompts.json"],
    exportPrompts: (promptIds: string[], _format: string, path: string) => ({
      prompts: promptIds.length === 0 ? world.prompts.length : promptIds.length,
      path,
      refused: [],
    }),
    importPrompts: (paths: string[], spaceId: string | null) => {
      const { id: space_id, name: space_name } = spaceIn(world, spaceId ?? DEFAULT_SPACE);
      const [source] = world.prompts;
      const prompts = source === undefined ? [] : paths.map(() => ({ id: nextId("prompt"), name: "Tone of voice" }));
      for (const made of prompts) {
        if (source !== undefined)
          world.prompts.push({ ...source, ...made, spaceId: space_id, isUnaimed: true, isSample: false, runs: [] });
      }
      send.changed({ kind: "prompts" });
      return {
        space_id,
        space_name,
        prompts: prompts.map((made) => ({ ...made, version_count: source?.versions.length ?? 0 })),
        refused: ["“prompts.json”: it holds no prompt"],
      };
    },
  };
}
