import { useQuery } from "@tanstack/react-query";
import { runCommand } from "@/components/commands";
import { Button } from "@/components/ui/Button";
import { toast } from "@/components/ui/toast";
import { ipc, messageOf } from "@/ipc/client";
import { appInfoQuery } from "@/ipc/queries";

/** The way to another file to keep everything in, and back. */
export function WorkspaceSection() {
  const info = useQuery(appInfoQuery()).data;
  const goBack = () =>
    void ipc
      .switchWorkspace(null)
      .catch((error) => toast({ kind: "failed", title: "It could not be opened", description: messageOf(error) }));
  if (info === undefined) return null;
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => runCommand("app.workspace")}>Open another workspace…</Button>
        {info.workspace_is_chosen && <Button onClick={goBack}>Go back to my own workspace</Button>}
      </div>
      <p className="text-xs text-subtler">Touchstone starts again with it, and pauses the runs at work before.</p>
    </>
  );
}
