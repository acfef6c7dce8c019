import type { PromptSummary } from "@/ipc/bindings";

/** Every folder that prompts are in, with the folders around it, in the order of the alphabet. */
export function folderPaths(prompts: readonly Pick<PromptSummary, "folder">[]): string[] {
  const paths = new Set<string>();
  for (const { folder } of prompts) {
    const steps = folder.split("/").filter((step) => step !== "");
    for (let length = 1; length <= steps.length; length += 1) paths.add(steps.slice(0, length).join("/"));
  }
  return [...paths].sort((a, b) => a.localeCompare(b));
}

/** Whether a prompt is in a folder, or in one within it. */
export function isIn({ folder }: Pick<PromptSummary, "folder">, path: string): boolean {
  return folder === path || folder.startsWith(`${path}/`);
}
