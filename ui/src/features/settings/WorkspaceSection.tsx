import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { appInfoQuery } from "@/ipc/queries";
import { WorkspaceQuestion } from "./WorkspaceQuestion";
import { chooseWorkspace, openOwnWorkspace } from "./workspaces";

/** The way to another file to keep everything in, and back. */
export function WorkspaceSection() {
  const info = useQuery(appInfoQuery()).data;
  const [opening, setOpening] = useState<string | null>(null);
  if (info === undefined) return null;
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => void chooseWorkspace(setOpening)}>Open another workspace…</Button>
        {info.workspace_is_chosen && (
          <Button onClick={() => void openOwnWorkspace()}>Go back to my own workspace</Button>
        )}
      </div>
      <p className="text-xs text-subtler">Touchstone starts again with it, and pauses the runs at work before.</p>
      <WorkspaceQuestion path={opening} onClose={() => setOpening(null)} />
    </>
  );
}
