import type { Provider } from "@/ipc/bindings";

/** The name of the built-in model wherever it is shown: nobody may take its answers for those of a language model. */
export const PRACTICE_MODEL = "Practice model (offline, not a language model)";

/** How a base model is named on screen. */
export function modelLabel({ provider, model }: { provider: Provider; model: string }): string {
  return provider === "practice" ? PRACTICE_MODEL : model;
}
