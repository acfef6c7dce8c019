/** What can be done without a mouse: the rows of a list, and the whole way from a new prompt to a look at its results. */
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch, picture } from "./browser";

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

it("walks the list, deletes a row, and goes on from its neighbour", async () => {
  const page = await chromium.open({ at: "/prompts" });
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  await page.getByRole("link", { name: /^Find parties/ }).focus();
  await page.keyboard.press("ArrowDown");
  expect(await focused()).toBe("Sort support tickets");
  await page.keyboard.press("End");
  expect(await focused()).toBe("Ticket urgency");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Delete");
  await page.getByText("Deleted “Which answer is better?”").first().waitFor();
  await expect.poll(focused).toBe("Ticket urgency");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.title()).toBe("Ticket urgency - Touchstone");
  await page.close();
});

it("finds in the palette what can be done with the row that it was opened from", async () => {
  const page = await chromium.open({ at: "/prompts", scene: "lived" });
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  const choose = async (words: string, title: string) => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search commands" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.type(words);
    const option = page.getByRole("option", { name: title }).first();
    await option.and(page.locator("[data-highlighted]")).waitFor();
    await picture(page, `palette-row-${words.split(" ")[0]}`);
    await page.keyboard.press("Enter");
  };
  await page.getByRole("link", { name: "Ticket urgency" }).focus();
  await choose("rename ticket", "Rename Ticket urgency");
  const dialog = page.getByRole("dialog", { name: "Edit prompt" });
  expect(await dialog.getByRole("textbox", { name: "Name" }).inputValue()).toBe("Ticket urgency");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await expect.poll(focused, { message: "the row that it was opened from" }).toBe("Ticket urgency");
  await choose("delete ticket", "Delete Ticket urgency");
  await page.getByText("Deleted “Ticket urgency”").first().waitFor();
  await expect.poll(focused, { message: "its neighbour" }).toBe("Which answer is better?");
  await page.getByRole("searchbox", { name: "Search prompts" }).focus();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search commands" }).fill("delete");
  await page.getByRole("option").first().waitFor();
  expect((await page.getByRole("option").allTextContents()).filter((title) => /^Delete(?!d)/.test(title))).toEqual([]);
  await page.close();
  const projects = await chromium.open({ at: "/projects" });
  await projects.locator("a[data-row]").filter({ hasText: "Answer pairs" }).focus();
  await projects.keyboard.press("Control+k");
  await projects.getByRole("combobox", { name: "Search commands" }).fill("delete answer");
  await projects.getByRole("option", { name: "Delete Answer pairs" }).waitFor();
  await projects.close();
});

it.each([
  ["/prompts", "Create Prompt"],
  ["/projects", "Import project"],
])("goes on at the first button of an empty list once its last row is deleted: %s", async (at, button) => {
  const page = await chromium.open({ at: "/prompts", scene: "first-run" });
  const row = page.getByRole("table").locator("a[data-row]");
  const focused = page.getByRole("main").getByRole("button", { name: button }).last().and(page.locator(":focus"));
  await row.first().focus();
  await page.keyboard.press("Delete");
  await page.getByText("Label data with a language model").waitFor();
  if (at !== "/prompts") {
    await page.evaluate(() => {
      location.hash = "/projects";
    });
    const menu = page.getByRole("button", { name: /^Actions for/ });
    await menu.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Delete" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Bring a labeling project").waitFor();
  }
  await focused.waitFor();
  await page.keyboard.press("F6");
  await page.locator("[data-notice] :focus, [data-notice]:focus").first().waitFor();
  await page.close();
});

it("goes from a new prompt over a run to one result", async () => {
  const page = await chromium.open({ at: "/prompts", scene: "first-run" });
  await page.getByRole("link", { name: "Sort support tickets" }).waitFor();
  await page.keyboard.press("Control+n");
  // A dialog is there a frame before it takes the keys.
  await page.getByRole("textbox", { name: "Name" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.type("Topics again");
  await page.getByRole("tab", { name: "Labels" }).waitFor();
  await page.keyboard.press("Control+Enter");
  await expect.poll(() => page.title()).toBe("Topics again - Touchstone");
  await page.getByRole("tab", { name: "Results" }).waitFor();
  await page.keyboard.press("Control+Shift+Enter");
  await page.getByText("Completed").first().waitFor();
  const row = page.getByRole("grid", { name: "Results" }).getByRole("row").nth(1);
  await row.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "How it was answered" }).waitFor();
  await page.close();
});

