import { expect, it } from "vitest";
import { endsOddly, withVersionPath } from "./endpoint";

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
