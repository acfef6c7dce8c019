// Everything from two files to a decision and a verdict, in the real window and without a mouse.

import { test } from "node:test";
import { layDesk } from "./desk.mjs";
import { startModelServer } from "./model-server.mjs";
import { CONFIG, draftIsKept, news } from "./news.mjs";

/** More than any screen has places that Tab stops at. */
const STOPS_MAX = 120;

test("the keyboard alone leads from two files to a verdict, and to every window on the way", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  const model = await startModelServer();
  t.after(() => model.close());
  const keys = (...pressed) => desk.browser.keys(pressed);
  /** Keys of one call are held together: a letter that comes twice is a call of its own. */
  const write = async (text) => {
    for (const letter of text) await keys(letter);
  };

  /** Whether the focus is on an element, or in it. */
  const isFocused = (element) => desk.browser.execute((element) => element.contains(document.activeElement), element);
  /** Goes on with Tab until the focus is there. */
  const tabTo = async (role, name, { by = "Tab", ...options } = {}) => {
    for (let stops = 0; stops < STOPS_MAX; stops += 1) {
      if (await isFocused(await desk.find(role, name, options))) return;
      await keys(by);
    }
    throw new Error(`${by} does not lead to the ${role} “${name}”`);
  };
  const press = async (role, name, options) => {
    await tabTo(role, name, options);
    await keys("Enter");
  };
  const fill = async (name, text) => {
    await tabTo("textbox", name);
    await keys("Control", "a");
    await write(text);
  };
  /** Writes into the list that has the focus, and takes what it offers first. */
  const take = async (words) => {
    await write(words);
    const option = await desk.find("option", new RegExp(`^${words}`));
    await desk.until("the option to be the one that Enter takes", () =>
      desk.browser.execute((option) => "highlighted" in option.dataset, option),
    );
    await keys("Enter");
  };
  const choose = async (name, words) => {
    await tabTo("combobox", name);
    await take(words);
  };
  /** Carries a command out from the palette. */
  const command = async (title) => {
    await keys("Control", "k");
    const palette = await desk.find("combobox", /^Search commands/);
    await desk.until("the palette to take the keys", () => isFocused(palette));
    await take(title);
  };
  const closed = (title) => desk.until(`“${title}” to close`, async () => !(await desk.text()).includes(title));

  // A project, from the files that the program was opened with.
  // Those without ground truth are for Review.
  const tasks = JSON.parse(news(30)).map((task, place) => (place < 10 ? task : { ...task, annotations: [] }));
  await desk.open([desk.file("config.xml", CONFIG), desk.file("news.json", JSON.stringify(tasks))]);
  await desk.find("dialog", "Import project");
  await fill("Name", "Town news");
  await press("button", "Import project");
  await desk.sees("“Town news” is imported");
  await press("button", "Open project");
  await desk.sees("Heavy rain is expected on day 1");

  // A model of one's own.
  await keys("Control", "Shift", "m");
  await desk.find("dialog", "API Keys");
  await tabTo("navigation", "Connections");
  await keys("Home");
  await press("button", "Add Custom LLM", { by: "ArrowDown", within: desk.find("navigation", "Connections") });
  await fill("Name", "town-model");
  await fill("Endpoint", model.endpoint);
  await press("button", "Save and test");
  await desk.sees(/Works, answered in/);
  await desk.closeDialog();

  // A prompt, and two versions of it that are run. The model believes the last topic that it reads.
  await keys("Control", "n");
  await desk.find("dialog", "Create Prompt");
  await fill("Name", "News by topic");
  await choose("Target project", "Town news");
  await keys("Control", "Enter");
  await desk.sees("Draft, no version yet");
  await press("combobox", "Base model");
  await choose("Search models", "town-model");
  await tabTo("textbox", "User message");
  await write("Weather, Sport or Music? {text}");
  await draftIsKept(desk);
  await keys("Control", "Shift", "Enter");
  await desk.sees(/of 10 correct/);
  await tabTo("textbox", "User message");
  await keys("Control", "End");
  await write(" Or Sport?");
  await draftIsKept(desk);
  await keys("Control", "Shift", "Enter");
  await desk.sees(/Run 2, version 2/);
  await desk.sees(/of 10 correct/);

  // One result after the other.
  await desk.rows("Results");
  await tabTo("row", /on day 1\b/);
  await tabTo("row", /on day 2\b/, { by: "ArrowDown" });
  await keys("Enter");
  await desk.find("heading", "How it was answered");
  await keys("j");
  await keys("Escape");
  await closed("How it was answered");

  await command("Compare runs");
  await desk.find("tab", "Compare");
  await desk.sees(/fixed|broken/i);

  // Decisions, and one taken back.
  await keys("Control", "Shift", "r");
  await desk.find("heading", "Review");
  await desk.find("listbox", "Queue");
  await desk.sees("0 decided");
  await keys("a");
  await desk.sees("1 decided");
  await keys("z");
  await desk.sees("0 decided");

  // Every other window.
  await keys("Control", ",");
  await desk.find("dialog", "Settings");
  await tabTo("radio", "System", { within: desk.find("radiogroup", "Theme") });
  await keys("ArrowRight");
  await keys("ArrowRight");
  await desk.until("the dark theme", () =>
    desk.browser.execute(() => document.documentElement.dataset.colorScheme === "dark"),
  );
  await desk.closeDialog();
  await keys("F1");
  await desk.find("dialog", "Ten minutes with Touchstone");
  await desk.closeDialog();
  await keys("F10");
  await desk.find("menuitem", "File");
  await keys("Escape");
  await desk.until("the menu to close", () =>
    desk.browser.execute(() => document.querySelector("[role=menuitem]") === null),
  );
  await keys("Alt", "ArrowLeft");
  await desk.find("tab", "Compare");
});
