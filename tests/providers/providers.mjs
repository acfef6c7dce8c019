// Every provider from adding its connection to a run with its cost, against a server that nobody here wrote.
//
// Usage: providers.mjs TOUCHSTONE FOLDER. The server is installed from npm into FOLDER if it is not there, and so are the
// vendors' clients, for `snippets.mjs`. Keys are lent by an environment variable for each call: what keeps them is the
// business of the journeys.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync, verify } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { codeAsksWhatRunsAsk } from "./snippets.mjs";

const SERVER = "@copilotkit/aimock@1.43.0";
const [program, tools] = process.argv.slice(2);
/** Of no vendor's shape; searched for in everything that is left behind. */
const KEY = "planted-Key-5d8e1c07b2f94a63";

const TASKS = ["It crashes at start", "The invoice is wrong", "The window crashes", "My invoice is late"];
const CONFIG = `<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text"><Choice value="Bug"/><Choice value="Billing"/></Choices>
</View>`;
const PICTURE_CONFIG = `<View>
  <Image name="picture" value="$picture"/>
  <Choices name="kind" toName="picture"><Choice value="Cat"/><Choice value="Dog"/></Choices>
</View>`;
/** A picture, and so much behind its end that only a request with all of it is as large. */
const PICTURE = Buffer.concat([
  readFileSync(new URL("../fixtures/green.png", import.meta.url)),
  Buffer.alloc(30_000, "behind the picture"),
]);
/** Tokens of each answer, as every vendor's own names have them. */
const USAGE = { prompt_tokens: 120, completion_tokens: 7, total_tokens: 127 };

/**
 * Flags of `connection add` with the server's address in place of the vendor's, the model that is asked, and where the
 * vendor's clients ask it.
 */
const PROVIDERS = {
  openai: (url) => ({ flags: ["--base-url", `${url}/v1`], model: "gpt-6-luna", path: "/v1/chat/completions" }),
  anthropic: (url) => ({ flags: ["--base-url", url], model: "claude-haiku-5-5", path: "/v1/messages" }),
  gemini: (url) => ({
    flags: ["--base-url", url],
    model: "gemini-3.8-flash",
    path: "/v1beta/models/gemini-3.8-flash:generateContent",
  }),
  vertex: (url) => ({
    flags: ["--base-url", url, "--project-id", "p-1", "--location", "eu"],
    model: "gemini-3.8-flash",
    path: "/v1/projects/p-1/locations/eu/publishers/google/models/gemini-3.8-flash:generateContent",
  }),
  "azure-openai": (url) => ({
    flags: ["--endpoint", url, "--deployment", "gpt-6-luna"],
    model: "gpt-6-luna",
    path: "/openai/v1/chat/completions",
  }),
  "azure-foundry": (url) => ({
    flags: ["--endpoint", `${url}/openai/v1`, "--model", "gpt-6-luna"],
    model: "gpt-6-luna",
    path: "/openai/v1/chat/completions",
  }),
  custom: (url) => ({
    flags: ["--endpoint", `${url}/v1`, "--name", "llama3.2"],
    model: "llama3.2",
    path: "/v1/chat/completions",
  }),
};

/** What a vendor answers, and where a test of the connection says to look. */
const FAULTS = [
  [401, { type: "authentication_error", code: "invalid_api_key", message: "Incorrect API key" }, ["key"]],
  [403, { type: "permission_error", code: "forbidden", message: "Not for this key" }, ["permission"]],
  [
    404,
    { type: "not_found_error", code: "model_not_found", message: "No such model" },
    ["model", "endpoint", "region"],
  ],
  [429, { type: "insufficient_quota", code: "insufficient_quota", message: "No money left" }, ["quota"]],
  [400, { type: "invalid_request_error", code: "context_length_exceeded", message: "Too long" }, ["request"]],
  [529, { type: "overloaded_error", code: "overloaded", message: "No room" }, ["server"]],
];

async function installed() {
  const entry = path.join(tools, "node_modules/@copilotkit/aimock/dist/index.js");
  if (!existsSync(entry)) {
    mkdirSync(tools, { recursive: true });
    const flags = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", tools, SERVER];
    const { status } = spawnSync("npm", flags, { stdio: "inherit", shell: process.platform === "win32" });
    assert.equal(status, 0, `${SERVER} is installed`);
  }
  return import(pathToFileURL(entry).href);
}

