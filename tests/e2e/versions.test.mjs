// From a draft to versions, labels and back; and the same prompt for another program of this computer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { layDesk } from "./desk.mjs";

const SAMPLE = "Ticket topics (sample)";

async function openSample(desk) {
  await desk.open();
  await desk.until("the sample with its runs", async () => {
    const page = await desk.text();
    return page.includes("Version 2") && page.includes("Completed");
  });
  await desk.click("link", SAMPLE);
}

async function type(desk, text) {
  await desk.click("textbox", "User message");
  await desk.browser.keys(["Control", "Home"]);
  await desk.browser.keys([...text]);
}

async function save(desk, message) {
  await desk.browser.keys(["Control", "s"]);
  await desk.fill("textbox", /Message|What changed|Why/, message);
  await desk.click("button", /^Save version/);
}

test("a draft becomes versions that are compared, promoted and restored", async (t) => {
  const desk = await layDesk({ width: 1400, height: 900 });
  t.after(() => desk.end());
  await openSample(desk);
  await type(desk, "Third. ");
  await desk.sees("Unsaved changes since v2");
  await save(desk, "Begin with a word");
  await desk.sees("Saved as version 3");
  await type(desk, "Fourth. ");
  await save(desk, "And another");
  await desk.sees("Saved as version 4");

  await desk.click("tab", /^Versions/);
  await desk.find("region", "Version 4");
  await desk.sees("Compared with version 3");
  await desk.sees("Fourth. ");
  await desk.click("button", "Compared with version 3");
  await desk.click("menuitem", /^Compare others with v4/);
  await desk.click("row", /Begin with a word/);
  await desk.find("region", "Version 3");
  await desk.sees("Compared with version 4");
  await desk.picture("versions-compared");

  await desk.click("button", "Labels");
  await desk.click("menuitem", /^Label as “production”/);
  await desk.sees("“production” points to version 3 now");
  await desk.click("row", /And another/);
  await desk.find("region", "Version 4");
  await desk.click("button", "Labels");
  await desk.click("menuitem", /^Promote to “production”/);
  await desk.sees("“production” points to version 4 now");
  await desk.click("button", "Labels");
  await desk.click("menuitem", /^Roll “production” back to version 3/);
  await desk.sees("“production” points to version 3 again");
  await desk.click("button", "Labels");
  await desk.click("menuitem", /^Where labels were/);
  await desk.sees("moved from version 4 to version 3");
  await desk.picture("versions-moves");
  await desk.closeDialog();

  await desk.fill("searchbox", "Search messages and text", "begin with");
  const listed = () => desk.browser.execute(() => document.querySelector("[role=grid]").innerText);
  await desk.until("the others to go", async () => !(await listed()).includes("And another"));
  await desk.click("row", /Begin with a word/);
  await desk.find("region", "Version 3");
  await desk.click("button", "Restore as draft");
  await desk.sees("Version 3 is the draft now");
  await desk.sees("Third. ");

  // A power cut while somebody types: what rested for a second is there.
  await type(desk, "Kept. ");
  await sleep(1000);
  await desk.browser.keys([..."Perhaps"]);
  await desk.kill();
  await desk.open();
  await desk.sees("Kept. ");
  await desk.sees("Unsaved changes since v3");
});

test("another program reads and writes prompts, and the window follows", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  await openSample(desk);
  await desk.browser.keys(["Control", ","]);
  await desk.click("button", "Make a token");
  await desk.sees("Copy the token now");
  const token = /ts_[\w-]{40,}/.exec(await desk.text())[0];
  desk.plants(token);
  await desk.click("checkbox", "Serve prompts to other programs");
  await desk.sees(/It answers at http:\/\/127\.0\.0\.1:\d+/);
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(await desk.text())[0];
  await desk.picture("local-api");
  await desk.closeDialog();
  await desk.click("link", "Prompts", { within: desk.find("navigation", "Main") });

  const call = async (method, path, body) => {
    const reply = await fetch(address + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: reply.status, body: reply.status === 204 ? null : await reply.json() };
  };
  const [space] = (await call("GET", "/v2/spaces")).body.spaces;
  const [sample] = (await call("GET", "/v2/prompts")).body.prompts;
  assert.equal(sample.name, SAMPLE);
  const messages = [{ role: "USER", content: "Which topic has {{text}}?" }];
  const version = { commit_message: "From outside", provider: "OPEN_AI", input_variable_format: "MUSTACHE", messages };
  const made = await call("POST", "/v2/prompts", { space_id: space.id, name: "Made elsewhere", version });
  assert.equal(made.status, 201);
  await desk.click("link", "Made elsewhere");
  await desk.sees("No target project yet");
  await desk.click("button", "Choose a target project");
  await desk.click("menuitem", /Support tickets/);
  await desk.sees(/Task 1 of 2\d\d/);
  await desk.picture("prompt-from-elsewhere");
  await call("PUT", `/v2/prompt-versions/${encodeURIComponent(made.body.version.id)}/labels`, { labels: ["live"] });
  await desk.click("tab", /^Versions/);
  await desk.sees("live");
  assert.equal((await call("GET", "/v2/prompts", undefined)).status, 200);
  await desk.browser.keys(["Control", ","]);
  await desk.click("checkbox", "Serve prompts to other programs");
  await desk.sees("It listens on 127.0.0.1 and ::1 only.");
  await assert.rejects(call("GET", "/v2/spaces"), "nobody answers any more");
});
