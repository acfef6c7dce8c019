import { toast } from "@/components/ui/toast";
import { ipc, messageOf } from "@/ipc/client";
import { formatCount, sentence } from "@/lib/format";

type Into = {
  /** `null` for the space that every workspace has. */
  spaceId: string | null;
  /** There is more than one space, so it is said which. */
  namesSpace: boolean;
};

/** Asks for files, and says what came of them. */
export async function importPrompts({ spaceId, namesSpace }: Into): Promise<void> {
  try {
    const paths = await ipc.choosePromptFiles();
    if (paths.length === 0) return;
    const { space_name, prompts, refused } = await ipc.importPrompts(paths, spaceId);
    if (prompts.length > 0) {
      toast({
        title: `${formatCount(prompts.length, "prompt")} imported${namesSpace ? ` into “${space_name}”` : ""}`,
        description: prompts.map(({ name }) => name).join(", "),
      });
    }
    for (const why of refused)
      toast({ kind: "failed", title: "A prompt was not imported", description: sentence(why) });
  } catch (error) {
    toast({ kind: "failed", title: "The prompts could not be imported", description: messageOf(error) });
  }
}
