import type { DraftContent, Role, VariableFormat } from "@/ipc/bindings";
import { PROVIDER_NAMES } from "@/lib/models";

const roleNames: Record<Role, string> = { SYSTEM: "System", USER: "User", ASSISTANT: "Assistant", TOOL: "Tool" };
const formatNames: Record<VariableFormat, string> = {
  F_STRING: "{name}",
  MUSTACHE: "{{name}}, mustache",
  NONE: "none, sent as it is",
};

/** Everything that a version says, as a text to compare: messages first, then model, parameters, tools and schema. */
export function versionText(content: DraftContent): string {
  const messages = content.messages.map((message) => {
    const { role, content, ...more } = message;
    const lines = Object.entries(more).filter(([, value]) => value !== undefined && value !== null);
    const calls = lines.map(([name, value]) => `${name}: ${shown(value)}\n`).join("");
    return `── ${roleNames[role]} ──\n${content ?? ""}\n${calls}`;
  });
  const params = [content.invocation_params, content.provider_params, content.extra].flatMap(Object.entries);
  const settings = [
    "── Model ──",
    `${content.model === "" ? "none chosen" : content.model}, ${PROVIDER_NAMES[content.provider]}`,
    `Variables: ${formatNames[content.input_variable_format]}`,
    ...params.map(([name, value]) => `${name}: ${shown(value)}`),
  ];
  return [...messages, `${settings.join("\n")}\n`].join("\n");
}

/** Objects over several lines, so that a change in a schema is a line and not all of it. */
function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value, null, 2) : JSON.stringify(value);
}
