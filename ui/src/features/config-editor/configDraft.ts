/** A labeling config that is not saved yet: kept on this machine, so that leaving the screen or the program loses none. */
import type { ClassRename } from "@/ipc/bindings";

export type ConfigDraft = {
  text: string;
  /** The classes that were renamed in it, one after the other. */
  renames: ClassRename[];
};

const key = (projectId: string) => `touchstone.config-draft.${projectId}`;

/** What was left unsaved; `undefined` if there is none. */
export function readDraft(projectId: string): ConfigDraft | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key(projectId)) ?? "null");
    return isDraft(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a draft, or with `undefined` none. Where nothing can be kept, it lives as long as its screen. */
export function keepDraft(projectId: string, draft: ConfigDraft | undefined): void {
  try {
    if (draft === undefined) localStorage.removeItem(key(projectId));
    else localStorage.setItem(key(projectId), JSON.stringify(draft));
  } catch {
    // Storage is full or switched off.
  }
}

function isDraft(kept: unknown): kept is ConfigDraft {
  return (
    typeof kept === "object" &&
    kept !== null &&
    "text" in kept &&
    typeof kept.text === "string" &&
    "renames" in kept &&
    Array.isArray(kept.renames)
  );
}
