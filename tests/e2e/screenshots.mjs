// Pictures of every screen of the built program, light and dark: `node screenshots.mjs FOLDER`.

import { layDesk } from "./desk.mjs";
import { startModelServer } from "./model-server.mjs";
import { addConnection } from "./news.mjs";

const SAMPLE = "Ticket topics (sample)";
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node screenshots.mjs FOLDER");

const desk = await layDesk();
const model = await startModelServer();
try {
  await desk.open();
  await desk.until("the sample to be finished", async () => {
    const page = await desk.text();
    return page.includes("Version 2") && page.includes("Completed");
  });
  await addConnection(desk, { name: "qwen3:8b", endpoint: model.endpoint });
  await desk.closeDialog();
  for (const theme of ["Light", "Dark"]) {
    await desk.click("button", /^Theme:/);
    await desk.click("menuitemradio", theme);
    await takeAll(theme.toLowerCase());
  }
} finally {
  model.close();
  await desk.end();
}

async function takeAll(theme) {
  const take = (name) => desk.picture(`${name}-${theme}`, folder);
  await desk.click("link", "Prompts");
  await desk.sees(SAMPLE);
  await take("prompts");

  await desk.browser.keys(["Control", "Shift", "m"]);
  await desk.find("dialog", "API Keys");
  await take("api-keys");
  await desk.closeDialog();

  await desk.browser.keys(["Control", "n"]);
  await desk.find("dialog", "Create Prompt");
  await desk.sees("Feature request");
  await take("create-prompt");
  await desk.closeDialog();

  await desk.click("link", SAMPLE);
  await desk.rows("Results");
  await take("editor");
  await desk.browser.execute(() => document.querySelector("[role=grid] [aria-rowindex='2']").click());
  await desk.find("complementary", "Result");
  await take("results");
  await desk.click("tab", "Alignment");
  await desk.sees("Cohen's kappa");
  await take("alignment");
  await desk.click("tab", "Compare");
  await desk.sees("McNemar's exact test");
  await take("compare");
  await desk.click("tab", /^Versions/);
  await desk.find("region", "Version 2");
  await take("versions");
  await desk.click("tab", /^Runs/);
  await take("runs");

  await desk.click("link", "Projects");
  await desk.find("table", "Projects");
  await take("projects");
  await desk.click("link", /Support tickets/);
  await desk.rows("Tasks");
  await take("project");
  // One that is labeled: the button begins at the first that is not.
  await desk.browser.execute(() => document.querySelector("[role=grid] [aria-rowindex='2']").focus());
  await desk.browser.keys(["e"]);
  await desk.sees(/^Task 1$/m);
  await take("label");
  await desk.click("link", /Support tickets/);
  await desk.click("tab", "Config XML");
  await desk.click("button", "Edit config");
  await desk.sees("No problems");
  await desk.click("tab", "Classes");
  await take("config");
  await desk.browser.keys(["Control", ","]);
  await desk.find("dialog", "Settings");
  await take("settings");
  await desk.closeDialog();
}
