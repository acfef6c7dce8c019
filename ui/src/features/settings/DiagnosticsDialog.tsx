/** What can be given to somebody who helps, to be read before it is copied. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Loaded } from "@/components/Loaded";
import { CopyButton } from "@/components/ui/CopyButton";
import { Dialog } from "@/components/ui/Dialog";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { ipc } from "@/ipc/client";

/** Collected anew each time, and kept as it is while it is read. */
const diagnosticsQuery = () =>
  queryOptions({
    queryKey: ["diagnostics"],
    queryFn: () => ipc.diagnostics(),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

export function DiagnosticsDialog({ onClose }: { onClose: () => void }) {
  const query = useQuery(diagnosticsQuery());
  return (
    <Dialog
      open
      onClose={onClose}
      title="Diagnostics"
      size="large"
      bare
      description="Sizes, counts, settings and the last lines of the log; no names, and no text of tasks or prompts. Read it before you share it."
      footer={query.data !== undefined && <CopyButton text={query.data} label="Copy" />}
    >
      <ScrollRegion label="Diagnostics" className="min-h-0 flex-1 px-6 py-5">
        <Loaded query={query} what="the diagnostics">
          {(text) => <pre className="font-mono text-xs whitespace-pre-wrap break-words select-text">{text}</pre>}
        </Loaded>
      </ScrollRegion>
    </Dialog>
  );
}
