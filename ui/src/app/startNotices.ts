/** What must be known of this computer although nobody asked: the workspace file is damaged, or the program crashed. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { toast } from "@/components/ui/toast";
import { ipc } from "@/ipc/client";
import { crashReportQuery, workspaceFileQuery } from "@/ipc/queries";

/** Long enough to be seen by who starts the program and fetches a coffee; both stay in Settings. */
const LONG_MS = 30_000;

export function useStartNotices(open: (dialog: "data" | "privacy") => void): void {
  const isDamaged = useQuery(workspaceFileQuery()).data?.damage != null;
  const isNewCrash = useQuery(crashReportQuery()).data?.is_new === true;
  useEffect(() => {
    if (!isDamaged) return;
    toast({
      kind: "failed",
      title: "The workspace file is damaged",
      description: "Part of it may be lost. Restore a backup, or salvage what can be read.",
      action: { label: "Show", run: () => open("data") },
      timeout: LONG_MS,
    });
  }, [isDamaged, open]);
  useEffect(() => {
    if (!isNewCrash) return;
    toast({
      title: "A part of Touchstone crashed",
      description: "There is a report on this computer. It was not sent anywhere.",
      action: { label: "Show the report", run: () => open("privacy") },
      timeout: LONG_MS,
    });
    // It was offered; the report stays in Settings.
    void ipc.dismissCrashReport().catch(() => {});
  }, [isNewCrash, open]);
}
