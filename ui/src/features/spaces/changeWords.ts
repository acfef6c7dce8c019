import type { PromptChange } from "@/ipc/bindings";
import { formatCount } from "@/lib/format";

/** So many messages of versions are quoted. */
const QUOTED_MAX = 3;

/** What a change would do, a line each. */
export function changeLines({ is_new, version_count, versions, labels, description }: PromptChange): string[] {
  const lines: string[] = [];
  if (version_count > 0) {
    const quoted = versions.slice(0, QUOTED_MAX).map(({ message }) => `“${message}”`);
    const more = version_count - quoted.length;
    const words = more > 0 ? [...quoted, `${more} more`] : quoted;
    const what = is_new ? "A new prompt with " : "";
    lines.push(`${what}${formatCount(version_count, is_new ? "version" : "new version")}: ${words.join(", ")}`);
  }
  for (const { name, from, to } of labels) {
    if (to === null) lines.push(`${name} is removed from ${from ?? "where it is"}`);
    else lines.push(from === null ? `${name} points to ${to}` : `${name} moves from ${from} to ${to}`);
  }
  if (description !== null) {
    lines.push(description === "" ? "The description is removed" : `Description: ${description}`);
  }
  return lines;
}
