/** The ways to another file to keep everything in, and back. */
import { toast } from "@/components/ui/toast";
import { ipc, messageOf } from "@/ipc/client";

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
