import { useQuery } from "@tanstack/react-query";
import { Select } from "@/components/ui/Select";
import type { ConnectionSummary, DraftContent, Provider } from "@/ipc/bindings";
import { connectionsQuery } from "@/ipc/queries";
import { modelLabel, PROVIDER_NAMES } from "@/lib/models";

type Choice = Pick<DraftContent, "connection_id" | "model">;
type Asked = Choice & Pick<DraftContent, "provider">;
const keyOf = ({ connection_id, model }: Choice) => JSON.stringify([connection_id, model]);

const providerNames: Record<Provider, string> = {
  open_ai: "OpenAI",
  azure_open_ai: "Azure OpenAI",
  aws_bedrock: "AWS Bedrock",
  vertex_ai: "Vertex AI",
  anthropic: "Anthropic",
  gemini: "Gemini",
  foundry: "Azure AI Foundry",
  custom: "Custom LLM",
  practice: "Practice model",
};

/** The base model: one of those that the connections offer. */
export function ModelSelect({ value, onChange }: { value: Asked; onChange: (choice: Choice) => void }) {
  const connections = useQuery(connectionsQuery()).data;
  const offered = (connections ?? []).flatMap((connection) =>
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
  const isOffered = offered.some((option) => option.value === keyOf(value));
  // A prompt that came from elsewhere keeps its model, though nobody here can be asked for it.
  const kept = {
    value: keyOf(value),
    label: connections === undefined ? value.model : keptLabel(value, connections),
    hint: "Kept as it is until you choose another",
  };
  return (
    <Select
      label="Base model"
      prefix="Model"
      placeholder="Choose a model"
      value={isOffered || value.model !== "" ? keyOf(value) : null}
      options={isOffered || value.model === "" ? offered : [kept, ...offered]}
      onChange={(key) => {
        const chosen = offered.find((option) => option.value === key);
        if (chosen !== undefined) onChange(chosen.choice);
      }}
      className="max-w-[26rem]"
    />
  );
}

function keptLabel({ connection_id, model, provider }: Asked, connections: readonly ConnectionSummary[]): string {
  const connection = connections.find(({ id }) => id === connection_id);
  return connection === undefined
    ? `${model} · ${providerNames[provider]}, not set up here`
    : `${model} · not offered by ${connection.name}`;
}
