// Code of a version by the vendors' own clients, from PyPI and npm: each asks what a run asks, to the last member.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";

const PYTHON_CLIENTS = ["openai==3.57.0", "anthropic==2.14.0", "google-genai==3.6.1"];
const NPM_CLIENTS = ["openai@7.59.0", "@anthropic-ai/sdk@1.14.0", "@google/genai@3.3.0"];

/** Ends literals, or expands in them, if it is let. */
const NASTY = 'It\'s a "crash" of `id` for $5 (${HOME} $(id) \\n %s)\n\tünï ⚡ {{text}} \u202e';
/** What follows a picture's end is no part of it, and is sent; it has every letter of base64. */
const PAGE = Buffer.concat([
  readFileSync(new URL("../fixtures/green.png", import.meta.url)),
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
]);
const CHOICES = '<Choices name="topic" toName="text"><Choice value="Bug"/><Choice value="Billing"/></Choices>';
/** A prompt of text, and one that shows a picture and a document, with the project of each. */
const PROMPTS = [
  {
    name: "Topics",
    config: `<View><Text name="text" value="$text"/>${CHOICES}</View>`,
    user: 'Topic of "{text}",\nthat is?',
  },
  {
    name: "Pages",
    config: `<View><Text name="text" value="$text"/><Image name="page" value="$page"/>
      <Pdf name="scan" value="$scan"/>${CHOICES}</View>`,
    user: 'Topic of "{text}"\n{page}{scan}?',
  },
];

/** The headers that say what is asked; a client may say more about itself. */
const TOLD = ["anthropic-version", "extra-parameters"];

/** The Python of an environment that has the clients; they are installed if they are not there. */
function python(tools) {
  const folder = path.join(tools, "python");
  const isWindows = process.platform === "win32";
  const program = path.join(folder, isWindows ? "Scripts/python.exe" : "bin/python");
  if (!existsSync(program)) {
    assert.equal(spawnSync(isWindows ? "python" : "python3", ["-m", "venv", folder], { stdio: "inherit" }).status, 0);
  }
  if (spawnSync(program, ["-c", "import openai, anthropic, google.genai"]).status !== 0) {
    const flags = ["-m", "pip", "install", "--quiet", ...PYTHON_CLIENTS];
    assert.equal(spawnSync(program, flags, { stdio: "inherit" }).status, 0, "Python's clients are installed");
  }
  return program;
}

/** A folder in which programs of Node find the clients. */
function node(tools) {
  const folder = path.join(tools, "clients");
  if (!existsSync(path.join(folder, "node_modules/@google/genai"))) {
    mkdirSync(folder, { recursive: true });
    const flags = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder];
    const options = { stdio: "inherit", shell: process.platform === "win32" };
    assert.equal(spawnSync("npm", [...flags, ...NPM_CLIENTS], options).status, 0, "Node's clients are installed");
  }
  return folder;
}

/** Answers in the words of whoever is asked, and keeps what was asked. */
async function recorder() {
  const asked = [];
  const text = JSON.stringify({ topic: "Bug" });
  const replies = {
    completions: {
      id: "c",
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    },
    messages: {
      id: "m",
      type: "message",
      role: "assistant",
      content: [{ type: "text", text }],
      stop_reason: "end_turn",
      usage: { input_tokens: 1, output_tokens: 1 },
    },
    generateContent: {
      candidates: [{ content: { role: "model", parts: [{ text }] }, finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    },
  };
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (more) => (body += more));
    request.on("end", () => {
      const headers = TOLD.filter((name) => name in request.headers).map((name) => [name, request.headers[name]]);
      asked.push({ path: request.url, headers: Object.fromEntries(headers), body: JSON.parse(body) });
      const [, last] = /([A-Za-z]+)(?:\?.*)?$/.exec(request.url) ?? [];
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(replies[last]));
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { asked, server, url: `http://127.0.0.1:${server.address().port}` };
}

/** What a program prints; it must end well. */
function printed(program, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, NO_PROXY: "*", no_proxy: "*", ...env } });
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"])
      child[stream].setEncoding("utf8").on("data", (text) => (said[stream] += text));
    child.on("error", reject);
    child.on("close", (status) =>
      status === 0 ? resolve(said.stdout) : reject(new Error(`${said.stdout}${said.stderr}`)),
    );
  });
}

/**
 * Runs a prompt and its code for each of `providers` (flags of `connection add` and model by the server's address).
 * `command` runs ours on a workspace with a secret; Google's account is signed in elsewhere.
 */
export async function codeAsksWhatRunsAsk({ command, providers, folder, tools, key, account }) {
  const programs = { python: python(tools), node: node(tools) };
  const scratch = mkdtempSync(path.join(programs.node, "run-"));
  const { asked, server, url } = await recorder();
  try {
    writeFileSync(path.join(scratch, "account.json"), account);
    const [page, scan] = [path.join(scratch, "it's {a} $page.png"), path.join(scratch, "scan.pdf")];
    writeFileSync(page, PAGE);
    writeFileSync(scan, "%PDF-1.7 \n");
    writeFileSync(path.join(folder, "code.json"), JSON.stringify([{ data: { text: NASTY, page, scan } }]));
    for (const { name, config } of PROMPTS) writeFileSync(path.join(folder, `${name}.xml`), config);
    for (const [provider, connection] of Object.entries(providers)) {
      const { flags, model } = connection(url);
      const secret = provider === "vertex" ? account : key;
      const ask = async (...args) => {
        const answer = await command(path.join(folder, `code-${provider}.touchstone`), secret, args);
        assert.equal(answer.error, undefined, `${provider}: ${JSON.stringify(answer)}`);
        return answer;
      };
      const added = await ask("connection", "add", "--provider", provider, "--no-key", ...flags);
      const ways = {
        python: [programs.python, "code.py"],
        // Google's client for Node signs in at Google's own address only.
        ...(provider === "vertex" ? {} : { typescript: [process.execPath, "code.mjs"] }),
      };
      for (const { name, user } of PROMPTS) {
        const config = path.join(folder, `${name}.xml`);
        await ask("project", "import", path.join(folder, "code.json"), "--config", config, "--name", name);
        const create = ["prompt", "create", "--name", name, "--project", name, "--connection", added.name];
        // Doubled braces are braces.
        const rules = NASTY.replace(/[{}]/g, "$&$&");
        await ask(...create, "--model", model, "--system", rules, "--user", user);
        await ask("run", "start", "--prompt", name, "--subset", "all", "--key-env", "VENDOR_KEY");
        const ran = asked.at(-1);
        const { snippets, environment } = await ask("prompt", "snippet", name);
        const env = Object.fromEntries(environment.map((name) => [name, key]));
        if (provider === "vertex") env.GOOGLE_APPLICATION_CREDENTIALS = path.join(scratch, "account.json");
        for (const [language, [program, file]] of Object.entries(ways)) {
          const code = path.join(scratch, file);
          writeFileSync(code, snippets.find((snippet) => snippet.language === language).code);
          assert.match(await printed(program, [code], env), /"Bug"/, `${provider} in ${language} prints the answer`);
          assert.deepEqual(asked.at(-1), ran, `${name} of ${provider} in ${language} asks what the run asked`);
        }
      }
      console.log(`${provider}: ${Object.keys(ways).join(" and ")} ask what a run asks`);
    }
    assert.equal(asked.length, (Object.keys(providers).length * 3 - 1) * PROMPTS.length, "each asked once");
  } finally {
    server.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}
