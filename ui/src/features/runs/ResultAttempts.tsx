/** How the answer of a result was come by: what was asked, what came back, and what was made of it. */
import { Check, CircleX, type LucideIcon, RotateCcw } from "lucide-react";
import type { ReactNode } from "react";
import { CopyButton } from "@/components/ui/CopyButton";
import type { ResultDetail } from "@/ipc/bindings";
import { formatCost, formatCount, formatLatency, formatNumber } from "@/lib/format";
import { tokenWords } from "./cost";
import { Part, Repairs, Source } from "./resultParts";

export function ResultAttempts({ detail }: { detail: ResultDetail }) {
  const { row, attempts, asked_again, repairs, request_id } = detail;
  const unused = asked_again?.times ?? 0;
  if (row.cached) {
    return (
      <div className="flex flex-col gap-4">
        <p>The answer from before was reused: nothing was sent or paid.</p>
        {repairs.length > 0 && (
          <Part title="Repairs">
            <Repairs repairs={repairs} />
          </Part>
        )}
      </div>
    );
  }
  const tokens = tokenWords({ ...row, ...detail });
  return (
    <div className="flex flex-col gap-5">
      <ol className="flex flex-col gap-4">
        {asked_again !== null && (
          <Step icon={RotateCcw} title={unused === 1 ? "An answer that could not be used" : unusedWords(unused)}>
            <p className="mb-2 text-subtle select-text">
              Because {asked_again.why.replace(/\.$/, "")}. It was asked again.
            </p>
            <Source text={asked_again.answer} label="Copy the answer that could not be used">
              {unused === 1 ? "As it came." : "The last of them, as it came."}
            </Source>
          </Step>
        )}
        {row.error === null ? (
          <Step
            icon={Check}
            title={repairs.length === 0 ? "The answer that was used" : "The answer that was used, once repaired"}
          >
            {repairs.length > 0 && <Repairs repairs={repairs} />}
          </Step>
        ) : (
          <Step icon={CircleX} title={row.error.message}>
            <p className="text-subtle">It ended without a usable answer. A failed task is not counted as wrong.</p>
          </Step>
        )}
      </ol>
      <Part title="What it took">
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-4 gap-y-1.5">
          <Fact name="Requests">
            {formatNumber(attempts)}
            {attempts > unused + 1 && `, ${formatCount(attempts - unused - 1, "of them", "of them")} without an answer`}
          </Fact>
          {row.latency_ms !== null && <Fact name="Time">{formatLatency(row.latency_ms)}</Fact>}
          {tokens.length > 0 && <Fact name="Tokens">{tokens.join(", ")}</Fact>}
          {tokens.length > 0 && <Fact name="Cost">{formatCost(row.cost_usd)}</Fact>}
          {request_id !== null && (
            <Fact name="Request id">
              <span className="flex min-w-0 items-center gap-1">
                <span className="min-w-0 truncate font-mono text-xs">{request_id}</span>
                <CopyButton text={request_id} label="Copy the request id" iconOnly size="small" />
              </span>
            </Fact>
          )}
        </dl>
      </Part>
    </div>
  );
}

function unusedWords(times: number): string {
  return `${formatNumber(times)} answers that could not be used`;
}

function Step({ icon: Icon, title, children }: { icon: LucideIcon; title: string; children?: ReactNode }) {
  return (
    <li className="flex gap-3">
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-subtler" />
      <div className="min-w-0 flex-1">
        <h3 className="font-medium select-text">{title}</h3>
        {children}
      </div>
    </li>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-subtler">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
