// A space that follows one of another Touchstone: looked at, pulled, changed on both sides, pushed. The other one is the
// same program without a window, on a workspace of its own.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { commandLine, layDesk } from "./desk.mjs";

const TOKEN = "a-token-of-the-journey";

/** Another workspace in the folder of the desk, and the command line on it. */
function elsewhere(desk) {
  const workspace = path.join(desk.folder, "elsewhere.touchstone");
  const run = (...args) => {
    const done = spawnSync(commandLine, ["--workspace", workspace, "--json", ...args], { encoding: "utf8" });
    assert.equal(done.status, 0, done.stderr + done.stdout);
    return JSON.parse(done.stdout.trim().split("\n").at(-1));
  };
  return { workspace, run };
}

test("a space follows one of another program", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  desk.plants(TOKEN);
  const { workspace, run } = elsewhere(desk);
  run("demo");
  const [sample] = run("prompt", "list").prompts;
  run("version", "label", sample.id, "2", "production");
  const server = spawn(commandLine, ["--workspace", workspace, "serve", "--port", "0", "--token-env", "TOKEN"], {
    env: { ...process.env, TOKEN },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => server.kill());
  const [line] = await new Promise((resolve) => createInterface(server.stdout).once("line", (line) => resolve([line])));
  const { address } = JSON.parse(line);

  await desk.open();
  await desk.sees("This is sample data");
  await desk.click("button", "Spaces, files, deleted prompts");
  await desk.click("menuitem", /^Spaces/);
  await desk.click("button", "New space");
  await desk.fill("textbox", "Name", "Team");
  await desk.click("button", "Create space");
  await desk.click("button", "Link this space…");
  await desk.fill("textbox", "Server", address);
  await desk.click("button", "Connect");
  await desk.sees("wants an API key");
  await (await desk.labelled("API key")).setValue(TOKEN);
  await desk.click("button", "Connect");
  await desk.sees("It is another Touchstone");
  await desk.click("button", "Link");
  await desk.sees("Follows “Default”");
  await desk.click("button", "Look for changes");
  await desk.sees("A new prompt with 2 versions");
  await desk.picture("spaces-pull");
  await desk.click("button", "Pull 1 change");
  await desk.sees("Nothing differs");
  await desk.click("button", "Show its prompts");
  await desk.sees("production: v2");

  // There the label goes back; here it is gone. That is asked first, and nothing is done unasked.
  run("version", "label", sample.id, "1", "production");
  await desk.click("link", "Ticket topics (sample)");
  await desk.click("tab", /^Versions/);
  await desk.click("button", "Labels");
  await desk.click("menuitem", /^Remove “production”/);
  await desk.sees("“production” is removed");
  await desk.browser.keys(["Control", "k"]);
  await desk.fill("combobox", "Search commands, prompts and projects", "Spaces");
  await desk.browser.keys(["Enter"]);
  await desk.click("button", /^Team/);
  await desk.click("button", "Look for changes");
  await desk.sees("Both sides moved the label");
  await desk.click("radio", /^Push there/);
  await desk.picture("spaces-conflict");
  await desk.click("checkbox", "Ticket topics (sample)");
  await desk.click("button", "Push 1 change");
  await desk.sees("Nothing differs");
  assert.deepEqual(run("prompt", "list").prompts[0].labels, []);
});