/** The last line of a command's output, which is its JSON; the server answers meanwhile, so it runs beside. */
function command(workspace, key, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["--workspace", workspace, ...args, "--json"], {
      env: { ...process.env, VENDOR_KEY: key, NO_PROXY: "*" },
    });
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"]) child[stream].on("data", (text) => (said[stream] += text));
    child.on("error", reject);
    child.on("close", (status) => {
      assert.ok(!`${said.stdout}${said.stderr}`.includes(KEY), `${args.join(" ")} says no key`);
      const line = said.stdout.trimEnd().split("\n").at(-1);
      try {
        resolve({ status, ...JSON.parse(line) });
      } catch {
        reject(new Error(`${args.join(" ")}: ${said.stdout}${said.stderr}`));
      }
    });
  });
}

const answer = (value) => ({ content: JSON.stringify(value), usage: USAGE });

function answering(mock) {
  mock.onMessage(/ready/, answer({ ready: "yes" }));
  mock.onMessage(/zebra/, answer({ label: "a" }));
  mock.onMessage(/crash/, answer({ topic: "Bug" }));
  mock.onMessage(/invoice/, answer({ topic: "Billing" }));
  mock.onMessage(/Which kind/, answer({ kind: "Cat" }));
}

/** Millionths of a dollar for all of the run's calls, by the prices that the connection shows: only their sum is rounded. */
function costOfCalls({ price }) {
  const picos = USAGE.prompt_tokens * price.input_micros + USAGE.completion_tokens * price.output_micros;
  return Math.ceil((TASKS.length * picos) / 1e6);
}

async function labelsTasks(provider, { folder, mock, account }) {
  const { flags, model, path: wanted } = PROVIDERS[provider](mock.url);
  const secret = provider === "vertex" ? account : KEY;
  const ask = (...args) => command(path.join(folder, `${provider}.touchstone`), secret, args);
  const key = ["--key-env", "VENDOR_KEY"];
  const config = ["--config", path.join(folder, "config.xml")];
  await ask("project", "import", path.join(folder, "tasks.json"), ...config, "--name", "P");
  const added = await ask("connection", "add", "--provider", provider, "--no-key", ...flags);
  assert.equal(added.status, 0, JSON.stringify(added));
  const test = () => ask("connection", "test", added.name, "--model", model, ...key);
  const tested = await test();
  assert.equal(tested.ok, true, `${provider}: ${tested.message}`);

  const create = ["prompt", "create", "--name", "Topics", "--project", "P", "--connection", added.name];
  const created = await ask(...create, "--model", model, "--user", "Topic of: {text}");
  assert.equal(created.status, 0, JSON.stringify(created));
  const start = () => ask("run", "start", "--prompt", "Topics", "--subset", "all", ...key);
  mock.clearRequests();
  mock.nextRequestError(429, { type: "rate_limit_error", code: "rate_limit_exceeded", message: "Slow down." });
  const run = await start();
  const { done, failed, requests, retries, prompt_tokens, completion_tokens } = run;
  assert.deepEqual(
    { done, failed, requests, retries, prompt_tokens, completion_tokens },
    {
      done: TASKS.length,
      failed: 0,
      requests: TASKS.length + 1,
      retries: 1,
      prompt_tokens: TASKS.length * USAGE.prompt_tokens,
      completion_tokens: TASKS.length * USAGE.completion_tokens,
    },
    provider,
  );
  assert.deepEqual([...new Set(mock.getRequests().map(({ path }) => path))], [wanted]);
  const { models } = await ask("connection", "models", added.name);
  const cost = provider === "custom" ? 0 : costOfCalls(models.find(({ id }) => id === model));
  assert.deepEqual([run.cost_micros, run.unpriced], [cost, 0], `${provider} costs what its prices say`);
  const again = await start();
  assert.deepEqual([again.requests, again.cached, again.cost_micros], [0, TASKS.length, 0], `${provider} is paid once`);

  await labelsPicture(provider, { ask, folder, mock, key, connection: added.name, model });

  const words = [];
  for (const [status, said, faults] of FAULTS) {
    // A custom server's free call may fail without proving anything: it is asked all the same.
    if (provider === "custom" && (status === 400 || status === 529)) continue;
    mock.nextRequestError(status, said);
    // Google is asked once more, with a new token.
    if (provider === "vertex" && status === 401) mock.nextRequestError(status, said);
    const failed = await test();
    assert.ok(
      !failed.ok && faults.includes(failed.fault),
      `${provider}, ${status}: ${failed.fault}: ${failed.message}`,
    );
    assert.ok(failed.message.includes(said.message), `${provider}, ${status}: ${failed.message}`);
    words.push(failed.fault);
  }
  console.log(`${provider}: ${run.done} tasks, ${run.cost_micros} µ$, told apart: ${words.join(", ")}`);
}

