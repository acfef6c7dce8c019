/** A project's tasks: filters, sorting, selecting, and labeling what a filter found. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch, picture, SMALL, turn } from "./browser";
import { checkScreens } from "./checkScreens";
import { taskGrid } from "./million";

const sample = (search: Record<string, unknown>) =>
  `/projects/project-sample?${Object.entries(search)
    .map(([key, value]) => `${key}=${encodeURIComponent(JSON.stringify(value))}`)
    .join("&")}`;
const late = { filters: [{ kind: "field_contains", field: "text", text: "charged" }] };
const status = (page: Page) => page.getByRole("status").filter({ hasText: "task" });
const firstRow = (page: Page) => taskGrid(page).getByRole("row").nth(1);

checkScreens([
  {
    name: "tasks-filtered",
    at: sample({
      filters: [
        ...late.filters,
        { kind: "label", control: "topic", label: "Billing" },
        { kind: "ground_truth", has: true },
      ],
      sort: { by: { kind: "field", field: "text" }, descending: false },
    }),
    ready: (page) => status(page).filter({ hasText: " of " }).waitFor(),
  },
  {
    name: "tasks-filter-form",
    at: sample(late),
    ready: async (page) => {
      await page.getByRole("button", { name: "Filter", exact: true }).click();
      await page.getByRole("combobox", { name: "Tasks whose" }).click();
      await page.getByRole("option", { name: "Part of the ground truth" }).click();
      await page.getByRole("radio", { name: "is held out" }).click();
    },
  },
  {
    name: "tasks-filter-small",
    size: SMALL,
    at: sample({ ...late, task: 3 }),
    ready: (page) => status(page).waitFor(),
  },
  {
    name: "tasks-selected",
    at: sample({}),
    ready: async (page) => {
      await firstRow(page).focus();
      await page.keyboard.press("Shift+ArrowDown");
      await page.keyboard.press("Shift+ArrowDown");
      await page.getByText("3 selected").waitFor();
    },
  },
  {
    name: "tasks-run-picked",
    at: sample({}),
    ready: async (page) => {
      await firstRow(page).focus();
      await page.keyboard.press("Shift+ArrowDown");
      await page.getByRole("button", { name: "Run a prompt" }).click();
      await page.getByRole("dialog").getByText("Run a prompt on 2 tasks").waitFor();
    },
  },
  {
    name: "tasks-no-match",
    at: sample({ q: "zebra" }),
    ready: (page) => page.getByText("No task matches").waitFor(),
  },
  {
    name: "tasks-label-filtered",
    at: sample({ filters: [{ kind: "ground_truth", has: false }] }),
    ready: async (page) => {
      await firstRow(page).waitFor();
      await page.keyboard.press("e");
      await page.getByText("filtered").waitFor();
    },
  },
]);

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

it("filters by keyboard, sorts by a head, and keeps both in the address", async () => {
  const page = await chromium.open({ at: sample({}) });
  await firstRow(page).waitFor();
  await page.keyboard.press("f");
  await page.getByRole("textbox", { name: "contains" }).fill("charged");
  await page.keyboard.press("Enter");
  await status(page).filter({ hasText: / of / }).waitFor();
  await page.getByRole("button", { name: "text contains “charged”", exact: true }).waitFor();
  await page.getByRole("columnheader", { name: "text" }).getByRole("button").click();
  await expect
    .poll(() => taskGrid(page).getByRole("columnheader", { name: "text" }).getAttribute("aria-sort"))
    .toBe("ascending");
  const found = await status(page).textContent();
  await page.reload();
  await status(page)
    .filter({ hasText: found ?? "" })
    .waitFor();
  await page.getByRole("button", { name: "Remove the filter “text contains “charged””" }).click();
  await status(page).filter({ hasNotText: / of / }).waitFor();
  await page.close();
});

it("marks what is selected, and tells what could not be marked", async () => {
  const page = await chromium.open({ at: sample({}) });
  await firstRow(page).focus();
  await page.keyboard.press("Control+a");
  await page.getByText("200 selected").waitFor();
  await page.keyboard.press("g");
  await page.getByText(/without an annotation .* passed over/).waitFor();
  await page.keyboard.press("Escape");
  await status(page).waitFor();
  await page.close();
});

it("labels one after the other what a filter found", async () => {
  const page = await chromium.open({ at: sample({ filters: [{ kind: "ground_truth", has: false }] }) });
  await firstRow(page).focus();
  const numbers = await taskGrid(page).locator("[role=gridcell]:nth-child(2)").allTextContents();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("e");
  await page.getByRole("heading", { name: `Task ${numbers[1]} ` }).waitFor();
  await page.keyboard.press("Control+Shift+]");
  await page.getByRole("heading", { name: `Task ${numbers[2]} ` }).waitFor();
  await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link").last().click();
  await page.getByRole("button", { name: "no ground truth", exact: true }).waitFor();
  await page.close();
});

it("finds in the data with the key that a browser has for it", async () => {
  const page = await chromium.open({ at: sample({}) });
  await firstRow(page).focus();
  await page.keyboard.press("Control+f");
  await page.keyboard.type("charged");
  await status(page).filter({ hasText: / of / }).waitFor();
  await page.close();
});

it("goes to a row by its number", async () => {
  const page = await chromium.open({ at: sample({}) });
  await firstRow(page).focus();
  await page.keyboard.press("Control+g");
  await page.getByRole("textbox", { name: "Row" }).fill("99");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"))).toBe("100");
  await page.close();
});

it("runs a prompt on the tasks that are selected", async () => {
  const page = await chromium.open({ at: sample({}), clock: "running" });
  await firstRow(page).focus();
  await page.keyboard.press("Shift+ArrowDown");
  await page.getByRole("button", { name: "Run a prompt" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("combobox", { name: "Run", exact: true }).filter({ hasText: "picked tasks" }).waitFor();
  await page.close();
});

it("shows the pictures of the rows in sight beside the names of their files", async () => {
  const page = await chromium.open({ at: "/projects/project-traffic", theme: "system" });
  const table = page.getByRole("grid", { name: "Tasks" });
  await table.getByText("street-1.jpg").waitFor();
  await table.getByText("gone.jpg").waitFor();
  // One of them cannot be read, and has its name alone.
  const rows = await table.locator("[role=row]:has([role=gridcell])").count();
  expect(rows).toBeGreaterThan(5);
  await expect.poll(() => table.locator("img").count()).toBe(rows - 1);
  const areRead = () =>
    table.locator("img").evaluateAll((all) => all.every((one) => (one as HTMLImageElement).naturalWidth > 0));
  await expect.poll(areRead).toBe(true);
  const fits = await table.locator("img").evaluateAll((all) =>
    all.every((one) => {
      const cell = one.closest("[role=row]")?.getBoundingClientRect();
      const { top, bottom } = one.getBoundingClientRect();
      return cell !== undefined && top >= cell.top && bottom <= cell.bottom;
    }),
  );
  expect(fits).toBe(true);
  for (const theme of ["light", "dark"] as const) {
    await turn(page, theme);
    await picture(page, `tasks-pictures-${theme}`);
  }
  await page.close();
});
