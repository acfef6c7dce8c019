import type { DraftContent, Role } from "@/ipc/bindings";

const roleNames: Record<Role, string> = { SYSTEM: "System", USER: "User", ASSISTANT: "Assistant" };

/** Everything that a version says, as a text to compare: messages first, then model and parameters. */
export function versionText(content: DraftContent): string {
  const messages = content.messages.map((message) => `── ${roleNames[message.role]} ──\n${message.content}\n`);
  const params = Object.entries(content.invocation_params);
  const settings = [
    "── Model ──",
    content.model === "" ? "none chosen" : content.model,
    `Variables: ${content.input_variable_format === "F_STRING" ? "{name}" : "none, sent as it is"}`,
    ...params.map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
  ];
  return [...messages, `${settings.join("\n")}\n`].join("\n");
}
