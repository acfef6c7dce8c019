import { expect, it } from "vitest";
import { FORMS, missingWords, PROVIDERS, placeOf } from "./providers";

it("asks each provider's fields, and no others", () => {
  const asked = PROVIDERS.map((provider) => {
    const words = FORMS[provider].fields.map(({ name, optional }) => `${name}${optional ? "?" : ""}`);
    return `${provider}${FORMS[provider].many ? " (many)" : ""}: ${words.join(" ")}`;
  });
  expect(asked).toEqual([
    "open_ai: api_key",
    "gemini: api_key",
    "vertex_ai: credentials project_id? location?",
    "anthropic: api_key",
    "azure_open_ai (many): deployment endpoint api_key",
    "foundry (many): model endpoint api_key",
    "custom (many): name endpoint api_key? auth_token?",
  ]);
});

it("misses no deployment that the endpoint names", () => {
  const [deployment] = FORMS.azure_open_ai.fields;
  const missing = (endpoint: string) =>
    deployment && missingWords(deployment, (name) => (name === "endpoint" ? endpoint : ""));
  expect(missing("https://res.openai.azure.com/openai/deployments/gpt6/chat/completions")).toBeUndefined();
  expect(missing("https://res.openai.azure.com")).toContain("Enter the deployment");
});

it("finds project and location in the address that Rust made of the credentials", () => {
  const address = "https://aiplatform.googleapis.com/v1/projects/team-4711/locations/global";
  expect(placeOf(address)).toEqual({ project: "team-4711", location: "global" });
  expect(placeOf(null)).toBeNull();
});