async function labelsPicture(provider, { ask, folder, mock, key, connection, model }) {
  const config = ["--config", path.join(folder, "picture-config.xml")];
  await ask("project", "import", path.join(folder, "pictures.json"), ...config, "--name", "Pictures");
  const create = ["prompt", "create", "--name", "Kinds", "--project", "Pictures", "--connection", connection];
  const created = await ask(...create, "--model", model, "--user", "Which kind is {picture}");
  assert.equal(created.status, 0, JSON.stringify(created));
  const start = () => ask("run", "start", "--prompt", "Kinds", "--subset", "all", ...key);
  mock.clearRequests();
  const run = await start();
  assert.deepEqual([run.done, run.failed, run.requests], [1, 0, 1], `${provider}: ${JSON.stringify(run)}`);
  const sent = Number(mock.getRequests().at(-1).headers["content-length"]);
  assert.ok(sent > PICTURE.toString("base64").length, `${provider} is sent the whole picture: ${sent} bytes`);
  const again = await start();
  assert.deepEqual([again.requests, again.cached], [0, 1], `${provider} is paid once for a picture`);
}

/** Google's sign-in for a service account: a key of ours, and who takes what it signed. */
async function signIn() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (more) => (body += more));
    request.on("end", () => {
      const [head, claims, signature] = new URLSearchParams(body).get("assertion").split(".");
      const isSigned = verify(
        "sha256",
        Buffer.from(`${head}.${claims}`),
        publicKey,
        Buffer.from(signature, "base64url"),
      );
      response.writeHead(isSigned ? 200 : 400, { "content-type": "application/json" });
      response.end(JSON.stringify(isSigned ? { access_token: KEY, expires_in: 3599 } : { error: "invalid_grant" }));
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const account = {
    type: "service_account",
    project_id: "p-1",
    private_key_id: "1",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
    client_email: "touchstone@p-1.iam.gserviceaccount.com",
    token_uri: `http://127.0.0.1:${server.address().port}/token`,
  };
  return { server, account: JSON.stringify(account) };
}

const { LLMock } = await installed();
const folder = mkdtempSync(path.join(tmpdir(), "touchstone-providers-"));
const mock = new LLMock({ port: 0 });
const google = await signIn();
try {
  writeFileSync(path.join(folder, "config.xml"), CONFIG);
  writeFileSync(path.join(folder, "picture-config.xml"), PICTURE_CONFIG);
  const picture = path.join(folder, "picture.png");
  writeFileSync(picture, PICTURE);
  writeFileSync(path.join(folder, "pictures.json"), JSON.stringify([{ data: { picture } }]));
  writeFileSync(path.join(folder, "tasks.json"), JSON.stringify(TASKS.map((text) => ({ data: { text } }))));
  await mock.start();
  answering(mock);
  for (const provider of Object.keys(PROVIDERS)) {
    await labelsTasks(provider, { folder, mock, account: google.account });
  }
  await codeAsksWhatRunsAsk({ command, providers: PROVIDERS, folder, tools, key: KEY, account: google.account });
  for (const name of readdirSync(folder)) {
    const held = readFileSync(path.join(folder, name));
    assert.ok(!held.includes(KEY) && !held.includes("PRIVATE KEY"), `${name} holds no key`);
  }
} finally {
  google.server.close();
  await mock.stop();
  rmSync(folder, { recursive: true, force: true });
}
