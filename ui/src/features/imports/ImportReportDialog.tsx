import { useQuery } from "@tanstack/react-query";
import { ClipboardCheck } from "lucide-react";
import { Loaded } from "@/components/Loaded";
import { Issues } from "@/components/project/ImportReportView";
import { Dialog } from "@/components/ui/Dialog";
import { EmptyState } from "@/components/ui/EmptyState";
import { importIssuesQuery } from "@/ipc/queries";

/** As many as a person reads; the exported list has all. */
const LISTED = 500;

/** What the imports of a project did not take as it was, long after them. */
export function ImportReportDialog({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const issues = useQuery(importIssuesQuery(projectId, LISTED));
  return (
    <Dialog open onClose={onClose} size="large" title="Import report">
      <Loaded query={issues} what="the import report">
        {({ total, rows }) =>
          total === 0 ? (
            <EmptyState icon={ClipboardCheck} title="Everything was taken as it was">
              No item was refused, and no two tasks have the same data.
            </EmptyState>
          ) : (
            <Issues projectId={projectId} issues={rows} more={total - rows.length} />
          )
        }
      </Loaded>
    </Dialog>
  );
}
