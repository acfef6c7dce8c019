/** A labeling config that is not saved yet: kept on this machine, so that leaving the screen or the program loses none. */
import type { ClassRename } from "@/ipc/bindings";
import { keep, readKept } from "@/lib/kept";

export type ConfigDraft = {
  text: string;
  /** The classes that were renamed in it, one after the other. */
  renames: ClassRename[];
};

const key = (projectId: string) => `touchstone.config-draft.${projectId}`;

/** What was left unsaved; `undefined` if there is none. */
export function readDraft(projectId: string): ConfigDraft | undefined {
  const kept = readKept(key(projectId));
  return isDraft(kept) ? kept : undefined;
}

/** Keeps a draft, or with `undefined` none. */
export function keepDraft(projectId: string, draft: ConfigDraft | undefined): void {
  keep(key(projectId), draft);
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
