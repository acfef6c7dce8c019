import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { RelativeTime } from "@/components/ui/Time";
import type { ConnectionSummary, TestUsage } from "@/ipc/bindings";
import { messageOf } from "@/ipc/client";
import { formatCost, formatCount, formatLatency, formatNumber, sentence } from "@/lib/format";
import { ASSUMED_FREE, structureWords } from "@/lib/models";
import { vendorWords } from "@/lib/vendor";
import { AbilityList } from "./AbilityList";
import { lacksKey } from "./providers";

/** What to look at, by the codes of Rust. */
const FAULTS: Record<string, string> = {
  key: "the key",
  permission: "the permission",
  model: "the model",
  deployment: "the deployment",
  endpoint: "the endpoint",
  region: "the region",
  quota: "the quota or rate limit",
  dns: "the server's name",
  authority: "the certificate",
  tls: "the secure connection",
  nothing_listening: "nothing listens there",
  network: "the network",
  timeout: "no answer in time",
  server: "the server",
  request: "the request",
  answer: "the answer",
};

type TestResultProps = {
  connection: ConnectionSummary;
  testing: boolean;
  error: Error | null;
  /** Brings what came out to where it is seen. */
  inSight: boolean;
  onUse: (endpoint: string) => void;
  /** Shows where an authority of one's own is added. */
  onAddAuthority: () => void;
};

/** "This test took 5 questions: 120 tokens in, 40 out, $0.00012." */
function usageWords({ questions, prompt_tokens, completion_tokens, cost_usd }: TestUsage): string {
  const tokens =
    prompt_tokens === null || completion_tokens === null
      ? "tokens unknown, as the server gives no usage"
      : `${formatNumber(prompt_tokens)} tokens in, ${formatNumber(completion_tokens)} out`;
  return `This test took ${formatCount(questions, "question")}: ${tokens}, ${formatCost(cost_usd)}.`;
}

/** Room for the connection's name above what is brought into sight. */
const ROOM = "scroll-mt-24";

export function TestResult({ connection, testing, error, inSight, onUse, onAddAuthority }: TestResultProps) {
  const { last_test: test, models, models_listed_at } = connection;
  if (testing) {
    return (
      <Banner title="Asking the model for one short answer">
        This takes at most ten seconds; a little more the first time, to find out what the model can do.
      </Banner>
    );
  }
  if (lacksKey(connection)) {
    const what = connection.provider === "vertex_ai" ? "Credentials" : "A key";
    return (
      <Banner kind="warning" title={`${what} must be added`}>
        Until then nothing can be asked here, and prompts that use this connection cannot run.
      </Banner>
    );
  }
  if (error !== null) {
    return (
      <Banner kind="negative" title="The test could not be made" inSight={inSight} className={ROOM}>
        {messageOf(error)}
      </Banner>
    );
  }
  if (test === null) {
    return (
      <Banner kind="info" title="Not tested yet">
        Test asks the model for one short answer.
      </Banner>
    );
  }
  const fault = test.fault === null ? undefined : FAULTS[test.fault];
  const time = test.latency_ms === null ? null : formatLatency(test.latency_ms);
  const suggested = test.suggested_endpoint;
  const isAssumedFree = models.some(({ id, is_assumed_free }) => id === test.model && is_assumed_free);
  // Its message stands in ours.
  const vendor = test.ok || test.vendor === null ? null : vendorWords({ ...test.vendor, message: null });
  return (
    <Banner
      kind={test.ok ? "positive" : "negative"}
      title={
        test.ok
          ? `Works${time === null ? "" : `, answered in ${time}`}`
          : `Does not work${fault === undefined ? "" : `: ${fault}`}${time === null ? "" : `, after ${time}`}`
      }
      inSight={inSight}
      className={ROOM}
    >
      <p>
        {test.ok
          ? (test.about_form ?? "The answer had the form that was asked for.")
          : sentence(test.message, test.model)}
        {test.structure !== null && test.abilities === null && ` ${structureWords[test.structure]}`}
      </p>
      {test.ok && test.abilities !== null && (
        <AbilityList abilities={test.abilities} sources={test.ability_sources} className="mt-2" />
      )}
      {test.ok && isAssumedFree && <p className="mt-1 text-sm">{ASSUMED_FREE}</p>}
      {test.usage !== null && <p className="mt-1 text-xs text-subtle">{usageWords(test.usage)}</p>}
      {suggested !== null && (
        <div className="mt-2">
          <Button size="small" onClick={() => onUse(suggested)} className="max-w-full" title={suggested}>
            <span className="truncate">Use {suggested}</span>
          </Button>
        </div>
      )}
      {test.fault === "authority" && (
        <div className="mt-2">
          <Button size="small" onClick={onAddAuthority}>
            Add a custom CA
          </Button>
        </div>
      )}
      {vendor !== null && <p className="mt-1 text-xs text-subtle">{vendor}</p>}
      <p className="mt-1 text-xs text-subtler">
        {test.model === null ? "Tested " : `${test.model}, tested `}
        <RelativeTime iso={test.tested_at} />
        {test.answered_by !== null && test.answered_by !== test.model && `, answered by ${test.answered_by}`}
        {test.ok && models_listed_at !== null && `, one of ${formatCount(models.length, "model")}`}
      </p>
    </Banner>
  );
}
