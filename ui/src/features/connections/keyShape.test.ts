import { expect, it } from "vitest";
import type { Provider } from "@/ipc/bindings";
import { keyWarning } from "./keyShape";

const GATEWAY = "https://gateway.example.com";

// The first five are those of keys.rs, in its words.
it.each<[provider: Provider, key: string, baseUrl: string | null, warning: string | null]>([
  ["open_ai", "sk-proj-1", null, null],
  ["open_ai", " sk-ant-api03-1", null, "This looks like a key of Anthropic, and the connection is for OpenAI."],
  ["gemini", '{"type":', null, "This looks like a key of Vertex AI, and the connection is for Gemini."],
  ["anthropic", "0123abcd", null, null],
  ["custom", "sk-or-1", null, null],
  ["anthropic", "sk-proj-1", null, "This looks like a key of OpenAI, and the connection is for Anthropic."],
  ["azure_open_ai", "AIzaSy1", null, "This looks like a key of Gemini, and the connection is for Azure OpenAI."],
  ["foundry", "AQ.Ab8", null, "This looks like a key of Gemini, and the connection is for Azure AI Foundry."],
  ["anthropic", "sk-a", null, null],
  ["open_ai", "sk-ant-api03-1", GATEWAY, null],
  ["open_ai", "", null, null],
])("of %s the key %j at %j is told %j", (provider, key, baseUrl, warning) => {
  expect(keyWarning(provider, key, baseUrl)).toBe(warning);
});
