/** What runs show, light and dark: full, without a run, without ground truth, unread; and the way from a cell to its tasks. */
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch, picture, SMALL, WIDE } from "./browser";
import { checkScreens } from "./checkScreens";

const reviews = "/prompts/prompt-reviews?tab=alignment&run=run-reviews-6";
const tab = (name: string) => `/prompts/prompt-reviews?tab=${name}`;
const text = (words: string) => (page: Page) => page.getByText(words).first().waitFor();
const matrix = (page: Page) => page.getByRole("grid", { name: /^Confusion matrix/ });
const address = (page: Page) => page.evaluate(() => decodeURIComponent(location.hash));

/** The part of the tab with this text is in sight. */
const inSight = (words: string) => async (page: Page) => {
  const part = page.getByText(words, { exact: true }).first();
  await part.waitFor();
  await scrollTo(part);
};

/** Only the tab scrolls, as it does under a wheel: `scrollIntoView` would move the window too. */
const scrollTo = (part: Locator) =>
  part.evaluate((element) => {
    const area = element.closest("section[aria-label='Alignment']");
    if (area === null) throw new Error("it is no part of the tab");
    area.scrollTop += element.getBoundingClientRect().top - area.getBoundingClientRect().top - 8;
  });

/** High enough for all of it. */
const TALL = { width: 1280, height: 3200 };

checkScreens([
  { name: "alignment", scene: "measured", at: reviews, ready: text("Confusion matrix") },
  { name: "alignment-small", scene: "measured", at: reviews, size: SMALL, ready: text("Confusion matrix") },
  { name: "alignment-tall", scene: "measured", at: reviews, size: TALL, ready: text("Confusion matrix") },
  { name: "alignment-matrix", scene: "measured", at: reviews, ready: inSight("Confusion matrix") },
  {
    name: "alignment-matrix-small",
    scene: "measured",
    at: reviews,
    size: SMALL,
    ready: inSight("Confusion matrix"),
  },
  {
    name: "alignment-charts",
    scene: "measured",
    at: reviews,
    ready: async (page) => {
      await inSight("Calibration")(page);
      await page.getByRole("figure", { name: "Time of an answer" }).locator("[data-point][tabindex='0']").focus();
      await page.keyboard.press("ArrowRight");
      await page
        .getByText(/answers, \d/)
        .first()
        .waitFor();
    },
  },
  {
    name: "alignment-charts-as-tables",
    scene: "measured",
    at: reviews,
    ready: async (page) => {
      await inSight("Calibration")(page);
      for (const name of ["Calibration", "Time of an answer"]) {
        await page.getByRole("button", { name: `Show “${name}” as a table` }).click();
      }
      await page.getByRole("button", { name: "Copy “Calibration”" }).click();
      await page.getByRole("menuitem", { name: "Copy as PNG" }).waitFor();
    },
  },
  ...["aspects", "stars", "summary", "better", "order", "parts", "boxes"].map((control) => ({
    name: `alignment-${control}`,
    scene: "measured" as const,
    at: `${reviews}&control=${control}`,
    ready: async (page: Page) => {
      const heading = page.getByRole("heading", { name: new RegExp(`^${control}`) });
      await heading.waitFor();
      await scrollTo(heading);
    },
  })),
  {
    name: "alignment-small-sample",
    scene: "measured",
    at: "/prompts/prompt-reviews?tab=alignment&run=run-reviews-8",
    ready: text("the true value could be anywhere"),
  },
  { name: "alignment-one-control", at: "/prompts/prompt-sample?tab=alignment", ready: text("Confusion matrix") },
  { name: "alignment-rtl", at: "/prompts/prompt-arabic?tab=alignment", ready: text("إيجابي") },
  { name: "alignment-not-scored", at: "/prompts/prompt-pairs?tab=alignment", ready: text("Nothing to compare with") },
  { name: "alignment-no-run", at: "/prompts/prompt-new?tab=alignment", ready: text("No run yet") },
  {
    name: "alignment-error",
    scene: "measured-failing",
    at: reviews,
    ready: text("What the run shows could not be read"),
  },
]);

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

