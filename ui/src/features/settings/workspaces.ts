/** The workspace file: the ways to another one and back, and what is done with it from anywhere. */
import { toast } from "@/components/ui/toast";
import { ipc, messageOf } from "@/ipc/client";
import { formatBytes } from "@/lib/format";

/** Asks for a workspace file; `onChosen` gets its path, if one was chosen. */
export async function chooseWorkspace(onChosen: (path: string) => void): Promise<void> {
  try {
    const path = await ipc.chooseWorkspace();
    if (path !== null) onChosen(path);
  } catch (error) {
    toast({ kind: "failed", title: "The file dialog could not be opened", description: messageOf(error) });
  }
}

/** Starts again with the workspace in the program's own folder. */
export async function openOwnWorkspace(): Promise<void> {
  try {
    await ipc.switchWorkspace(null);
  } catch (error) {
    toast({ kind: "failed", title: "It could not be opened", description: messageOf(error) });
  }
}

/** Asks where to, and copies the workspace there. */
export async function backUpWorkspace(): Promise<void> {
  const path = await ipc.chooseWorkspacePath("workspace backup");
  if (path === null) return;
  const { bytes } = await ipc.backUpWorkspace(path);
  toast({ kind: "done", title: "The workspace is backed up", description: `${path}, ${formatBytes(bytes)}` });
}

/** Looks at the whole file; `onDamaged` leads to what can be done where something is wrong with it. */
export async function checkWorkspace(onDamaged: () => void): Promise<void> {
  const { is_whole: isWhole, bytes } = await ipc.checkWorkspace();
  toast(
    isWhole
      ? { kind: "done", title: "The workspace is whole", description: formatBytes(bytes) }
      : { kind: "failed", title: "The workspace is damaged", action: { label: "Show", run: onDamaged } },
  );
}
