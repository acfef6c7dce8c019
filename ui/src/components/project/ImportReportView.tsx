import { Download } from "lucide-react";
import type { ReactNode } from "react";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { ScrollTable, scrollCell } from "@/components/ui/ScrollTable";
import { toast } from "@/components/ui/toast";
import type { ImportIssue, ImportReport, IssueKind } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { formatCount, formatNumber, sentence } from "@/lib/format";

/** What an import brought, and each item that it could not take as it was. */
export function ImportReportView({ report, ineligible }: { report: ImportReport; ineligible: string | null }) {
  const { tasks, annotations, ground_truth: truths, ground_truth_implied: implied, refused, duplicates } = report;
  return (
    <div className="flex flex-col gap-4">
      <dl className="grid grid-cols-5 divide-x rounded-md border text-center">
        <Count label="Tasks" value={tasks} />
        <Count label="Annotations" value={annotations} />
        <Count label="Ground truths" value={truths} />
        <Count label="Duplicates" value={duplicates} />
        <Count label="Refused" value={refused} />
      </dl>
      {implied > 0 && (
        <p className="text-sm text-subtler">
          {formatCount(implied, "annotation")} had no ground-truth mark and count as ground truth, as on an upload to
          Label Studio.
        </p>
      )}
      {ineligible !== null && (
        <Banner kind="warning" title="Prompts cannot use this project">
          {sentence(ineligible)}
        </Banner>
      )}
      {truths === 0 && ineligible === null && (
        <Banner title="No ground truths">
          Prompts can run on this project, but nothing can be scored until some tasks have a ground truth.
        </Banner>
      )}
      {report.warnings.length > 0 && (
        <Banner kind="warning" title="Worth knowing">
          <ul className="list-disc pl-4">
            {report.warnings.map((warning) => (
              <li key={warning}>{sentence(warning)}</li>
            ))}
          </ul>
        </Banner>
      )}
      {report.first_issues.length > 0 && (
        <Issues
          projectId={report.project_id}
          issues={report.first_issues}
          more={Math.max(0, refused + duplicates - report.first_issues.length)}
        />
      )}
    </div>
  );
}

const KINDS: Record<IssueKind, string> = { refused: "Refused", duplicate: "Duplicate", changed: "Not all of it" };

const PLACES = [
  { title: "Line", className: "w-20 text-right" },
  { title: "Item", className: "w-20 text-right" },
];

/** Of a server, where a task is known by its id. */
const TASK = { title: "Task", className: "w-24 text-right" };

const WORDS = [{ title: "What", className: "w-28" }, { title: "Why" }];

type IssuesProps = {
  projectId: string;
  issues: readonly ImportIssue[];
  /** How many are not listed. */
  more: number;
};

/** What an import did not take as it was, and the way to a file of it. */
export function Issues({ projectId, issues, more }: IssuesProps): ReactNode {
  const write = async () => {
    try {
      const path = await ipc.chooseIssuesPath("import report.csv");
      if (path === null) return;
      const rows = await ipc.exportImportIssues(projectId, path);
      toast({ title: `${formatCount(rows, "line")} written`, description: path });
    } catch (error) {
      toast({ kind: "failed", title: "The list was not written", description: messageOf(error) });
    }
  };
  const hasTasks = issues.some(({ remote_id }) => remote_id !== null);
  const hasPlaces = issues.some(({ remote_id }) => remote_id === null);
  const columns = [...(hasPlaces ? PLACES : []), ...(hasTasks ? [TASK] : []), ...WORDS];
  return (
    <section className="flex min-h-0 flex-col gap-2">
      <div className="flex items-center">
        <h3 className="flex-1 text-sm font-semibold">Items that were not taken as they were</h3>
        <Button size="small" icon={Download} onClick={() => void write()}>
          Export the list
        </Button>
      </div>
      <ScrollTable label="Items that were not taken as they were" columns={columns}>
        {issues.map(({ kind, file, item, line, remote_id: id, message }) => (
          <tr key={`${file} ${id ?? item} ${kind} ${message}`}>
            {hasPlaces && (
              <>
                <td className={`${scrollCell} text-right tabular-nums`}>{line === null ? "" : formatNumber(line)}</td>
                <td className={`${scrollCell} text-right tabular-nums`}>{id === null ? formatNumber(item) : ""}</td>
              </>
            )}
            {hasTasks && <td className={`${scrollCell} text-right tabular-nums`}>{id}</td>}
            <td className={scrollCell}>{KINDS[kind]}</td>
            <td className={`${scrollCell} break-words`} title={file}>
              {sentence(message)}
            </td>
          </tr>
        ))}
      </ScrollTable>
      {more > 0 && <p className="text-xs text-subtler">And {formatCount(more, "more item")}; the list has them.</p>}
    </section>
  );
}

function Count({ label, value }: { label: string; value: number }) {
  return (
    <div className="flex flex-col-reverse px-3 py-3">
      <dt className="text-xs text-subtler">{label}</dt>
      <dd className="text-lg font-semibold tabular-nums">{formatNumber(value)}</dd>
    </div>
  );
}
