/**
 * A key as it was copied, without what it was copied with: a line of an environment file, of a program, of a request or of a
 * document. A name counts as one only in capitals, and only before a value: keys in Base64 end in signs of equality.
 */
export function pastedKey(text: string): string {
  return text
    .trim()
    .replace(/^(?:export\s+)?[A-Z_][A-Z0-9_]*\s*=\s*(?=[^\s=])/, "")
    .replace(/[\s"'`“”„‟‘’‚‛«»]+/g, " ")
    .trim()
    .replace(/^(?:Authorization:\s*)?Bearer\s+/i, "")
    .replace(/[,;\s]+$/, "")
    .replace(/\s/g, "");
}