it("goes without a mouse from a new prompt over two runs and their comparison to Review and the settings", async () => {
  const page = await chromium.open({ at: "/prompts", scene: "first-run" });
  const command = async (words: string, title: string) => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search commands" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.press("Control+a");
    await page.keyboard.type(words);
    const first = page.getByRole("option", { name: title }).first();
    await first.and(page.locator("[data-highlighted]")).waitFor();
    await page.keyboard.press("Enter");
  };
  await page.getByRole("link", { name: "Sort support tickets" }).waitFor();
  await page.keyboard.press("Control+n");
  await page.getByRole("textbox", { name: "Name" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.type("By keys alone");
  await page.getByRole("tab", { name: "Labels" }).waitFor();
  await page.keyboard.press("Control+Enter");
  await expect.poll(() => page.title()).toBe("By keys alone - Touchstone");

  for (const run of ["Run 1", "Run 2"]) {
    await page.keyboard.press("Control+Shift+Enter");
    await page
      .getByText(new RegExp(`^${run}, `))
      .first()
      .waitFor();
    await page.getByRole("main").getByText("Completed").first().waitFor();
  }
  await command("compare runs", "Compare runs");
  await page.getByRole("tab", { name: "Compare", selected: true }).waitFor();

  await page.keyboard.press("Control+Shift+r");
  await expect.poll(() => page.title()).toBe("Review - Touchstone");

  await page.keyboard.press("Control+,");
  await page.getByRole("dialog", { name: "Settings" }).waitFor();
  for (let step = 0; step < 12; step += 1) {
    if ((await page.locator("[role=radio]:focus").count()) > 0) break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("ArrowRight");
  await page.locator("html[data-color-scheme=dark]").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Settings" }).waitFor({ state: "hidden" });
  await page.close();
}, 90_000);

it("opens a project from the palette by some letters of its name", async () => {
  const page = await chromium.open({ at: "/prompts" });
  await page.getByRole("link", { name: "Ticket urgency" }).waitFor();
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("combobox", { name: "Search commands, prompts and projects" });
  await palette.and(page.locator(":focus")).waitFor();
  await page.keyboard.type("answer pa");
  await page
    .getByRole("option", { name: /^Answer pairs/ })
    .and(page.locator("[data-highlighted]"))
    .waitFor();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.title()).toBe("Answer pairs - Touchstone");
  await page.close();
});

it("lists in the palette the places first, and then the ways back and forth", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample" });
  await page.getByRole("button", { name: /^Parameters/ }).waitFor();
  await page.keyboard.press("Control+k");
  const places = page.getByRole("group", { name: "Go to" }).getByRole("option");
  await places.first().waitFor();
  const names = (await places.allInnerTexts()).map((text) => text.split("\n")[0]);
  expect(names.slice(0, 5)).toEqual(["Prompts", "Projects", "Review", "Back", "Forward"]);
  await picture(page, "palette-prompt");
  await page.close();
});

it("takes what is typed before the palette's field has the focus", async () => {
  const page = await chromium.open({ at: "/prompts" });
  await page.getByRole("link", { name: "Ticket urgency" }).waitFor();
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("combobox", { name: "Search commands, prompts and projects" });
  await palette.and(page.locator(":focus")).waitFor();
  await palette.evaluate((field) => field.blur());
  await page.keyboard.type("ans");
  await palette.and(page.locator(":focus")).waitFor();
  expect(await palette.inputValue()).toBe("ans");
  await page.close();
});

