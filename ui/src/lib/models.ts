import type { Provider } from "@/ipc/bindings";

/** The name of the built-in model wherever it is shown: nobody may take its answers for those of a language model. */
export const PRACTICE_MODEL = "Practice model (offline, not a language model)";

/** Providers as their makers write them. */
export const PROVIDER_NAMES: Record<Provider, string> = {
  open_ai: "OpenAI",
  azure_open_ai: "Azure OpenAI",
  aws_bedrock: "AWS Bedrock",
  vertex_ai: "Vertex AI",
  anthropic: "Anthropic",
  gemini: "Gemini",
  foundry: "Azure AI Foundry",
  custom: "Custom LLM",
  practice: PRACTICE_MODEL,
};

/** How a base model is named on screen. */
export function modelLabel({ provider, model }: { provider: Provider; model: string }): string {
  return provider === "practice" ? PRACTICE_MODEL : model;
}
