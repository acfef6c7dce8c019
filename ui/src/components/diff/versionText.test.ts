import { describe, expect, it } from "vitest";
import { versionText } from "./versionText";

describe("version text", () => {
  it("holds everything that makes two versions differ", () => {
    const text = versionText({
      messages: [
        { role: "SYSTEM", content: "You sort tickets." },
        { role: "USER", content: "{text}" },
        { role: "TOOL", content: "42", tool_call_id: "1" },
      ],
      input_variable_format: "F_STRING",
      connection_id: "c",
      provider: "custom",
      model: "llama3.2",
      invocation_params: { temperature: 0.2, tool_config: { tool_choice: "auto" } },
      provider_params: { region: "eu" },
      extra: { seed: 7 },
    });
    expect(text).toBe(
      `${[
        "── System ──\nYou sort tickets.\n",
        "── User ──\n{text}\n",
        '── Tool ──\n42\ntool_call_id: "1"\n',
        "── Model ──\nllama3.2, Custom LLM\nVariables: {name}\ntemperature: 0.2",
      ].join("\n")}\ntool_config: {\n  "tool_choice": "auto"\n}\nregion: "eu"\nseed: 7\n`,
    );
  });
});
