/** Whose key a text looks like, before it is saved. Rust decides, and says it again of what was saved: these are its rules. */
import type { Provider } from "@/ipc/bindings";
import { PROVIDER_NAMES } from "@/lib/models";

/** How keys begin, as in `keys.rs` of touchstone-providers. */
const SHAPES: readonly [start: string, provider: Provider][] = [
  ["sk-ant-", "anthropic"],
  ["sk-", "open_ai"],
  ["AIza", "gemini"],
  ["AQ.", "gemini"],
  ["{", "vertex_ai"],
];

/** What to tell somebody who enters `key` for `provider`, if it has the shape of another vendor's. */
export function keyWarning(provider: Provider, key: string, baseUrl: string | null): string | null {
  // A gateway gives out keys of any shape.
  if (provider === "custom" || (baseUrl ?? "").trim() !== "") return null;
  const text = key.trim();
  const looksLike = SHAPES.find(([start]) => text.startsWith(start))?.[1];
  if (looksLike === undefined || looksLike === provider) return null;
  // Typed letter by letter, a key of Anthropic is one of OpenAI for a moment.
  if (SHAPES.some(([start, owner]) => owner === provider && start.startsWith(text))) return null;
  return `This looks like a key of ${PROVIDER_NAMES[looksLike]}, and the connection is for ${PROVIDER_NAMES[provider]}.`;
}
