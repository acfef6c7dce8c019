import type { ConnectionSummary, ModelInfo, Provider, Speed, StructuredMode } from "@/ipc/bindings";
import { formatNumber, formatPrice } from "./format";

/** The name of the built-in model wherever it is chosen or told of: nobody may take its answers for those of a language model. */
export const PRACTICE_MODEL = "Practice model (offline, not a language model)";

/** How long before a model stops to answer its prompts warn of it. */
const WARNING_DAYS = 60;
const DAY_MS = 86_400_000;

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

/** What form the server is held to. */
export const structureWords: Record<StructuredMode, string> = {
  json_schema: "The server enforces the schema.",
  json_object_with_schema: "The server enforces the schema.",
  json_object: "The server enforces JSON, but not the schema.",
  instruction: "The server enforces no form; the prompt asks for it.",
};

/** How fast a model on this computer is, and how many requests at once a run sends it. */
export function speedWords({
  parallel,
  tokens_per_second: alone,
  tokens_per_second_parallel: together,
}: Speed): string {
  const rate = (tokens: number) => formatNumber(tokens < 10 ? Math.round(tokens * 10) / 10 : Math.round(tokens));
  const first = alone === null ? "" : `${rate(alone)} tokens a second. `;
  if (parallel === 1) return `${first}One request at a time; more would wait for each other.`;
  const most = together === null ? "" : `, ${rate(together)} tokens a second together`;
  return `${first}Up to ${parallel} requests at once help${most}.`;
}

/** How long a model can be made to think, and what it is not sent. */
export function paramWords({ reasoning, refuses }: Pick<ModelInfo, "reasoning" | "refuses">): string[] {
  const levels = reasoning?.filter((level) => level !== "none") ?? [];
  const canBeOff = reasoning?.includes("none") === true;
  const effort =
    levels.length > 0
      ? [`Effort ${levels.join(", ")}${canBeOff ? "; also without reasoning (none)" : ""}.`]
      : canBeOff
        ? ["Reasoning can be switched off (effort none), and has no levels."]
        : [];
  return refuses.length === 0 ? effort : [...effort, `Does not take ${refuses.join(", ")}.`];
}

/** How a base model is named where it is chosen, and where there is room. */
export function modelTitle({ provider, model }: { provider: Provider; model: string }): string {
  return provider === "practice" ? PRACTICE_MODEL : model;
}

/** How a base model is named among other things. */
export function modelLabel({ provider, model }: { provider: Provider; model: string }): string {
  return provider === "practice" ? "Practice model" : model;
}

/** The same where only its id is told: that of the practice model is a word of ours. */
export function modelOf(id: string): string {
  return modelLabel({ provider: id === "practice" ? "practice" : "custom", model: id });
}

/** A model that stopped to answer, will soon, or will at a time that is known. */
export type Retirement = { kind: "retired" | "soon" | "later"; day: string };

export function retirementOf({ retires, is_retired }: ModelInfo, now: Date): Retirement | null {
  if (retires === null) return null;
  if (is_retired || Date.parse(retires) <= now.getTime()) return { kind: "retired", day: retires };
  const isSoon = Date.parse(retires) - now.getTime() <= WARNING_DAYS * DAY_MS;
  return { kind: isSoon ? "soon" : "later", day: retires };
}

/** The model of a connection that may take the place of one that goes: of those that stay, the one that costs most like it. */
export function replacementOf(model: ModelInfo, offered: readonly ModelInfo[], now: Date): ModelInfo | undefined {
  const stays = (other: ModelInfo) => {
    const retirement = retirementOf(other, now);
    return other.id !== model.id && (retirement === null || retirement.kind === "later");
  };
  const cost = ({ price }: ModelInfo) => Math.log1p((price?.input_micros ?? 0) + (price?.output_micros ?? 0));
  const isUnknown = (other: ModelInfo) => other.price === null;
  // What is offered first is what its provider starts with: it wins where prices do not tell.
  const staying = offered.filter(stays);
  const tells = model.price !== null && !staying.every(isUnknown);
  return staying
    .filter((other) => !tells || !isUnknown(other))
    .sort((a, b) => (model.price === null ? 0 : Math.abs(cost(a) - cost(model)) - Math.abs(cost(b) - cost(model))))[0];
}

const LOOPBACK = /^https?:\/\/(localhost|127(\.\d+){3}|\[::1\])(:\d+)?(\/|$)/i;

/** Whether asking costs nothing because the model is on this computer. */
export function isHere({ provider, endpoint }: Pick<ConnectionSummary, "provider" | "endpoint">): boolean {
  if (provider === "practice") return true;
  return provider === "custom" && LOOPBACK.test(endpoint ?? "");
}

/** Whether it can be asked while Offline is on: what it asks is on this computer, though it may pass it on. */
export function worksOffline(connection: Pick<ConnectionSummary, "provider" | "endpoint" | "base_url">): boolean {
  return connection.provider === "practice" || LOOPBACK.test(connection.base_url ?? connection.endpoint ?? "");
}

/** Of a model that is asked on this computer. */
export function freeWords({ is_assumed_free }: Pick<ModelInfo, "is_assumed_free">): string {
  return `${is_assumed_free ? "counted as free" : "free"}, on this computer`;
}

/** What to do where what answers on this computer may not be what runs the model. */
export const ASSUMED_FREE =
  "It counts as free, because it runs on this computer. If it passes requests on to a paid service, enter a price.";

/** What a million tokens in and out cost. A price that is not known is never nothing. */
export function priceWords(model: ModelInfo, connection: Pick<ConnectionSummary, "provider" | "endpoint">): string {
  const { price } = model;
  if (isHere(connection) && !price?.is_own) return freeWords(model);
  if (price === null || (price.input_micros === null && price.output_micros === null)) return "price unknown";
  const part = (micros: number | null) => (micros === null ? "unknown" : formatPrice(micros));
  const words = `${part(price.input_micros)} in, ${part(price.output_micros)} out per 1M`;
  return `${price.has_tiers ? "from " : ""}${words}${price.is_own ? ", your price" : ""}`;
}
