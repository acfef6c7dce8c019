/** Back and Forward: through what was opened and the tabs that were shown, and not through how they looked. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch } from "./browser";
import { taskGrid } from "./million";

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

const back = (page: Page) => page.keyboard.press("Alt+ArrowLeft");
const forward = (page: Page) => page.keyboard.press("Alt+ArrowRight");
const address = (page: Page) => page.evaluate(() => window.location.hash);
const tab = (page: Page, name: RegExp) => page.getByRole("tab", { name, selected: true });
const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute("role"));

it("closes an opened task, and goes on to where the user was before", async () => {
  const page = await chromium.open({ at: "/projects" });
  await page.locator('a[href*="/projects/project-sample"]').first().click();
  const open = page.getByRole("complementary", { name: /^Task \d+ of/ });
  await taskGrid(page).getByRole("row").nth(2).click();
  await open.waitFor();
  // The next one is no step.
  await page.getByRole("button", { name: "Next task" }).click();
  await page.getByRole("complementary", { name: /^Task 3 of/ }).waitFor();
  await back(page);
  await open.waitFor({ state: "detached" });
  expect(await focused(page), "the keyboard goes on in the table").toBe("row");
  await forward(page);
  await page.getByRole("complementary", { name: /^Task 3 of/ }).waitFor();
  await page.getByRole("button", { name: "Close the task" }).click();
  await open.waitFor({ state: "detached" });
  expect(await focused(page)).toBe("row");
  // What was closed is not opened again.
  await back(page);
  await page.getByRole("heading", { name: "Projects", level: 1 }).waitFor();
  await page.close();
});

it("leads through the tabs of a project and of a prompt", async () => {
  const page = await chromium.open({ at: "/projects/project-sample" });
  await page.getByRole("tab", { name: "Labels" }).click();
  await page.getByRole("tab", { name: "Config XML" }).click();
  await back(page);
  await tab(page, /^Labels/).waitFor();
  await back(page);
  await tab(page, /^Tasks/).waitFor();
  await forward(page);
  await tab(page, /^Labels/).waitFor();
  await page.close();

  const prompt = await chromium.open({ at: "/prompts/prompt-sample" });
  await prompt.getByRole("tab", { name: "Results" }).waitFor();
  await prompt.getByRole("tab", { name: "Runs" }).click();
  await prompt.getByRole("tab", { name: "Versions" }).click();
  await prompt.getByRole("grid", { name: "Versions" }).getByRole("row").nth(2).click();
  await expect.poll(() => address(prompt)).toContain("version=");
  await back(prompt);
  await expect.poll(() => address(prompt)).not.toContain("version=");
  await tab(prompt, /^Versions/).waitFor();
  await back(prompt);
  await tab(prompt, /^Runs/).waitFor();
  await prompt
    .getByRole("button", { name: /^Run \d/ })
    .first()
    .click();
  await tab(prompt, /^Results/).waitFor();
  await back(prompt);
  await tab(prompt, /^Runs/).waitFor();
  await prompt.close();
});

it("passes over what a version was compared with", async () => {
  const page = await chromium.open({ at: "/prompts" });
  await page.getByRole("link", { name: "Sort support tickets" }).click();
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByRole("button", { name: /^Compared with version/ }).click();
  await page.getByRole("menuitem", { name: /^The draft/ }).click();
  await page.getByRole("button", { name: "Compared with the draft" }).waitFor();
  await back(page);
  await tab(page, /^Results/).waitFor();
  await page.close();
});

it("closes an opened result, and keeps what was searched for as it is", async () => {
  const page = await chromium.open({ at: "/prompts" });
  const list = page.getByRole("heading", { name: "Prompts", level: 1 });
  const enter = () => page.getByRole("link", { name: "Sort support tickets" }).click();
  await enter();
  const results = page.getByRole("grid", { name: "Results" });
  const search = page.getByRole("searchbox", { name: "Search in the data" });
  await search.fill("a");
  await expect.poll(() => address(page)).toContain("q=a");
  await search.fill("an");
  await expect.poll(() => address(page)).toContain("q=an");
  const drawer = page.getByRole("complementary", { name: "Result" });
  await results.getByRole("row").nth(1).click();
  await drawer.waitFor();
  await page.getByRole("button", { name: "Next result" }).click();
  await back(page);
  await drawer.waitFor({ state: "detached" });
  expect(await address(page), "what was searched for is as it was").toContain("q=an");
  expect(await focused(page)).toBe("row");
  await back(page);
  await list.waitFor();
  expect(await address(page), "typing is no step").not.toContain("q=");
  await enter();
  for (const row of [1, 2]) {
    await results.getByRole("row").nth(row).click();
    await drawer.waitFor();
    await page.getByRole("button", { name: "Close the result" }).click();
    await drawer.waitFor({ state: "detached" });
  }
  await back(page);
  // Nothing that was closed is opened again.
  await list.waitFor();
  await page.close();
});

it("does not open a dialog again that led to what it made", async () => {
  const page = await chromium.open({ at: "/prompts" });
  await page.getByRole("heading", { name: "Prompts", level: 1 }).waitFor();
  await page.keyboard.press("Control+n");
  const dialog = page.getByRole("dialog", { name: "Create Prompt" });
  await dialog.waitFor();
  await page.keyboard.type("Sorted by mood");
  await dialog.getByRole("combobox", { name: /project/i }).click();
  await page.getByRole("option").first().click();
  await dialog.getByRole("button", { name: "Create Prompt" }).click();
  await dialog.waitFor({ state: "detached" });
  await expect.poll(() => address(page)).toMatch(/prompts\/prompt-/);
  await back(page);
  await page.getByRole("heading", { name: "Prompts", level: 1 }).waitFor();
  await expect.poll(() => address(page)).toBe("#/prompts");
  expect(await dialog.count()).toBe(0);
  await page.close();
});

it("closes a dialog by Back as by Escape, and asks about what is half filled", async () => {
  const page = await chromium.open({ at: "/prompts?dialog=create" });
  const dialog = page.getByRole("dialog", { name: "Create Prompt" });
  await dialog.waitFor();
  await page.getByRole("textbox", { name: "Name" }).fill("Half");
  await back(page);
  const question = page.getByRole("alertdialog");
  await question.waitFor();
  await back(page);
  await question.waitFor({ state: "detached" });
  expect(await page.getByRole("textbox", { name: "Name" }).inputValue()).toBe("Half");
  await page.getByRole("textbox", { name: "Name" }).fill("");
  await back(page);
  await dialog.waitFor({ state: "detached" });
  const stop = () => page.evaluate(() => document.activeElement?.closest("main") !== null);
  await expect.poll(stop, { message: "the keyboard goes on in the screen" }).toBe(true);
  await page.close();
});

it("goes back to where the keyboard was from a dialog of the palette, also past a notice", async () => {
  const page = await chromium.open({ at: "/prompts" });
  // Newer than the webviews that the program is made for.
  await page.evaluate(() => Reflect.deleteProperty(Element.prototype, "checkVisibility"));
  await page.getByRole("button", { name: "Actions for Ticket urgency" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.locator("[data-notice]").waitFor();
  await page.getByRole("menu").waitFor({ state: "detached" });
  const search = page.getByRole("searchbox").first();
  await search.focus();
  const isBack = () => search.evaluate((one) => one === document.activeElement);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search commands, prompts and projects" }).fill("bin");
  await page.getByRole("option", { name: "Deleted prompts" }).and(page.locator("[data-highlighted]")).waitFor();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: /^Deleted prompts/ });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await expect.poll(isBack).toBe(true);
  expect(await page.locator("[data-notice]").count(), "it was in sight all the while").toBe(1);
  await page.close();
});
