/** What a run would take, wherever one is about to be started. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch, SMALL } from "./browser";
import { checkScreens } from "./checkScreens";

const openMenu = (page: Page) => page.getByRole("button", { name: "Which tasks to run" }).click();

/** Several runs are chosen, and what they take is in sight. */
async function several(page: Page): Promise<void> {
  await openMenu(page);
  await page.getByRole("menuitem", { name: /^Several models/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("searchbox", { name: "Search models" }).fill("mini");
  await dialog.getByRole("checkbox", { name: /mini/ }).first().focus();
  await page.keyboard.press("Space");
  await dialog.getByRole("textbox", { name: "Repetitions" }).fill("3");
  await dialog.getByText("6 runs, each over").waitFor();
  await dialog.getByText(/^The least certain of them /).waitFor();
  await dialog.getByRole("button", { name: "Start 6 runs" }).waitFor();
  const estimate = await dialog.getByText(/^The least certain of them /).boundingBox();
  expect((estimate?.y ?? 0) + (estimate?.height ?? 0), "it is in sight beside the button").toBeLessThan(
    page.viewportSize()?.height ?? 0,
  );
}

checkScreens([
  {
    name: "estimate-menu",
    scene: "providers",
    at: "/prompts/prompt-new",
    ready: async (page) => {
      await openMenu(page);
      await page.getByText("By rule of thumb").waitFor();
      await page.getByRole("menuitem", { name: /^Try 20 tasks first/ }).waitFor();
    },
  },
  {
    name: "estimate-menu-960",
    scene: "providers",
    at: "/prompts/prompt-new",
    size: SMALL,
    ready: async (page) => {
      await openMenu(page);
      await page.getByText("By rule of thumb").waitFor();
      const last = page.getByRole("menuitem", { name: /^Several models/ });
      await last.scrollIntoViewIfNeeded();
      const box = await last.boundingBox();
      expect((box?.y ?? SMALL.height) + (box?.height ?? 0), "all of it can be reached").toBeLessThanOrEqual(
        SMALL.height,
      );
    },
  },
  {
    name: "estimate-menu-free",
    at: "/prompts/prompt-sample",
    ready: async (page) => {
      await openMenu(page);
      await page.getByText(/ reused · free · /).waitFor();
      expect(await page.getByRole("menuitem", { name: /first$/ }).count(), "a pilot would tell no more").toBe(0);
    },
  },
  {
    name: "run-again",
    at: "/prompts/prompt-sample",
    ready: async (page) => {
      await page.getByRole("button", { name: "Run these tasks again" }).click();
      await page.getByRole("checkbox", { name: "Ask again" }).waitFor();
    },
  },
  {
    name: "estimate-sample",
    scene: "providers",
    at: "/prompts/prompt-new",
    ready: async (page) => {
      await openMenu(page);
      await page.getByRole("menuitem", { name: "Another sample" }).click();
      await page.getByRole("textbox", { name: "How many tasks" }).fill("50");
      await page.getByText(/50 tasks, 50 to ask/).waitFor();
    },
  },
  {
    name: "run-costly",
    scene: "providers",
    at: "/prompts/prompt-new",
    ready: async (page) => {
      await page.evaluate(() => {
        const { commands } = window.fake;
        const { estimateRun } = commands;
        commands.estimateRun = async (run) => {
          const estimate = await estimateRun(run);
          if (estimate.status === "ok") {
            const micros = { low: 1_214_000, high: 115_206_600 };
            estimate.data.cost = { kind: "known", micros, batch_micros: { low: 607_000, high: 57_603_300 } };
          }
          return estimate;
        };
      });
      await openMenu(page);
      await page.getByRole("menuitemradio", { name: "As a batch" }).click();
      await page.getByRole("button", { name: / as a batch$/ }).click();
      await page.getByRole("button", { name: "Start for up to US$57.60" }).waitFor();
    },
  },
  {
    name: "run-at-once",
    at: "/prompts/prompt-sample",
    ready: async (page) => {
      await openMenu(page);
      await page.getByRole("menuitem", { name: /^Requests at once/ }).click();
      await page.getByRole("textbox", { name: /At once/ }).fill("600");
      await page.getByText("Enter a whole number from 1 to 512").waitFor();
    },
  },
  { name: "several-runs", scene: "providers", at: "/prompts/prompt-new", ready: several },
  { name: "several-runs-960", scene: "providers", at: "/prompts/prompt-new", size: SMALL, ready: several },
  {
    name: "several-runs-started",
    at: "/prompts/prompt-sample",
    ready: async (page) => {
      await openMenu(page);
      await page.getByRole("menuitem", { name: /^Several models/ }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("checkbox", { name: /^Version 1/ }).click();
      await dialog.getByRole("textbox", { name: "Repetitions" }).fill("2");
      await page.keyboard.press("Enter");
      await page.getByText("repetition 2 of 2").nth(1).waitFor();
      await page.getByRole("tab", { name: "Runs", selected: true }).waitFor();
    },
  },
  {
    name: "estimate-refused",
    scene: "providers",
    at: "/prompts/prompt-sample",
    ready: async (page) => {
      await openMenu(page);
      await page.getByRole("menuitem", { name: /Money stop/ }).click();
      await page.getByRole("textbox", { name: /Dollars/ }).fill("2.5");
      await page.getByText("A money stop could not be kept").waitFor();
    },
  },
  {
    name: "estimate-picked",
    scene: "providers",
    at: "/projects/project-sample",
    ready: async (page) => {
      await page.getByRole("row").nth(1).focus();
      await page.keyboard.press("Shift+ArrowDown");
      await page.getByRole("button", { name: "Run a prompt" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("combobox", { name: "Prompt" }).click();
      await page.getByRole("option", { name: "Ticket urgency" }).click();
      await dialog.getByRole("button", { name: /^By rule of thumb/ }).hover();
      await page.getByText("at the provider’s price of batches").waitFor();
    },
  },
]);

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

it("tells what is chosen, and refuses what would run nothing", async () => {
  const page = await chromium.open({ scene: "providers", at: "/prompts/prompt-new" });
  await page.evaluate(() => {
    window.fake.commands.runSize = async () => ({ status: "ok", data: 0 });
  });
  await openMenu(page);
  const which = page.getByRole("group", { name: "Which tasks", exact: true }).getByRole("menuitemradio");
  expect(await which.evaluateAll((all) => all.filter((one) => one.ariaChecked === "true").length)).toBe(1);
  const failed = page.getByRole("menuitemradio", { name: "Only failed (0) None of these tasks failed" });
  await failed.waitFor();
  expect(await failed.getAttribute("aria-disabled")).toBe("true");
  await page.close();
});
