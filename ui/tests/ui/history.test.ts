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

it("closes an opened result, and keeps what was searched for as it is", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample" });
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
  expect(await address(page), "typing is no step").toContain("q=an");
  expect(await focused(page)).toBe("row");
  for (const row of [1, 2]) {
    await results.getByRole("row").nth(row).click();
    await drawer.waitFor();
    await page.getByRole("button", { name: "Close the result" }).click();
    await drawer.waitFor({ state: "detached" });
  }
  await back(page);
  await expect.poll(() => page.url(), { message: "nothing that was closed is opened again" }).not.toContain("task=");
  await page.close();
});
