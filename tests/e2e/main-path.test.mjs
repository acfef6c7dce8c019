// The main job: from two files to an accuracy on a model of one's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { layDesk } from "./desk.mjs";
import { startModelServer } from "./model-server.mjs";
import { addConnection, CONFIG, createPrompt, draft, draftIsKept, importNews, news } from "./news.mjs";

const KEY = "sk-journey-5b1d9e72";

test("import, connect, create, draft, save, run, and learn the accuracy", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  desk.plants(KEY);
  const model = await startModelServer({ apiKey: KEY });
  t.after(() => model.close());
  const files = [desk.file("config.xml", CONFIG), desk.file("news.json", news(30))];

  await desk.open(files);
  await importNews(desk, "Town news");
  await desk.picture("main-path-imported");
  await desk.click("button", "Open project");
  await desk.sees("Heavy rain is expected on day 1");

  await addConnection(desk, { name: "town-model", endpoint: model.endpoint, apiKey: KEY });
  await desk.picture("main-path-connection");
  assert.equal(desk.secretsInKeychain(), 1, "the key is in the keychain");
  await desk.closeDialog();

  await createPrompt(desk, { name: "News by topic", project: "Town news" });
  await desk.picture("main-path-create");
  await desk.click("button", "Create Prompt");
  await desk.sees("Draft, no version yet");

  await draft(desk, { model: "town-model", message: "Weather, Sport or Music? What is this text about: " });
  await draftIsKept(desk);
  await desk.sees(/Heavy rain is expected on day 1/);
  await desk.picture("main-path-draft");

  await desk.browser.keys(["Control", "s"]);
  await desk.fill("textbox", "Message", "First words");
  await desk.click("button", "Save version 1");
  await desk.sees("Saved as version 1");

  await desk.click("button", "Evaluate 30 tasks");
  await desk.sees("Completed");
  await desk.sees(/of 30 correct/);
  // Six texts name their topic last; for the other 24 the prompt's own last topic is Music, which eight of them are.
  const page = await desk.text();
  const correct = Number(/(\d+) of 30 correct/.exec(page)[1]);
  assert.equal(correct, expectedCorrect(30), page);
  await desk.picture("main-path-results");

  assert.ok(!(await desk.text()).includes(KEY), "the key is not on the page");

  // A new process finds the key in the keychain and owns the answers already.
  await desk.close();
  const asked = model.requests;
  await desk.open();
  await desk.click("button", "Evaluate 30 tasks");
  await desk.sees("Run 2, version 1, ground truth");
  await desk.sees("30 answers reused");
  assert.equal(model.requests, asked, "answers that are owned are not asked for again");
  await desk.browser.keys(["Control", "Shift", "m"]);
  await desk.click("button", /^Test$/);
  await desk.sees(/Works, answered in/);
  assert.ok(model.requests > asked, "the test went out with the key");
});

/** How often the server is right: about every fifth text, and about those of the topic that the prompt names last. */
function expectedCorrect(count) {
  return Array.from({ length: count }, (_, index) => index).filter((index) => index % 5 === 0 || index % 3 === 2)
    .length;
}
