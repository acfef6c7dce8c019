import { useQuery } from "@tanstack/react-query";
import { Select } from "@/components/ui/Select";
import type { DraftContent } from "@/ipc/bindings";
import { connectionsQuery } from "@/ipc/queries";
import { modelLabel } from "@/lib/models";

type Choice = Pick<DraftContent, "connection_id" | "model">;
const keyOf = ({ connection_id, model }: Choice) => JSON.stringify([connection_id, model]);

/** The base model: one of those that the connections offer. */
export function ModelSelect({ value, onChange }: { value: Choice; onChange: (choice: Choice) => void }) {
  const connections = useQuery(connectionsQuery()).data ?? [];
  const options = connections.flatMap((connection) =>
    connection.models.map((model) => ({
      value: keyOf({ connection_id: connection.id, model }),
      label: modelLabel({ provider: connection.provider, model }),
      hint: connection.endpoint ?? "Built in. No key, no network",
      choice: { connection_id: connection.id, model },
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
