/** What a config asks for where a required control has no answer (`requiredMessage`), by the control's name. */
export function requiredMessages(configXml: string): Map<string, string> {
  const messages = new Map<string, string>();
  for (const tag of new DOMParser().parseFromString(configXml, "text/xml").querySelectorAll("[name]")) {
    // Label Studio takes attributes in either case.
    const words = [...tag.attributes].find(({ name }) => name.toLowerCase() === "requiredmessage")?.value.trim();
    if (words) messages.set(tag.getAttribute("name") ?? "", words);
  }
  return messages;
}