it("leads from a cell of the matrix to its tasks by keyboard, and lets the filter be taken away", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample?tab=alignment" });
  await matrix(page).getByRole("gridcell").first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  // The cell of the row's end is empty or not: the first one to the left that is not is opened.
  const words = async () => (await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))) ?? "";
  expect(await words()).toMatch(/^Delivery, answered as Praise: /);
  while (/: 0$/.test(await words())) await page.keyboard.press("ArrowLeft");
  const [, predicted = "", count = ""] = (await words()).match(/answered (?:as )?(.*): (\d+)/) ?? [];
  await page.keyboard.press("Enter");
  const chip = page.getByRole("button", { name: /^Remove the filter “topic: Delivery/ });
  await chip.waitFor();
  expect(await address(page)).toContain("truth=Delivery");
  const results = page.getByRole("grid", { name: "Results" });
  await expect.poll(() => results.getAttribute("aria-rowcount")).toBe(String(Number(count) + 1));
  expect(await results.getByRole("row").nth(1).textContent()).toContain(predicted === "so" ? "Delivery" : predicted);
  await chip.click();
  await expect.poll(() => address(page)).not.toContain("truth=");
  await expect.poll(() => results.getAttribute("aria-rowcount")).toBe("61");
  await page.goBack();
  await matrix(page).waitFor();
  await page.close();
});

it("leads from what a class missed to those tasks", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample?tab=alignment" });
  const missed = page.getByRole("button", { name: /Billing missed: show/ });
  const count = Number((await missed.textContent())?.match(/^\d+/)?.[0]);
  expect(count).toBeGreaterThan(0);
  await missed.click();
  await page.getByRole("button", { name: "Remove the filter “topic: Billing, missed”" }).waitFor();
  const results = page.getByRole("grid", { name: "Results" });
  await expect.poll(() => results.getAttribute("aria-rowcount")).toBe(String(count + 1));
  await page.close();
});

it("frames a matrix no wider than it is, and explains a number above it", async () => {
  const page = await chromium.open({ at: reviews, scene: "measured", size: WIDE });
  await matrix(page).waitFor();
  const over = await matrix(page).evaluate((grid) => (grid.parentElement?.clientWidth ?? 0) - grid.clientWidth);
  expect(over).toBeLessThan(12);
  const accuracy = page.getByRole("tabpanel").getByRole("button", { name: "Accuracy" }).first();
  await accuracy.hover();
  const tip = page.getByText("more ground truth makes it narrower");
  await tip.waitFor();
  const [box, about] = await Promise.all([tip.boundingBox(), accuracy.boundingBox()]);
  expect((box?.y ?? 999) + (box?.height ?? 0), "its value is below it").toBeLessThanOrEqual(about?.y ?? 0);
  expect(box?.x, "not over the sidebar").toBeGreaterThanOrEqual(about?.x ?? 999);
  await picture(page, "tip-1920");
  await page.close();
});

it("orders classes by any column", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample?tab=alignment" });
  const table = page.getByRole("table", { name: "Classes of topic" });
  await table.getByRole("button", { name: "Class" }).click();
  expect(await table.getByRole("rowheader").allTextContents()).toEqual([
    "Account access",
    "Billing",
    "Delivery",
    "Praise",
    "Product question",
    "Returns",
  ]);
  await table.getByRole("button", { name: "Class" }).click();
  expect(await table.getByRole("rowheader").first().textContent()).toBe("Returns");
  await page.close();
});

it("copies a chart as a picture, a drawing and numbers", async () => {
  const page = await chromium.open({ scene: "measured", at: reviews, clock: "running" });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const copy = async (kind: string) => {
    await page.getByRole("button", { name: "Copy “Calibration”" }).click();
    await page.getByRole("menuitem", { name: `Copy as ${kind}` }).click();
    await page.getByText(`“Calibration” is copied as ${kind}`).waitFor();
    return page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const [type = ""] = item?.types ?? [];
      const blob = await item?.getType(type);
      const size = type === "image/png" ? await createImageBitmap(blob as Blob) : undefined;
      return { type, text: size === undefined ? await blob?.text() : `${size.width} × ${size.height}` };
    });
  };
  const [width, height] = await page
    .getByRole("figure", { name: "Calibration" })
    .locator("svg[width][role=group]")
    .evaluate((svg) => [Number(svg.getAttribute("width")), Number(svg.getAttribute("height"))]);
  // Twice as sharp, with a title and a margin.
  expect(await copy("PNG")).toEqual({
    type: "image/png",
    text: `${2 * ((width ?? 0) + 24)} × ${2 * ((height ?? 0) + 56)}`,
  });
  const drawing = (await copy("SVG")).text ?? "";
  expect(drawing).toContain("<text");
  expect(drawing).toContain("rgb(43, 120, 202)");
  expect(drawing, "what only the window knows").not.toMatch(/var\(|class=|tabindex/);
  const numbers = (await copy("CSV")).text ?? "";
  expect(numbers.split("\r\n")[0]).toBe("From,To,Answers,Confidence,Accuracy");
  expect(numbers.trim().split("\r\n")).toHaveLength(11);
  await page.close();
});

