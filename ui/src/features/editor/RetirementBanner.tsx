import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import type { DraftContent } from "@/ipc/bindings";
import { connectionsQuery } from "@/ipc/queries";
import { formatDay } from "@/lib/format";
import { priceWords, replacementOf, retirementOf } from "@/lib/models";

type Choice = Pick<DraftContent, "connection_id" | "model">;

/** The end of the chosen model, where its days are counted, and what may take its place. */
export function useRetirement({ connection_id, model }: Choice) {
  const connections = useQuery(connectionsQuery()).data;
  // The draft changes with every key, the model does not.
  return useMemo(() => {
    const connection = connections?.find(({ id }) => id === connection_id);
    const chosen = connection?.models.find(({ id }) => id === model);
    if (connection === undefined || chosen === undefined) return null;
    const now = new Date();
    const retirement = retirementOf(chosen, now);
    if (retirement === null || retirement.kind === "later") return null;
    return { ...retirement, model, connection, replacement: replacementOf(chosen, connection.models, now) };
  }, [connections, connection_id, model]);
}

type RetirementBannerProps = {
  retirement: NonNullable<ReturnType<typeof useRetirement>>;
  onReplace: (model: string) => void;
};

/** Says in time that the chosen model stops to answer. */
export function RetirementBanner({ retirement, onReplace }: RetirementBannerProps) {
  const { kind, model, connection, replacement } = retirement;
  const day = formatDay(retirement.day);
  const other =
    replacement === undefined
      ? "Choose another model"
      : `Of the models of ${connection.name} that stay, ${replacement.id} costs most like it (${priceWords(replacement, connection)})`;
  return (
    <Banner
      kind={kind === "retired" ? "negative" : "warning"}
      title={kind === "retired" ? `${model} was retired on ${day}` : `${model} retires on ${day}`}
      className="mx-4 mt-3"
      actions={
        replacement !== undefined && (
          <Button size="small" onClick={() => onReplace(replacement.id)}>
            Use {replacement.id}
          </Button>
        )
      }
    >
      {kind === "retired"
        ? `Its provider does not answer for it any more. ${other}; versions and results that it made are kept.`
        : `${other}. Try it while this one still answers, to compare the two.`}
    </Banner>
  );
}