it("finds in the palette what the screen can do, and says where nothing is called so", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample" });
  await page.getByRole("button", { name: /^Parameters/ }).waitFor();
  const field = page.getByRole("combobox", { name: "Search commands, prompts and projects" });
  const options = page.getByRole("option");
  await page.keyboard.press("Control+k");
  await field.fill("rename the moon");
  await page.getByText("Nothing is called “rename the moon” here.").waitFor();
  await field.fill("promote");
  await expect.poll(() => options.allTextContents()).toEqual([expect.stringMatching(/^Show the versions/)]);
  await page.keyboard.press("Escape");
  await field.waitFor({ state: "detached" });
  await page.keyboard.press("Control+k");
  await field.waitFor();
  expect(await field.inputValue(), "what was looked for before is done with").toBe("");
  await field.fill("parameters");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Parameters" }).getByText("Temperature").waitFor();
  await page.goto(`${page.url().replace(/#.*/, "")}#/prompts/prompt-sample?tab=versions`);
  await page.getByRole("button", { name: "Labels" }).waitFor();
  await page.keyboard.press("Control+k");
  await field.fill("production");
  await options.filter({ hasText: "Labels of the version" }).click();
  await page.getByRole("menu").waitFor();
  await page.close();
});

it("names a run in palette, keys and tip as its button does, and finds it by either word", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample" });
  const button = page.getByRole("button", { name: "Evaluate 60 tasks" });
  await button.hover();
  await page.locator("[data-base-ui-portal]").getByText("Evaluate 60 tasks").waitFor();
  const field = page.getByRole("combobox", { name: "Search commands, prompts and projects" });
  await page.keyboard.press("Control+k");
  for (const word of ["run", "evaluate"]) {
    await field.fill(word);
    await page.getByRole("option", { name: "Evaluate 60 tasks" }).waitFor();
  }
  await page.keyboard.press("Escape");
  await field.waitFor({ state: "detached" });
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await keys.getByText("Evaluate 60 tasks").waitFor();
  await page.keyboard.press("Escape");
  await keys.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Which tasks to run" }).click();
  await page.getByRole("menuitemradio", { name: /^All tasks/ }).click();
  await page.getByRole("button", { name: "Run all 200 tasks" }).waitFor();
  await page.keyboard.press("Control+k");
  await field.fill("evaluate");
  await page.getByRole("option", { name: "Run all 200 tasks" }).waitFor();
  await page.close();
});

