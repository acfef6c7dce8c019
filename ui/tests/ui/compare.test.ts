/** Runs against each other, light and dark: told apart or not, several, rows, prompt changes; and what a person does there. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch, picture, SMALL } from "./browser";
import { checkScreens } from "./checkScreens";

/** The address of a comparison of these runs. */
const at = (runs: string[], more = "") =>
  `/prompts/prompt-reviews?tab=compare&runs=${encodeURIComponent(JSON.stringify(runs))}${more}`;
const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();
const address = (page: Page) => page.evaluate(() => decodeURIComponent(location.hash));

const better = at(["run-reviews-3", "run-reviews-6"]);
const open = at(["run-reviews-4", "run-reviews-5"]);
const four = at(["run-reviews-2", "run-reviews-4", "run-reviews-6", "run-reviews-7"]);

/** So high that nothing of it scrolls. */
const TALL = { width: 1280, height: 2200 };

checkScreens([
  { name: "compare", scene: "measured", at: better, ready: text(/v6 is better than v3/) },
  { name: "compare-small", scene: "measured", at: better, size: SMALL, ready: text(/v6 is better than v3/) },
  { name: "compare-tall", scene: "measured", at: four, size: TALL, ready: text("Accuracy by version") },
  {
    name: "compare-worse",
    scene: "measured",
    at: at(["run-reviews-6", "run-reviews-2"]),
    ready: text(/is worse than/),
  },
  { name: "compare-cannot-tell", scene: "measured", at: open, ready: text(/^Cannot tell whether v5/) },
  { name: "compare-four", scene: "measured", at: four, ready: text(/corrected for 3 comparisons/) },
  { name: "compare-four-small", scene: "measured", at: four, size: SMALL, ready: text(/corrected for 3 comparisons/) },
  {
    name: "compare-fixed",
    scene: "measured",
    at: `${better}&show=fixed`,
    ready: (page) =>
      page
        .getByRole("row", { name: /order 1/ })
        .first()
        .waitFor(),
  },
  {
    name: "compare-fixed-without-editor",
    scene: "measured",
    at: `${better}&show=fixed`,
    ready: async (page) => {
      await page
        .getByRole("row", { name: /order 1/ })
        .first()
        .waitFor();
      await page.getByRole("button", { name: "Hide the editor" }).click();
      await page.getByRole("button", { name: "Show the editor" }).waitFor();
    },
  },
  {
    name: "compare-different-four",
    scene: "measured",
    at: `${four}&show=different&against=run-reviews-6`,
    ready: (page) =>
      page
        .getByRole("row", { name: /order 1/ })
        .first()
        .waitFor(),
  },
  {
    name: "compare-prompts",
    scene: "measured",
    at: better,
    ready: async (page) => {
      await page.getByRole("button", { name: "Prompt changes" }).click();
      await page.getByText("Two examples").last().waitFor();
    },
  },
  {
    name: "compare-none-fixed",
    scene: "measured",
    at: `${at(["run-reviews-6", "run-reviews-8"])}&show=fixed`,
    ready: (page) => page.getByRole("grid", { name: "Tasks" }).waitFor(),
  },
  { name: "compare-partly", at: "/prompts/prompt-contracts?tab=compare", ready: text("Baseline") },
  { name: "compare-one-run", at: "/prompts/prompt-arabic?tab=compare", ready: text("Nothing to compare yet") },
  { name: "compare-no-tasks", scene: "measured", at: better, ready: noSharedTasks },
  { name: "compare-error", scene: "measured-failing", at: better, ready: text("The comparison could not be read") },
]);

/** As Rust answers where no task was answered by all. */
async function noSharedTasks(page: Page): Promise<void> {
  await page.getByText(/v6 is better than v3/).waitFor();
  await page.evaluate(() => {
    const { commands, send } = window.fake;
    commands.compareRuns = async () => ({
      status: "error",
      error: { code: "no_shared_tasks", message: "these runs share no tasks", field: null },
    });
    send.changed({ kind: "everything" });
  });
  await page.getByRole("heading", { name: "These runs share no tasks" }).waitFor();
}

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