it("steps through the points of a chart by arrow keys, and reads each out", async () => {
  const page = await chromium.open({ scene: "measured", at: reviews });
  const figure = page.getByRole("figure", { name: "Time of an answer" });
  const reading = figure.locator("figcaption");
  await figure.locator("[data-point][tabindex='0']").focus();
  await reading.getByText(/^0 ms to 200 ms: \d+ answers/).waitFor();
  await page.keyboard.press("End");
  const last = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  expect(last).toMatch(/^1 s to 2 s: \d+ answers/);
  await reading.getByText(last ?? "").waitFor();
  await page.keyboard.press("Tab");
  await reading.getByText(/^Half of the answers came within/).waitFor();
  await page.close();
});

it("gives what came of it the whole height, and the editor back", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample?tab=alignment" });
  const list = page.getByRole("tablist", { name: "What came of it" });
  const before = (await list.boundingBox())?.y ?? 0;
  await page.keyboard.press("Control+j");
  await expect.poll(async () => (await list.boundingBox())?.y ?? 0).toBeLessThan(before - 200);
  // What is hidden is not reached by Tab.
  const message = page.getByRole("textbox", { name: /message/i }).first();
  expect(await message.evaluate((element) => element.closest("[inert]") !== null)).toBe(true);
  await page.getByRole("button", { name: "Show the editor" }).click();
  await expect.poll(async () => (await list.boundingBox())?.y ?? 0).toBe(before);
  expect(await message.evaluate((element) => element.closest("[inert]") === null)).toBe(true);
  await page.close();
});

it.each(["/prompts", "/prompts/prompt-reviews", reviews, ...["versions", "runs", "compare"].map(tab)])(
  "writes an interval in one form at %s",
  async (at) => {
    const page = await chromium.open({ scene: "measured", at, size: TALL });
    await page.locator("[title*='%'], .tabular-nums").getByText("%").first().waitFor();
    const said = await page.evaluate(() => {
      const tips = [...document.querySelectorAll("[title], [aria-label]")];
      const words = tips.flatMap((one) => [one.getAttribute("title") ?? "", one.getAttribute("aria-label") ?? ""]);
      return [document.body.textContent, ...words].join("\n");
    });
    expect(said).toMatch(/\([\d.]+–[\d.]+\)/);
    expect(said, "elsewhere no two shares are set against each other").not.toMatch(/\d–[\d.]+\s?%|%\sand\s[\d.]+\s?%/);
    await page.close();
  },
);

it("has the heads of numbers above them, to the pixel", async () => {
  const page = await chromium.open({ scene: "measured", at: reviews, size: TALL });
  const table = page.getByRole("table", { name: /^Classes of/ }).first();
  await table.waitFor();
  const ends = await table.evaluate((table) => {
    const end = (cell: Element | undefined) => {
      const range = document.createRange();
      const text = document.createTreeWalker(cell as Node, NodeFilter.SHOW_TEXT).nextNode();
      range.selectNodeContents(text as Node);
      return Math.round(range.getBoundingClientRect().right);
    };
    return [...table.querySelectorAll("tr")].map((row) => [...row.children].slice(-3).map(end));
  });
  expect(ends.length).toBeGreaterThan(2);
  for (const row of ends) for (const [at, right] of row.entries()) expect(right).toBeCloseTo(ends[0]?.[at] ?? 0, -0.4);
  await page.close();
});