it("keeps the focus inside the dialog of spaces, whatever form or button is done with", async () => {
  const page = await chromium.open({ at: "/prompts?dialog=spaces" });
  const focused = () =>
    page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
  const press = async (name: string | RegExp) => {
    await page.getByRole("button", { name, exact: true }).focus();
    await page.keyboard.press("Enter");
  };
  await press("Rename the space");
  await press("Cancel");
  await expect.poll(focused).toBe("Rename the space");
  await press("Rename the space");
  await page.keyboard.press("Enter");
  await expect.poll(focused).toBe("Rename the space");

  await press("New space");
  await press("Cancel");
  await expect.poll(focused).toBe("New space");
  await press("New space");
  await page.keyboard.type("Attic");
  await page.keyboard.press("Enter");
  await expect.poll(focused).toMatch(/^Attic/);

  await press("Link this space…");
  await press("Cancel");
  await expect.poll(focused).toBe("Link this space…");
  await press("Link this space…");
  await page.locator("input[type=password]").fill("ak-1234567890");
  await page.keyboard.press("Enter");
  await expect.poll(focused).toMatch(/^Choose a space/);
  await page.keyboard.press("Enter");
  await page.getByRole("option", { name: "Experiments" }).click();
  await press("Link");
  await expect.poll(focused).toBe("Look for changes");
  await page.keyboard.press("Enter");
  await press("Pull 2 changes");
  await expect.poll(focused).toBe("Look again");

  await press("Unlink");
  await page.getByRole("alertdialog").getByRole("button", { name: "Unlink" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(focused).toBe("Link this space…");
  await press("Remove the space");
  await expect.poll(focused).toMatch(/^Default/);
  await page.close();
});

const dialog = (name: string) => (page: Page) => page.getByRole("dialog", { name }).waitFor();
const told = (text: string) => (page: Page) => page.getByText(text).first().waitFor();
const section = (name: string) => (page: Page) =>
  page.getByRole("heading", { name }).and(page.locator(":focus")).waitFor();
const results = "/prompts/prompt-sample?tab=results";
const traffic = "/projects/project-traffic";

it.each([
  ["backup", "Back up the workspace", "/prompts", told("The workspace is backed up")],
  ["integrity", "Check the workspace", "/prompts", told("The workspace is whole")],
  ["restore", "Restore a backup", "/prompts", section("Data")],
  ["crash", "Crash reports", "/prompts", section("Privacy and logs")],
  ["about", "About Touchstone", "/prompts", section("About")],
  ["local api", "Local API", "/prompts", section("Local API")],
  ["offline", "Switch Offline on or off", "/prompts", told("Offline is on: nothing but this computer is reached")],
  ["open source", "Licences", "/prompts", dialog("Licences")],
  ["support", "Diagnostics", "/prompts", dialog("Diagnostics")],
  ["release notes", "What is new", "/prompts", dialog("What is new")],
  ["manual", "Guide", "/prompts", dialog("Ten minutes with Touchstone")],
  ["export", "Export all prompts", "/prompts", dialog("Export all prompts")],
  ["export", "Export the project", traffic, dialog("Export project")],
  ["refused", "Show the import report", traffic, dialog("Import report")],
  ["broken pictures", "Check pictures and PDFs", traffic, dialog("Pictures and PDFs")],
  ["target", "Create a prompt for the project", traffic, dialog("Create Prompt")],
  ["excel", "Export the results as CSV", results, told("results written")],
  ["report", "Write a report on the run", results, dialog("Report")],
  ["export prompt", "Export the prompt", results, dialog("Export prompt")],
  ["budget", "Set a money stop", results, dialog("Money stop")],
  [
    "several",
    "Run several models, versions or repetitions",
    results,
    dialog("Several models, versions or repetitions"),
  ],
  [
    "duplicate",
    "Duplicate the version as a new prompt",
    "/prompts/prompt-sample?tab=versions",
    dialog("Duplicate as a new prompt"),
  ],
])("finds by “%s” in the palette: %s, at %s", async (words, title, at, done) => {
  const page = await chromium.open({ at });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("main").getByRole("heading").first().waitFor();
  const option = page.getByRole("option", { name: title });
  // Commands come with the part of the screen that can carry them out.
  await expect
    .poll(async () => {
      await page.keyboard.press("Control+k");
      const palette = page.getByRole("combobox", { name: "Search commands, prompts and projects" });
      await palette.fill(words);
      if ((await option.count()) > 0) return true;
      await page.keyboard.press("Escape");
      return false;
    })
    .toBe(true);
  await option.first().click();
  await done(page);
  await page.close();
});

it("says what a button is for when it is gone to, and not when its menu was closed", async () => {
  const page = await chromium.open({ at: "/prompts", clock: "running" });
  const theme = page.getByRole("button", { name: /^Theme: / });
  await page.getByRole("button", { name: /^Search and commands/ }).focus();
  await page.keyboard.press("Tab");
  const tip = page.getByText(/^Theme: /);
  await tip.waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitemradio", { name: "Dark" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect.poll(() => theme.evaluate((button) => button === document.activeElement)).toBe(true);
  await page.waitForTimeout(1_000);
  expect(await tip.count()).toBe(0);
  await page.close();
});

const middles = async (of: Locator) =>
  of.evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ top, height }) => top + height / 2));

it("has icon, words and key caps of a menu on one line", async () => {
  const page = await chromium.open({ at: "/prompts" });
  await page.getByRole("button", { name: "Actions for Ticket urgency" }).click();
  const item = page.getByRole("menuitem", { name: "Edit" });
  await item.waitFor();
  // Once it has come in.
  await page.waitForTimeout(150);
  const [words, icon, cap] = await Promise.all([
    middles(item.locator("span > span.truncate")),
    middles(item.locator("svg")),
    middles(item.locator("kbd")),
  ]);
  expect(Math.abs((words[0] ?? 0) - (icon[0] ?? 99))).toBeLessThan(1);
  expect(Math.abs((words[0] ?? 0) - (cap[0] ?? 99))).toBeLessThan(1);
  await page.close();
});

