/** What is written down of the program's own work, and what of it can be given to somebody who helps. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { FolderOpen, ScrollText } from "lucide-react";
import { useState } from "react";
import { Loaded } from "@/components/Loaded";
import { Button } from "@/components/ui/Button";
import { CopyButton } from "@/components/ui/CopyButton";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { showMe } from "@/components/ui/showMe";
import { toast } from "@/components/ui/toast";
import type { CrashReport } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { crashReportQuery } from "@/ipc/queries";

export function PrivacySection({ onDiagnostics }: { onDiagnostics: () => void }) {
  const [shownCrash, setShownCrash] = useState(false);
  const show = useMutation({
    mutationFn: ipc.showLogs,
    onError: (error) => toast({ kind: "failed", title: "The folder was not shown", description: messageOf(error) }),
  });
  return (
    <>
      <p className="text-sm text-subtle">
        No telemetry: nothing is reported to anybody. The log and reports of crashes stay on this computer, bounded in
        size and without secrets.
      </p>
      <div className="flex w-full flex-wrap gap-2">
        <Button icon={FolderOpen} onClick={() => show.mutate()} waiting={show.isPending}>
          Open the log folder
        </Button>
        <Button icon={ScrollText} onClick={onDiagnostics}>
          Diagnostics
        </Button>
      </div>
      <Loaded query={useQuery(crashReportQuery())} what="the crash report">
        {(crash) =>
          crash === null ? (
            <p className="text-sm text-subtler">No crash is on record.</p>
          ) : shownCrash ? (
            <LastCrash {...crash} />
          ) : (
            <Button onClick={() => setShownCrash(true)}>Show the last crash</Button>
          )
        }
      </Loaded>
    </>
  );
}

/** A text that is read before it is copied. */
function LastCrash({ text, path }: CrashReport) {
  return (
    <div ref={showMe} className="flex w-full scroll-mb-5 flex-col gap-2">
      <ScrollRegion label="The last crash" className="max-h-56 w-full rounded-sm border bg-inset p-3">
        <pre className="font-mono text-xs whitespace-pre-wrap break-words select-text">{text}</pre>
      </ScrollRegion>
      <div className="flex items-start gap-2">
        <CopyButton text={text} label="Copy" size="small" />
        <span className="min-w-0 text-xs break-words text-subtler">{path}</span>
      </div>
    </div>
  );
}
