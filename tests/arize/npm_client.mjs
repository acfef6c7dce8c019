// Every prompt call of the npm client. Run by clients.py: FOLDER of the client, address, token.
import assert from "node:assert/strict";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, baseUrl, apiKey] = process.argv.slice(2);
const entry = path.join(folder, "node_modules/@arizeai/ax-client/dist/esm/index.js");
const ax = await import(pathToFileURL(entry).href);
console.warn = () => {};

const client = ax.createClient({ baseUrl, apiKey });
const content = {
  commitMessage: "First",
  inputVariableFormat: "F_STRING",
  provider: "ANTHROPIC",
  model: "claude",
  messages: [
    { role: "USER", content: "Topic of {text}?" },
    {
      role: "ASSISTANT",
      content: null,
      tool_calls: [{ id: "1", type: "FUNCTION", function: { name: "f", arguments: "{}" } }],
    },
    { role: "TOOL", content: "42", tool_call_id: "1" },
  ],
  invocationParams: { max_tokens: 5, tool_config: { tools: [{ z: 1, a: 2 }], tool_choice: "auto" } },
  providerParams: { anthropic_headers: { anthropic_beta: ["x"] } },
};
const made = await ax.createPrompt({ client, space: "Default", name: "Topics", version: content });
assert.deepEqual(made.version.messages, content.messages);
assert.deepEqual(made.version.invocationParams, content.invocationParams);
assert.deepEqual(made.version.providerParams, content.providerParams);
assert.equal(made.description, null);
await assert.rejects(ax.createPrompt({ client, space: "Default", name: "Topics", version: content }));
const second = await ax.createPromptVersion({ client, prompt: "Topics", space: "Default", ...content, model: "else" });
assert.equal(second.promptId, made.id);
const listed = await ax.listPrompts({ client, space: "Default", name: "topic" });
assert.deepEqual(
  listed.data.map(({ id }) => id),
  [made.id],
);
const versions = await ax.listPromptVersions({ client, prompt: made.id, limit: 1 });
assert.deepEqual([versions.data[0].id, versions.pagination.hasMore], [second.id, true]);
const labelled = await ax.setPromptVersionLabels({ client, versionId: second.id, labels: ["production"] });
assert.deepEqual(labelled.labels, ["production"]);
assert.equal((await ax.getPromptVersionByLabel({ client, prompt: made.id, labelName: "production" })).id, second.id);
assert.equal((await ax.getPrompt({ client, prompt: made.id, label: "production" })).version.id, second.id);
assert.equal((await ax.getPromptVersion({ client, versionId: made.version.id })).model, "claude");
await ax.deletePromptVersionLabel({ client, versionId: second.id, labelName: "production" });
await assert.rejects(ax.getPromptVersionByLabel({ client, prompt: made.id, labelName: "production" }));
assert.equal((await ax.updatePrompt({ client, prompt: made.id, description: "Else" })).description, "Else");
await ax.deletePrompt({ client, prompt: made.id });
await assert.rejects(ax.getPrompt({ client, prompt: made.id }));
console.log("@arizeai/ax-client: every call");
