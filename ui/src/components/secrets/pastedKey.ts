/** `api_key: `, `"apiKey":` or `- token = `, as in JSON and YAML. */
const NAMED = /^[{\s-]*(["']?)(?:[\w-]*[_-])?(?:api)?(?:key|token|secret)\1\s*(?:=|:(?=\s|["']))\s*(?=[^\s=])/i;

/**
 * A key as it was copied, without what it was copied with: a line of an environment file, of a program, of a request or of a
 * document. A name counts as one only in capitals, or if it says that a key follows, and only before a value: keys in
 * Base64 end in signs of equality. Rust takes the same off whatever is entered, and refuses what can be no key.
 */
export function pastedKey(text: string): string {
  return text
    .trim()
    .replace(/^(?:export\s+|set\s+|\$env:)?[A-Z_][A-Z0-9_]*\s*=\s*(?=[^\s=])/, "")
    .replace(NAMED, "")
    .replace(/[\s"'`“”„‟‘’‚‛«»]+/g, " ")
    .trim()
    .replace(/^(?:Authorization:\s*)?(?:Bearer|Token)\s+/i, "")
    .replace(/[,;}\s]+$/, "")
    .replace(/\s/g, "");
}
