import { describe, expect, it } from "vitest";
import { versionText } from "./versionText";

describe("version text", () => {
  it("holds everything that makes two versions differ", () => {
    const text = versionText({
      messages: [
        { role: "SYSTEM", content: "You sort tickets." },
        { role: "USER", content: "{text}" },
      ],
      input_variable_format: "F_STRING",
      connection_id: "c",
      model: "llama3.2",
      invocation_params: { temperature: 0.2 },
    });
    expect(text).toBe(
      "── System ──\nYou sort tickets.\n\n── User ──\n{text}\n\n── Model ──\nllama3.2\nVariables: {name}\ntemperature: 0.2\n",
    );
  });
});
