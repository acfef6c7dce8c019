import { useEffect, useState } from "react";
import { ConfirmDialog } from "@/components/ui/Dialog";
import { toast } from "@/components/ui/toast";
import { ipc, listen, messageOf } from "@/ipc/client";
import { formatCount } from "@/lib/format";

const failed = (error: unknown) =>
  toast({ kind: "failed", title: "Touchstone could not be closed", description: messageOf(error) });

/** Asks before the window closes over runs that are at work. */
export function CloseQuestion() {
  const [runs, setRuns] = useState(0);
  useEffect(() => listen("closeAsked", ({ runs }) => setRuns(runs)), []);
  const stay = () => {
    setRuns(0);
    void ipc.stayOpen();
  };
  return (
    <ConfirmDialog
      open={runs > 0}
      onClose={stay}
      title={`Close while ${formatCount(runs, "run")} ${runs === 1 ? "is" : "are"} at work?`}
      action="Pause and close"
      tone="primary"
      onConfirm={() => void ipc.quit(true).catch(failed)}
    >
      <p>
        Closing pauses {runs === 1 ? "it" : "them"}. What was answered is kept, and resuming goes on from there without
        asking or paying for it again.
      </p>
    </ConfirmDialog>
  );
}
