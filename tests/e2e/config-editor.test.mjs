// A labeling config: begun from a template, its classes changed without XML, weighed against what was labeled, and saved.

import assert from "node:assert/strict";
import { test } from "node:test";
import { layDesk } from "./desk.mjs";
import { CONFIG, importNews, news } from "./news.mjs";

test("a class is renamed in the config and in what was labeled with it", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  await desk.open([desk.file("config.xml", CONFIG), desk.file("news.json", news(12))]);
  await importNews(desk, "Town news");
  await desk.click("button", "Open project");
  await desk.sees(/12 annotations/);
  await desk.click("tab", "Config XML");
  await desk.click("button", "Edit config");
  await desk.sees("No problems");
  await desk.click("tab", "Classes");
  await desk.fill("textbox", "Name of Sport", "Sports and games");
  await desk.browser.keys(["Enter"]);
  await desk.sees("Not saved");
  await desk.fill("textbox", "New class of topic", "Politics");
  await desk.browser.keys(["Enter"]);
  await desk.sees(/4 classes/);
  await desk.picture("config-classes");

  // The editor is there again after a restart, and so is what was not saved.
  await desk.close();
  await desk.open();
  await desk.sees("Not saved");
  await desk.picture("config-editor");
  await desk.browser.keys(["Control", "s"]);
  await desk.sees("Classes that are gone");
  await desk.sees("Becomes Sports and games");
  await desk.picture("config-save");
  await desk.click("button", "Save config", { within: desk.find("dialog", "Save the labeling config") });
  await desk.sees("The labeling config is saved");
  await desk.click("link", "Town news");
  await desk.sees("Sports and games");
  assert.doesNotMatch(await desk.text(), /^Sport$/m);
  await desk.click("button", "Label tasks");
  await desk.sees("Politics");
});

test("a project begins with a template and a list of tasks", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  await desk.open([desk.file("reviews.jsonl", '{"text": "Quick and kind."}\n{"text": "Never again."}\n')]);
  const dialog = desk.find("dialog", "Import project");
  await desk.sees("Add the labeling config");
  await desk.click("button", "Choose a template", { within: dialog });
  await desk.click("radio", /^Sentiment/);
  await desk.sees("Positive");
  await desk.picture("import-template");
  await desk.click("button", "Use template");
  await desk.fill("textbox", "Name", "Reviews");
  await desk.click("button", "Import project", { within: desk.find("dialog", "Import project") });
  await desk.sees("“Reviews” is imported");
  await desk.click("button", "Open project");
  await desk.sees("Never again.");
  await desk.click("button", "Label tasks");
  await desk.sees("A new annotation");
});
