import { toast } from "@/components/ui/toast";
import { ipc, messageOf } from "@/ipc/client";
import { formatCount, sentence } from "@/lib/format";

/** Asks for files, and says what came of them. */
export async function importPrompts(): Promise<void> {
  try {
    const paths = await ipc.choosePromptFiles();
    if (paths.length === 0) return;
    const { prompts, refused } = await ipc.importPrompts(paths);
    if (prompts.length > 0) {
      toast({
        title: `${formatCount(prompts.length, "prompt")} imported`,
        description: prompts.map(({ name }) => name).join(", "),
      });
    }
    for (const why of refused)
      toast({ kind: "failed", title: "A prompt was not imported", description: sentence(why) });
  } catch (error) {
    toast({ kind: "failed", title: "The prompts could not be imported", description: messageOf(error) });
  }
}
