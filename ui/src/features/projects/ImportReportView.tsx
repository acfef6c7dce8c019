import { Banner } from "@/components/ui/Banner";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import type { ImportReport } from "@/ipc/bindings";
import { formatCount, formatNumber, sentence } from "@/lib/format";

/** What an import brought, and each item that it could not take. */
export function ImportReportView({ report, ineligible }: { report: ImportReport; ineligible: string | null }) {
  const { tasks, annotations, ground_truth: truths, ground_truth_implied: implied, refused } = report;
  const listed = report.first_issues.filter(({ kind }) => kind === "refused");
  const unlisted = refused - listed.length;
  return (
    <div className="flex flex-col gap-4">
      <dl className="grid grid-cols-4 divide-x rounded-md border text-center">
        <Count label="Tasks" value={tasks} />
        <Count label="Annotations" value={annotations} />
        <Count label="Ground truths" value={truths} />
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
      {refused > 0 && (
        <section className="flex flex-col gap-2">
          <h3 className="text-sm font-semibold">Items that were refused</h3>
          <ScrollRegion label="Items that were refused" className="max-h-56 rounded-md border">
            <table className="w-full text-left text-sm">
              <thead className="sticky top-0 bg-surface text-xs text-subtle">
                <tr>
                  <th scope="col" className="h-8 w-24 px-3 font-semibold">
                    Item
                  </th>
                  <th scope="col" className="px-3 font-semibold">
                    Why
                  </th>
                </tr>
              </thead>
              <tbody>
                {listed.map(({ item, message }) => (
                  <tr key={item} className="border-t">
                    <td className="px-3 py-1.5 align-top tabular-nums">{formatNumber(item)}</td>
                    <td className="px-3 py-1.5 break-words">{sentence(message)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
          {unlisted > 0 && <p className="text-xs text-subtler">And {formatCount(unlisted, "more item")}.</p>}
        </section>
      )}
    </div>
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
