// Endpoints that misbehave: what the window says, and that it goes on.

import { test } from "node:test";
import { layDesk } from "./desk.mjs";
import { startModelServer } from "./model-server.mjs";
import { addConnection, CONFIG, createPrompt, draft, draftIsKept, importNews, news } from "./news.mjs";

const KEY = "sk-journey-c04f";

test("a test says in plain words what is wrong, and a busy endpoint is waited for", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  desk.plants(KEY);
  const model = await startModelServer({ apiKey: KEY });
  t.after(() => model.close());

  await desk.open([desk.file("config.xml", CONFIG), desk.file("news.json", news(10))]);
  await importNews(desk, "Town news");
  await desk.click("button", "Open project");
  await addConnection(desk, { name: "moody-model", endpoint: model.endpoint, apiKey: KEY });
  for (const [manner, words] of [
    [{ kind: "refuses" }, /Does not work.*key/is],
    [{ kind: "html" }, /Does not work.*web page/is],
    [{ kind: "well" }, /Works, answered in/],
  ]) {
    model.manner = manner;
    await desk.click("button", "Test");
    await desk.sees(words);
    await desk.picture(`endpoint-${manner.kind}`);
  }
  await desk.closeDialog();

  await createPrompt(desk, { name: "News by topic", project: "Town news" });
  await desk.click("button", "Create Prompt");
  await draft(desk, { model: "moody-model", message: "Weather, Sport or Music? " });
  await draftIsKept(desk);
  model.manner = { kind: "busy", seconds: 2, times: 3 };
  await desk.click("button", "Evaluate 10 tasks");
  await desk.find("region", "Runs at work");
  await desk.picture("endpoint-busy");
  await desk.sees("Completed");
  await desk.sees(/of 10 correct/);
});
