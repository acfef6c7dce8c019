// A chat-completions server on loopback with the manners of the real ones, for journeys: it answers each request by a
// rule, misbehaves on demand, and counts.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Starts a server that wants `apiKey`. `manner` may be set at any time:
 * `{ kind: "well" }`, `{ kind: "slow", ms }`, `{ kind: "refuses" }` (401), `{ kind: "busy", seconds, times }` (429 with
 * Retry-After, that many times), `{ kind: "limited", perSecond }` (429 with Retry-After for what is more),
 * `{ kind: "html" }` (a web page with status 200).
 */
export async function startModelServer({ apiKey = null } = {}) {
  const model = { manner: { kind: "well" }, requests: 0, refused: 0, answered: new Map() };
  const server = createServer((request, response) => {
    answer(model, apiKey, request, response).catch((error) => response.destroy(error));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  model.endpoint = `http://127.0.0.1:${server.address().port}/v1`;
  model.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return model;
}

async function answer(model, apiKey, request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  model.requests += 1;
  const send = (status, value, headers = {}) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };
  const fault = (status, message, headers) => send(status, { error: { message, type: "error", code: null } }, headers);

  const { manner } = model;
  if (manner.kind === "html") {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!doctype html><title>Sign in</title><p>Please sign in to continue.");
    return;
  }
  if (manner.kind === "refuses" || (apiKey !== null && request.headers.authorization !== `Bearer ${apiKey}`)) {
    return fault(401, "Incorrect API key provided.");
  }
  if (manner.kind === "busy" && manner.times > 0) {
    manner.times -= 1;
    return fault(429, "Rate limit reached.", { "retry-after": String(manner.seconds) });
  }
  if (manner.kind === "limited" && !takes(manner)) {
    model.refused += 1;
    return fault(429, "Rate limit reached.", { "retry-after": "1" });
  }
  if (request.method !== "POST" || request.url !== "/v1/chat/completions") return fault(404, "No such path.");
  if (manner.kind === "slow") await sleep(manner.ms);

  const chat = JSON.parse(body);
  const prompt = chat.messages.map((message) => message.content).join("\n");
  const content = JSON.stringify(fill(chat.response_format?.schema, prompt));
  const hash = createHash("sha256").update(body).digest("hex");
  // An answer counts once it has left in full; a caller that was killed before got none.
  response.on("finish", () => model.answered.set(hash, (model.answered.get(hash) ?? 0) + 1));
  send(200, {
    id: `chatcmpl-${hash.slice(0, 12)}`,
    object: "chat.completion",
    created: 0,
    model: chat.model,
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: usage(prompt, content),
  });
}

/** Whether one more request fits into this second. */
function takes(manner) {
  const second = Math.floor(Date.now() / 1000);
  if (manner.second !== second) Object.assign(manner, { second, taken: 0 });
  manner.taken += 1;
  return manner.taken <= manner.perSecond;
}

function usage(prompt, content) {
  const [prompt_tokens, completion_tokens] = [prompt, content].map((text) => Math.ceil(text.length / 4));
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

/** A value of this schema: of several choices the one that the prompt names last, else the first. */
function fill(schema, prompt) {
  if (!schema) return {};
  if (schema.enum) {
    const places = schema.enum.map((value) => prompt.toLowerCase().lastIndexOf(String(value).toLowerCase()));
    return schema.enum[places.indexOf(Math.max(...places))];
  }
  const type = Array.isArray(schema.type) ? schema.type.find((name) => name !== "null") : schema.type;
  switch (type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, part]) => [key, fill(part, prompt)]),
      );
    case "array":
      return schema.minItems > 0 ? [fill(schema.items, prompt)] : [];
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return true;
    case "string":
      return "text";
    default:
      return fill((schema.anyOf ?? schema.oneOf ?? [])[0], prompt);
  }
}
