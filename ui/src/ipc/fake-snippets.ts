/** Code of a version, as the scripted Rust writes it: about as long as the real one, with everything that is coloured. */
import type { DraftContent, VersionCode } from "./bindings";

export function versionCode(number: number, prompt: string, content: DraftContent): VersionCode {
  const { model, messages } = content;
  const title = `Version ${number} of “${prompt}”, as Touchstone sends it.`;
  const format = {
    type: "json_schema",
    json_schema: {
      name: "labels",
      strict: true,
      schema: { type: "object", properties: { topic: { enum: ["Bug", "Billing", "Praise"] } }, required: ["topic"] },
    },
  };
  const sent = messages.map(({ role, content }) => ({ role: role.toLowerCase(), content: content ?? "" }));
  const indented = (value: unknown, by: string) => JSON.stringify(value, null, by.length).replaceAll("\n", `\n${by}`);
  const inPython = (value: unknown) => indented(value, "    ").replace(/: true\b/g, ": True");
  return {
    version_number: number,
    position: 0,
    environment: ["OPENAI_API_KEY"],
    left_out: content.provider === "open_ai" ? ["temperature is not sent: gpt-6-luna does not take it."] : [],
    snippets: [
      {
        language: "curl",
        code: `# ${title} Here it asks about task 1.
curl 'https://api.openai.com/v1/chat/completions' \\
  -H 'content-type: application/json' \\
  -H 'authorization: Bearer '"$OPENAI_API_KEY" \\
  --data-binary @- <<'JSON'
${JSON.stringify({ model, messages: sent, response_format: format }, null, 2)}
JSON
`,
      },
      {
        language: "python",
        code: `# ${title}
# pip install openai
import os

from openai import OpenAI

# The inputs; here they are those of task 1.
text = "I was charged twice for March."

client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])
completion = client.chat.completions.create(
    model=${JSON.stringify(model)},
    messages=${inPython(sent)},
    response_format=${inPython(format)},
)
print(completion.choices[0].message.content)
`,
      },
      {
        language: "typescript",
        code: `// ${title}
// npm install openai
import OpenAI from "openai";

// The inputs; here they are those of task 1.
const text = "I was charged twice for March.";

const client = new OpenAI({ apiKey: process.env.OPENAI_API_KEY });
const completion = await client.chat.completions.create({
  model: ${JSON.stringify(model)},
  messages: ${indented(sent, "  ")},
  response_format: ${indented(format, "  ")},
});
console.log(completion.choices[0]?.message.content);
`,
      },
    ],
  };
}