it("scrolls the overview alone where there is room for it", async () => {
  const page = await chromium.open({ scene: "measured", at: "/prompts/prompt-reviews?tab=compare" });
  const panel = page.getByRole("tabpanel", { name: "Compare" });
  await panel.getByText("Macro F1").first().waitFor();
  const beyond = await panel.evaluate((element) => element.scrollHeight - element.clientHeight);
  expect(beyond, "no second bar beside that of the overview").toBe(0);
  await page.close();
});

it("holds the newest scored run against the version before it unless somebody chose otherwise", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample?tab=compare" });
  const runs = page.getByRole("list", { name: "Compared runs" }).getByRole("listitem");
  await page.getByRole("status", { name: "Verdict" }).waitFor();
  expect(await runs.first().textContent()).toMatch(/^Baselinev1/);
  expect(await runs.nth(1).textContent()).toMatch(/^v2/);
  await page.close();
});

it("adds a run, makes it the baseline, and leaves others out", async () => {
  const page = await chromium.open({ scene: "measured", at: better });
  const runs = page.getByRole("list", { name: "Compared runs" }).getByRole("listitem");
  await page.getByRole("combobox", { name: "Add a run" }).click();
  await page.getByText("v6, run 7").waitFor();
  await picture(page, "compare-add-light");
  await page.getByRole("combobox", { name: "Add a run" }).fill("one line");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Make Reasons, in one line v1 the baseline" }).click();
  await expect.poll(() => runs.first().textContent()).toMatch(/^BaselineReasons, in one line v1/);
  await page.getByText(/Why was it sent back\? v3 is worse than Reasons, in one line v1 by/).waitFor();
  await picture(page, "compare-other-prompts-light");
  await page.getByRole("button", { name: "Leave Why was it sent back? v6 out" }).click();
  await page.getByRole("button", { name: "Leave Why was it sent back? v3 out" }).click();
  await page.getByRole("heading", { name: "Choose two runs" }).waitFor();
  await page.close();
});

it("shows the rows that were fixed, and leads from one to its result and back", async () => {
  const page = await chromium.open({ scene: "measured", at: better });
  const verdict = await page.getByRole("status", { name: "Verdict" }).textContent();
  const fixed = verdict?.match(/(\d+) fixed/)?.[1];
  await page.getByRole("radio", { name: /^Fixed/ }).click();
  const rows = page.getByRole("grid", { name: "Tasks" });
  await expect.poll(() => rows.getAttribute("aria-rowcount")).toBe(String(Number(fixed) + 1));
  const first = rows.getByRole("row").nth(1);
  expect(await first.getByLabel("wrong").count(), "wrong in the baseline").toBe(1);
  expect(await first.getByLabel("correct").count(), "right in the other").toBe(1);
  await first.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("grid", { name: "Results" }).waitFor();
  expect(await address(page)).toMatch(/run=run-reviews-6.*task=\d+|task=\d+.*run=run-reviews-6/);
  await page.goBack();
  await rows.waitFor();
  await page.close();
});

it("says of several which one the rest of the page is about", async () => {
  const page = await chromium.open({ scene: "measured", at: four });
  const pressed = page.getByRole("button", { pressed: true });
  await expect.poll(() => pressed.textContent()).toMatch(/^v4/);
  const before = await page.getByRole("radio", { name: /^Fixed/ }).textContent();
  await page.getByRole("button", { name: /^v6 with gpt-5-mini is better/ }).click();
  await expect.poll(() => pressed.textContent()).toMatch(/^v6 with gpt-5-mini/);
  expect(await page.getByRole("radio", { name: /^Fixed/ }).textContent()).not.toBe(before);
  await page.close();
});
