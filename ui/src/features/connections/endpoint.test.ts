import { expect, it } from "vitest";
import { azureAddress, deploymentIn, endsOddly, withVersionPath } from "./endpoint";

it.each<[endpoint: string, mended: string | null]>([
  ["http://127.0.0.1:11434", "http://127.0.0.1:11434/v1"],
  ["http://127.0.0.1:11434/", "http://127.0.0.1:11434/v1"],
  ["https://host.example/openai/chat/completions", "https://host.example/openai/v1"],
  ["http://127.0.0.1:11434/v1", null],
  ["https://host.example/api/v1beta/", null],
  ["", null],
  ["localhost", null],
])("%j is mended to %j", (endpoint, mended) => {
  expect(endsOddly(endpoint) ? withVersionPath(endpoint) : null).toBe(mended);
});

const DATED = "https://res.openai.azure.com/openai/deployments/gpt6/chat/completions?api-version=2025-01-01-preview";
const V1 = "https://res.openai.azure.com/openai/v1/chat/completions";

// Those of azure/tests.rs, with what comes of them there.
it.each<[endpoint: string, deployment: string, address: string | null]>([
  [" https://res.openai.azure.com/ ", "d", V1],
  ["https://res.openai.azure.com/openai/v1/chat/completions", "d", V1],
  ["https://res.openai.azure.com/openai/v1/", "d", V1],
  [DATED, "other", DATED],
  [DATED, "", DATED],
  [
    "https://res.openai.azure.com?api-version=2024-10-21",
    "d",
    "https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
  ],
  [
    "https://apim.example/team/openai/deployments/d/chat/completions",
    "",
    "https://apim.example/team/openai/deployments/d/chat/completions?api-version=2024-10-21",
  ],
  ["https://res.openai.azure.com/openai/v1?api-version=preview", "d", V1],
  ["https://res.openai.azure.com", " ", null],
  ["res.openai.azure.com", "d", null],
  ["https://user:secret@res.openai.azure.com", "d", null],
  ["", "d", null],
])("the deployment at %j called %j is asked at %j", (endpoint, deployment, address) => {
  expect(azureAddress({ endpoint, deployment, baseUrl: "" })).toBe(address);
});

it("keeps Azure's path behind a gateway", () => {
  const place = { endpoint: "https://res.openai.azure.com", deployment: "d", baseUrl: "http://127.0.0.1:9/gate/" };
  expect(azureAddress(place)).toBe("http://127.0.0.1:9/gate/openai/v1/chat/completions");
});

it.each<[endpoint: string, deployment: string | null]>([
  [DATED, "gpt6"],
  [" https://res.openai.azure.com/openai/deployments/a%20b", "a b"],
  ["https://res.openai.azure.com/openai/deployments/", null],
  ["https://res.openai.azure.com/openai/v1/chat/completions", null],
  ["https://res.openai.azure.com?next=/openai/deployments/x", null],
])("%j names the deployment %j", (endpoint, deployment) => {
  expect(deploymentIn(endpoint)).toBe(deployment);
});
