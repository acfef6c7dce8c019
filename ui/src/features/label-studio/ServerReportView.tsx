import { Banner } from "@/components/ui/Banner";
import type { ServerReport } from "@/ipc/bindings";
import { sentence } from "@/lib/format";
import { serverWords, tokenKindWords } from "./words";

type ServerReportViewProps = { report: ServerReport; title: string; inSight?: boolean; onDismiss?: () => void };

/** What a server said it is, and what the token may do there. */
export function ServerReportView({ report, title, ...rest }: ServerReportViewProps) {
  return (
    <Banner kind="positive" role="status" title={`${title}: ${serverWords(report)}`} {...rest}>
      <p>
        {tokenKindWords(report)}.
        {report.abilities.length === 0 ? " It may do nothing that is needed here." : " It may:"}
      </p>
      {report.abilities.length > 0 && (
        <ul className="list-disc pl-4">
          {report.abilities.map((ability) => (
            <li key={ability}>{sentence(ability)}</li>
          ))}
        </ul>
      )}
    </Banner>
  );
}
