import { useQuery } from "@tanstack/react-query";
import type { DraftContent, ModelInfo } from "@/ipc/bindings";
import { connectionsQuery } from "@/ipc/queries";

/** What is known of the chosen model. */
export function useModel({
  connection_id,
  model,
}: Pick<DraftContent, "connection_id" | "model">): ModelInfo | undefined {
  const connection = useQuery(connectionsQuery()).data?.find(({ id }) => id === connection_id);
  return connection?.models.find(({ id }) => id === model);
}
