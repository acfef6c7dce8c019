/** A report as it is sent around, in a real browser: on screen in light and dark, and on paper. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axe, type Chromium, COLORS, launch, picture } from "./browser";
import { checkScreens } from "./checkScreens";

/** Written by the tests of Rust, which hold it to what is written. */
const REPORT = new URL("../../../tests/fixtures/report.html", import.meta.url);

const wrong = "/prompts/prompt-sample?tab=results&filter=wrong";

checkScreens([
  {
    name: "results-export",
    at: wrong,
    ready: async (page) => {
      await page.getByRole("button", { name: "Export" }).click();
      await page.getByRole("menuitem", { name: /^CSV/ }).waitFor();
    },
  },
  {
    name: "report-dialog",
    at: wrong,
    ready: async (page) => {
      await page.getByRole("button", { name: "Export" }).click();
      await page.getByRole("menuitem", { name: /^Report/ }).click();
      await page.getByRole("dialog", { name: "Report" }).waitFor();
    },
  },
]);

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

/** The report in a page that says whether anything of it runs, or asks for anything. */
async function open(size = { width: 1000, height: 800 }): Promise<{ page: Page; asked: string[] }> {
  const page = await chromium.open({ at: "/prompts", size, clock: "running" });
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto("about:blank");
  page.on("request", (request) => {
    if (request.url() !== REPORT.href) asked.push(request.url());
  });
  await page.goto(REPORT.href);
  return { page, asked };
}

it("exports what the table shows, or all of it", async () => {
  const page = await chromium.open({ at: wrong, clock: "running" });
  const shown = await page.getByRole("radio", { name: /^Wrong/, checked: true }).textContent();
  const count = Number(shown?.replace(/\D/g, ""));
  expect(count).toBeGreaterThan(1);
  const open = () => page.getByRole("button", { name: "Export" }).click();
  await open();
  const only = page.getByRole("menuitemcheckbox", { name: /^Only what the table shows/ });
  expect(await only.getAttribute("aria-checked")).toBe("true");
  await page.getByRole("menuitem", { name: /^CSV/ }).click();
  await page.getByText(`${count} results written: wrong ones`).waitFor();
  await page.getByText(/ v\d+ run \d+\.csv$/).waitFor();
  await open();
  await only.click();
  await page.getByRole("menuitem", { name: /^JSON Lines/ }).click();
  await page.getByText("60 results written", { exact: true }).waitFor();
  await page.close();
});

it("loads and runs nothing, whatever its names are", async () => {
  const { page, asked } = await open();
  expect(await page.locator("script, img, link, iframe, object, [onload], [href], [src]").count()).toBe(0);
  expect(await page.title()).toContain("</svg><script>alert(1)</script>");
  // All that follows a chart lies outside of it.
  expect(await page.locator("svg").count()).toBe(2);
  expect(await page.locator("svg line line, svg rect *, svg table, table table").count()).toBe(0);
  expect(await page.locator("main > section").count()).toBe(5);
  expect(await page.locator("pre").first().textContent()).toBe(
    '</td></svg><script>alert(1)</script>" onload="alert(2)</pre>\n  Which topic? {text}\n',
  );
  expect(asked).toEqual([]);
  await page.close();
});

it("has nothing axe objects to, light and dark", async () => {
  const { page } = await open();
  await page.goto("about:blank");
  // What keeps the page from running anything would keep axe from it.
  const source = await readFile(REPORT, "utf8");
  await page.setContent(source.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ""));
  await page.locator("summary").click();
  await page.setViewportSize({ width: 1000, height: 2600 });
  await picture(page, "report-light");
  expect(await axe(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, "report-dark");
  expect(await axe(page, COLORS)).toEqual([]);
  await page.close();
});

it("is as wide as its window, and on paper light and unfolded", async () => {
  const { page } = await open({ width: 400, height: 800 });
  const width = () => page.evaluate(() => document.documentElement.scrollWidth);
  expect(await width()).toBeLessThanOrEqual(400);
  await picture(page, "report-narrow");
  await page.setViewportSize({ width: 700, height: 2600 });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(background).toBe("rgb(253, 253, 252)");
  const folded = page.locator("details pre");
  expect(await folded.evaluate((element) => element.getBoundingClientRect().height)).toBeGreaterThan(20);
  await picture(page, "report-print");
  await page.close();
});
