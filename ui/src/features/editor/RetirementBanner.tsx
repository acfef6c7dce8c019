import { useQuery } from "@tanstack/react-query";
import { Banner } from "@/components/ui/Banner";
import type { DraftContent } from "@/ipc/bindings";
import { connectionsQuery } from "@/ipc/queries";
import { formatDay } from "@/lib/format";
import { retirementOf } from "@/lib/models";

/** Says in time that the chosen model stops to answer. */
export function RetirementBanner({ connection_id, model }: Pick<DraftContent, "connection_id" | "model">) {
  const connections = useQuery(connectionsQuery()).data ?? [];
  const chosen = connections.find(({ id }) => id === connection_id)?.models.find(({ id }) => id === model);
  const retirement = chosen === undefined ? null : retirementOf(chosen, new Date());
  if (retirement === null || retirement.kind === "later") return null;
  const day = formatDay(retirement.day);
  return retirement.kind === "retired" ? (
    <Banner kind="negative" title={`${model} was retired on ${day}`} className="mx-4 mt-3">
      Its provider does not answer for it any more. Choose another model; versions and results that it made are kept.
    </Banner>
  ) : (
    <Banner kind="warning" title={`${model} retires on ${day}`} className="mx-4 mt-3">
      Try another model while this one still answers, to compare the two.
    </Banner>
  );
}
