import { ImportReportView } from "@/components/project/ImportReportView";
import type { PullReport } from "@/ipc/bindings";
import { Lines } from "./Lines";

/** What a pull brought; of a project that was here before, also what it changed. */
export function PullReportView({ report, ineligible }: { report: PullReport; ineligible: string | null }) {
  const lines = [
    { title: "New tasks", value: report.new },
    { title: "Changed tasks", value: report.changed },
    { title: "Kept as they were edited here", value: report.kept_here },
    { title: "Gone there, kept here", value: report.gone },
    ...(report.removed > 0 ? [{ title: "Gone there, removed here", value: report.removed }] : []),
  ];
  const isFirst = report.changed + report.kept_here + report.gone + report.removed === 0 && report.new === report.tasks;
  return (
    <div className="flex flex-col gap-4">
      {!isFirst && <Lines label="What changed" lines={lines} />}
      {report.config_taken && (
        <p className="text-sm text-subtle">Their labeling config was taken, and is that of here now.</p>
      )}
      <ImportReportView report={report} ineligible={ineligible} />
    </div>
  );
}