it.each(["/prompts", "/prompts/prompt-sample"])(
  "lists no group of shortcuts at %s that has none, and its caps on the line of their words",
  async (at) => {
    const page = await chromium.open({ at: `${at}?dialog=shortcuts` });
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Collapse or expand").waitFor();
    for (const heading of await dialog.getByRole("heading", { level: 3 }).all())
      expect(await heading.locator("+ dl > div").count(), "rows below it").toBeGreaterThan(0);
    const [words, caps] = await Promise.all([
      middles(dialog.locator("dt")),
      middles(dialog.locator("dd kbd:first-child")),
    ]);
    for (const [index, middle] of words.entries()) expect(Math.abs(middle - (caps[index] ?? 0))).toBeLessThan(1);
    const lasts = await dialog.locator("dl > div:last-child").evaluateAll((rows) => {
      const bottoms = new Map<number, number>();
      for (const { left, bottom } of rows.map((row) => row.getBoundingClientRect()))
        bottoms.set(Math.round(left), bottom);
      return [...bottoms.values()];
    });
    expect(lasts).toHaveLength(2);
    expect(Math.abs((lasts[0] ?? 0) - (lasts[1] ?? 0)), "one column is not much longer than the other").toBeLessThan(
      120,
    );
    await picture(page, `shortcuts-${at.split("/").length}`);
    await page.close();
  },
);

it("shows where the keyboard is in a message as in any field", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample" });
  const message = page
    .getByRole("region", { name: "System message" })
    .filter({ has: page.getByRole("textbox") })
    .first();
  const text = message.getByRole("textbox");
  await text.waitFor();
  await message.getByRole("button", { name: "Remove system message" }).focus();
  await page.keyboard.press("Tab");
  expect(await text.evaluate((element) => element === document.activeElement)).toBe(true);
  const ring = (of: Locator) =>
    of.evaluate((element) => {
      const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
      return [outlineStyle, outlineWidth, outlineColor];
    });
  const field = page.getByRole("searchbox", { name: "Search in the data" });
  const there = await ring(message);
  await picture(page, "message-focus");
  await field.focus();
  expect(there).toEqual(await ring(field));
  expect((await ring(message))[0], "and only while it is there").toBe("none");
  await page.close();
});

it("scrolls a message of 50 kB with the messages around it, by one bar, and keeps the cursor in sight", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample" });
  const text = page.getByRole("textbox", { name: "User message" });
  await text.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.insertText("Line of a rather long prompt, with words.\n".repeat(1200));
  await page.keyboard.press("Control+End");
  const bars = await text.evaluate((message) => {
    let count = 0;
    for (let at: Element | null = message; at !== null; at = at.parentElement) {
      const scrolls = ["auto", "scroll"].includes(getComputedStyle(at).overflowY);
      if (scrolls && at.scrollHeight > at.clientHeight + 1) count += 1;
    }
    return count;
  });
  expect(bars).toBe(1);
  const cursor = page.locator(".cm-focused .cm-cursor-primary, .cm-focused .cm-cursor").first();
  await expect
    .poll(async () => {
      const [at, pane] = await Promise.all([
        cursor.boundingBox(),
        page.locator(".scroll-area").filter({ has: text }).last().boundingBox(),
      ]);
      return at !== null && pane !== null && at.y >= pane.y && at.y + at.height <= pane.y + pane.height;
    })
    .toBe(true);
  await picture(page, "message-50k");
  await page.close();
});

it("goes by keyboard from the models that there are to those that can be added", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample", scene: "first-run" });
  await page.getByRole("combobox", { name: "Base model" }).click();
  await page.getByRole("combobox", { name: "Search models" }).press("Tab");
  await picture(page, "model-menu");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "API Keys" }).waitFor();
  await page.getByRole("listbox", { name: "Base models" }).waitFor({ state: "detached" });
  await page.close();
});
