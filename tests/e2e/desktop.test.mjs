// What a program of the desktop does: it comes back as it was left, is there once, opens what it is given, goes where a link
// leads, and asks before it closes over work.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { layDesk } from "./desk.mjs";
import { startModelServer } from "./model-server.mjs";
import { CONFIG, draftOnNews, news } from "./news.mjs";

const SAMPLE = "Ticket topics (sample)";

/** How large the window is, in pixels of the screen, and how much of it the page has, in its own. */
async function room(desk) {
  const { width, height } = await desk.browser.getWindowSize();
  return { width, height, page: await desk.browser.execute("return innerWidth") };
}

const address = (desk) => desk.browser.execute("return location.hash");

test("the window comes back as it was left: its size, its zoom, its theme, its screen", async (t) => {
  const desk = await layDesk({ width: 1600, height: 1000 });
  t.after(() => desk.end());
  await desk.open();
  await desk.click("link", SAMPLE);
  await desk.click("tab", /Runs/);
  await desk.sees("Run 2");
  const place = await address(desk);
  const before = await room(desk);
  await desk.browser.setWindowSize(1120, 700);
  await desk.until("the window to be smaller", async () => (await room(desk)).width < before.width);
  const whole = await room(desk);
  await desk.browser.keys(["Control", "="]);
  await desk.until("the page to be drawn larger", async () => (await room(desk)).page < whole.page);
  const left = await room(desk);
  await desk.browser.keys(["Control", ","]);
  await desk.find("dialog", "Settings");
  await desk.quit();

  await desk.open();
  await desk.sees(SAMPLE);
  assert.equal(await address(desk), place, "the screen is kept, and not the dialog over it");
  const told = readFileSync(`/proc/${desk.programs()[0]}/environ`, "utf8");
  assert.match(told, /JSC_thresholdForOptimizeSoon=/, "WebKit is told when to compile");
  const again = await room(desk);
  assert.equal(again.page, left.page, "the zoom is kept");
  assert.ok(Math.abs(again.width - left.width) <= 4, `the width is kept: ${left.width}, ${again.width}`);
  assert.ok(Math.abs(again.height - left.height) <= 4, `the height is kept: ${left.height}, ${again.height}`);
  await desk.picture("desktop-zoomed");
  await desk.browser.keys(["Control", "0"]);
  await desk.until("the page to be drawn as it is", async () => (await room(desk)).page > left.page);
});

test("a second start hands over its files, links lead to places, and nothing else happens", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  await desk.open();
  await desk.sees(SAMPLE);
  await desk.click("link", SAMPLE);
  await desk.rows("Results");
  const prompt = /prompts\/([^?/]+)/.exec(await address(desk))[1];
  const [pid] = desk.programs();

  await desk.click("link", "Projects");
  assert.equal(await desk.startAgain([`touchstone://prompt/${prompt}`]), 0);
  await desk.until("the link to lead to the prompt", async () => (await address(desk)).includes(`/prompts/${prompt}`));
  await desk.rows("Results");

  await desk.browser.keys(["Alt", "ArrowLeft"]);
  await desk.until("the way back", async () => (await address(desk)).endsWith("/projects"));
  await desk.browser.keys(["Alt", "ArrowRight"]);
  await desk.until("and forth", async () => (await address(desk)).includes(`/prompts/${prompt}`));

  assert.equal(await desk.startAgain(["touchstone://run/start-all"]), 0);
  await desk.sees("The run could not be opened");
  assert.equal(await desk.startAgain(["touchstone://delete/everything"]), 0);
  await desk.sees("The link leads nowhere in Touchstone");

  const files = [desk.file("config.xml", CONFIG), desk.file("news.json", news(5))];
  assert.equal(await desk.startAgain(files), 0);
  await desk.find("dialog", "Import project");
  await desk.sees("The first 5 items");
  // A form that is open keeps its place.
  assert.equal(await desk.startAgain([`touchstone://prompt/${prompt}`]), 0);
  await desk.sees("A link to a prompt waits");
  await desk.find("dialog", "Import project");
  assert.deepEqual(desk.programs(), [pid], "there is one program");

  const log = readFileSync(path.join(desk.env.XDG_DATA_HOME, "app.touchstone.desktop/logs/touchstone.log"), "utf8");
  for (const words of [
    "begins, on",
    "the workspace is open",
    "a run was started",
    "a run ended",
    "a link was refused",
  ]) {
    assert.ok(log.includes(words), `the log says that ${words}: ${log}`);
  }
  for (const words of ["everything", SAMPLE, "news.json"]) {
    assert.ok(!log.includes(words), `the log holds no content: ${words}`);
  }
});

test("a workspace file opens after a yes, and there is a way back", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  await desk.open();
  await desk.sees(SAMPLE);
  await desk.quit();
  const own = path.join(desk.env.XDG_DATA_HOME, "app.touchstone.desktop/workspace.touchstone");
  const other = path.join(desk.folder, "Team.touchstone");
  copyFileSync(own, other);

  await desk.open([other]);
  await desk.find("alertdialog", "Open this workspace?");
  await desk.sees(other);
  await desk.picture("desktop-workspace");
  await (await desk.find("button", "Open workspace")).click().catch(() => {});
  const preferences = path.join(path.dirname(own), "preferences.json");
  await desk.until("the choice to be kept", () => readFileSync(preferences, "utf8").includes("Team.touchstone"));
  await desk.until("the page to be gone", () =>
    desk.browser.execute("return document.querySelector('[role=alertdialog]') === null").catch(() => true),
  );
  // It starts again under no driver, and whoever starts it now is handed on to it.
  await desk.until("the program to start again", () => desk.programs().length === 1);
  for (const pid of desk.programs()) process.kill(pid, "SIGKILL");
  await desk.gone();

  await desk.open();
  await desk.browser.keys(["Control", ","]);
  await desk.sees(other);
  await desk.find("button", "Go back to my own workspace");
  await desk.picture("desktop-settings");
});

test("a run at work is shown on the launcher's entry, and closing over it asks, and pauses it", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  const model = await startModelServer();
  t.after(() => model.close());
  await draftOnNews(desk, {
    count: 40,
    model: "slow-model",
    endpoint: model.endpoint,
    message: "Weather, Sport or Music? What is this text about: ",
  });
  model.manner = { kind: "slow", ms: 2000 };
  const heard = [];
  const monitor = ["--session", "interface='com.canonical.Unity.LauncherEntry'"];
  const launcher = spawn("dbus-monitor", monitor, { env: desk.env, stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => launcher.kill());
  launcher.stdout.setEncoding("utf8").on("data", (text) => heard.push(text));
  const before = model.requests;
  await desk.click("button", "Evaluate 40 tasks");
  await desk.until("the run to be at work", () => model.requests - before > 8);
  await desk.until("the launcher to hear of it", () => {
    const told = heard.join("");
    return (
      told.includes('"application://Touchstone.desktop"') && /"progress-visible"\s+variant\s+boolean true/.test(told)
    );
  });

  await desk.browser.keys(["Control", "q"]);
  await desk.find("alertdialog", "Close while 1 run is at work?");
  await desk.picture("desktop-close");
  await desk.click("button", "Cancel");
  await desk.until("the question to be gone", async () => !(await desk.text()).includes("Close while"));
  assert.equal(desk.programs().length, 1, "it stays");

  await desk.browser.keys(["Control", "q"]);
  await (await desk.find("button", "Pause and close")).click().catch(() => {});
  await desk.gone();
  model.manner = { kind: "well" };
  await desk.open();
  await desk.find("region", "Runs at work");
  await desk.sees(/Broken off at \d+ of 40/);
});
