import { useQuery } from "@tanstack/react-query";
import { Select } from "@/components/ui/Select";
import type { DraftContent } from "@/ipc/bindings";
import { connectionsQuery } from "@/ipc/queries";
import { modelLabel, PROVIDER_NAMES } from "@/lib/models";

type Choice = Pick<DraftContent, "connection_id" | "model">;
const keyOf = ({ connection_id, model }: Choice) => JSON.stringify([connection_id, model]);

/** The base model: one of those that the connections offer. */
export function ModelSelect({ value, onChange }: { value: Choice; onChange: (choice: Choice) => void }) {
  const connections = useQuery(connectionsQuery()).data ?? [];
  const options = connections.flatMap((connection) =>
    connection.models.map((model) => ({
      value: keyOf({ connection_id: connection.id, model: model.id }),
      label: modelLabel({ provider: connection.provider, model: model.id }),
      hint:
        connection.provider === "practice"
          ? "Built in. No key, no network"
          : (connection.base_url ?? connection.endpoint ?? PROVIDER_NAMES[connection.provider]),
      choice: { connection_id: connection.id, model: model.id },
    })),
  );
  const current = options.find((option) => option.value === keyOf(value));
  return (
    <Select
      label="Base model"
      prefix="Model"
      placeholder="Choose a model"
      value={current?.value ?? null}
      options={options}
      onChange={(key) => {
        const chosen = options.find((option) => option.value === key);
        if (chosen !== undefined) onChange(chosen.choice);
      }}
      className="max-w-[26rem]"
    />
  );
}
