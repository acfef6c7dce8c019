/** A prompt in a low and narrow window, and at 200 % zoom: its results have the room, everything is in reach, and nothing jumps. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, DESKTOP, launch, picture, SMALL, turn, ZOOMED } from "./browser";
import { layoutProblems } from "./layout";
import { reachProblems } from "./reach";

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

const sample = "/prompts/prompt-sample";
const grid = (page: Page) => page.getByRole("grid", { name: "Results" });
const read = async (page: Page) => {
  await grid(page).getByRole("row").nth(2).waitFor();
  await page.getByText("of 59 correct").waitFor();
};

const outOfReach = (page: Page) => reachProblems(page, { withoutScrolling: true });

/** How many rows are in sight as a whole. */
const rowsInSight = (page: Page) =>
  grid(page).evaluate((table) => {
    const { bottom } = table.getBoundingClientRect();
    const rows = [...table.querySelectorAll("[role=rowgroup] [role=row]")];
    return rows.filter((row) => row.getBoundingClientRect().bottom <= Math.min(bottom, innerHeight) + 1).length;
  });

/** What can be scrolled down around the table: the wheel would go on with it at the table's end. */
const scrollersAround = (page: Page) =>
  grid(page).evaluate((table) => {
    const found: string[] = [];
    for (let at = table.parentElement; at !== null; at = at.parentElement) {
      const scrolls = ["auto", "scroll"].includes(getComputedStyle(at).overflowY);
      if (scrolls && at.scrollHeight > at.clientHeight) found.push(at.className);
    }
    return found;
  });

const places = async (page: Page) => {
  const [table, row] = await Promise.all([
    grid(page).boundingBox(),
    grid(page).locator("[aria-rowindex='3']").boundingBox(),
  ]);
  return { table: table?.y, row: row?.y };
};

it.each([
  { size: SMALL, name: "low", rows: 3 },
  { size: ZOOMED, name: "zoomed", rows: 2 },
])(
  "shows results in a window of $size.width × $size.height, with all controls in reach",
  async ({ size, name, rows }) => {
    const page = await chromium.open({ at: sample, size, theme: "system" });
    await read(page);
    for (const theme of ["light", "dark"] as const) {
      await turn(page, theme);
      await picture(page, `results-${name}-${theme}`);
    }
    expect(await layoutProblems(page)).toEqual([]);
    expect(await outOfReach(page)).toEqual([]);
    expect(await rowsInSight(page)).toBeGreaterThanOrEqual(rows);
    expect(await scrollersAround(page)).toEqual([]);
    const tools = await page.getByLabel("Which results").filter({ visible: true }).first().boundingBox();
    const last = await page.getByRole("button", { name: /rows$/ }).boundingBox();
    expect(Math.abs((tools?.y ?? 0) - (last?.y ?? 0)), "the tools stand in one line").toBeLessThan(8);
    await page.close();
  },
);

it("shows results beside a run at work", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-contracts", scene: "running", size: SMALL });
  await grid(page).getByRole("row").nth(2).waitFor();
  await page.getByRole("region", { name: "Runs at work" }).waitFor();
  await expect.poll(() => rowsInSight(page)).toBeGreaterThanOrEqual(2);
  for (const size of [SMALL, ZOOMED]) {
    await page.setViewportSize(size);
    await expect.poll(() => outOfReach(page)).toEqual([]);
    expect(await layoutProblems(page)).toEqual([]);
    expect(await scrollersAround(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 640, height: 340 });
  const last = grid(page).getByRole("row").last();
  const dock = await page.getByRole("region", { name: "Runs at work" }).boundingBox();
  // The table draws further rows as it is scrolled: the last one is another then.
  await expect
    .poll(
      async () => {
        await last.scrollIntoViewIfNeeded();
        const box = await last.boundingBox();
        return (box?.y ?? 999) + (box?.height ?? 0);
      },
      { message: "the last row can be scrolled to" },
    )
    .toBeLessThanOrEqual(dock?.y ?? 0);
  // Pace and failures, once they are asked for, scroll above the table and leave it its rows.
  await page.setViewportSize(SMALL);
  await page.getByRole("button", { name: "Show pace and failures" }).click();
  await page.getByRole("region", { name: "The run now" }).waitFor();
  await expect.poll(() => rowsInSight(page)).toBeGreaterThanOrEqual(2);
  expect(await outOfReach(page)).toEqual([]);
  expect(await scrollersAround(page)).toEqual([]);
  await page.close();
});

it.each([DESKTOP, ZOOMED])("has the bar of the runs beside the sidebar at $width × $height", async (size) => {
  const page = await chromium.open({ at: "/prompts/prompt-contracts", scene: "running", size });
  const dock = page.getByRole("region", { name: "Runs at work" });
  const sidebar = page.getByRole("navigation", { name: "Main" });
  const [bar, side] = [await dock.boundingBox(), await sidebar.boundingBox()];
  expect(side?.height, "its foot stays where it is").toBe(size.height);
  expect(bar?.x).toBe(side?.width);
  const row = async (name: string) => (await dock.getByRole("button", { name, exact: true }).boundingBox())?.y;
  expect(await row("Stop")).toBe(await row("Pause"));
  await page.close();
});

it.each([DESKTOP, SMALL])("cuts none of the numbers of a run at work at $width × $height", async (size) => {
  const page = await chromium.open({ at: "/prompts/prompt-contracts", scene: "running", size });
  await grid(page).getByRole("row").nth(2).waitFor();
  await page.getByRole("region", { name: "Runs at work" }).waitFor();
  await page.getByRole("button", { name: "Show pace and failures" }).waitFor();
  await picture(page, `run-numbers-${size.width}`);
  expect(await scrollersAround(page)).toEqual([]);
  const above = page
    .getByRole("combobox", { name: "Run" })
    .locator("xpath=ancestor::*[contains(@class, 'scroll-area')]");
  expect(await above.first().evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)).toBe(0);
  // And neither are the words in place of the rows.
  await page.getByRole("searchbox", { name: "Search in the data" }).fill("no task says this");
  const none = page.getByRole("region", { name: "No rows" });
  await none.getByText("No result matches").waitFor();
  await picture(page, `run-no-rows-${size.width}`);
  const words = none.getByText("Another filter may show some.");
  const [box, around] = await Promise.all([words.boundingBox(), none.boundingBox()]);
  expect((box?.y ?? 999) + (box?.height ?? 0)).toBeLessThanOrEqual((around?.y ?? 0) + (around?.height ?? 0));
  await page.close();
});

it.each([DESKTOP, SMALL, ZOOMED])(
  "moves nothing of the table when a result is opened and closed at $width × $height",
  async (size) => {
    const page = await chromium.open({ at: sample, size });
    await read(page);
    await expect.poll(async () => (await places(page)).row).toBeDefined();
    const before = await places(page);
    await grid(page).getByRole("row").nth(2).click();
    await page.getByRole("heading", { name: "How it was answered" }).waitFor();
    expect(await places(page)).toEqual(before);
    await page.getByRole("button", { name: "Close the result" }).click();
    await page.getByRole("complementary", { name: "Result" }).waitFor({ state: "detached" });
    expect(await places(page)).toEqual(before);
    await page.close();
  },
);

it("lets go of the height above the table that was held for a result", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-contracts", scene: "running" });
  const run = page.getByRole("combobox", { name: "Run" });
  await run.waitFor();
  const held = () => run.evaluate((one) => one.closest<HTMLElement>(".scroll-area")?.style.height);
  const open = async () => {
    await grid(page).getByRole("row").nth(2).click();
    await page.getByRole("complementary", { name: "Result" }).waitFor();
    expect(await held()).toMatch(/px$/);
  };
  await open();
  await page.getByRole("button", { name: "Show pace and failures" }).click();
  await expect.poll(held, { message: "more is said" }).toBe("");
  await page.getByRole("button", { name: "Hide pace and failures" }).click();
  await page.getByRole("button", { name: "Close the result" }).click();
  await open();
  await page.setViewportSize({ ...DESKTOP, width: 1200 });
  await expect.poll(held, { message: "another window" }).toBe("");
  await page.setViewportSize(DESKTOP);
  await page.getByRole("button", { name: "Close the result" }).click();
  await open();
  const divider = page.getByRole("separator", { name: "Height of the editor" });
  await divider.focus();
  await page.keyboard.press("ArrowUp");
  await expect.poll(held, { message: "another height of the half" }).toBe("");
  await page.keyboard.press("ArrowDown");
  await page.getByRole("button", { name: "Close the result" }).click();
  await open();
  await page.keyboard.press("Alt+ArrowLeft");
  await page.getByRole("complementary", { name: "Result" }).waitFor({ state: "detached" });
  await page.keyboard.press("Alt+ArrowRight");
  await page.getByRole("complementary", { name: "Result" }).waitFor();
  expect(await held(), "not that of an earlier opening").toBe("");
  await page.close();
});

it("folds the numbers of a run and its pace each by itself, and only where that can be seen", async () => {
  const page = await chromium.open({ at: sample, size: { width: 900, height: 800 } });
  await read(page);
  await page.getByRole("button", { name: "Show the numbers in short" }).click();
  const unfold = page.getByRole("button", { name: "Show the numbers in full" });
  await unfold.waitFor();
  await grid(page).getByRole("row").nth(2).click();
  await page.getByRole("complementary", { name: "Result" }).waitFor();
  await unfold.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Close the result" }).click();
  await unfold.waitFor();
  await page.evaluate(() => {
    location.hash = "/prompts/prompt-contracts";
  });
  await page.setViewportSize({ width: 900, height: 1200 });
  await page.getByRole("button", { name: "Hide pace and failures" }).waitFor();
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

it("says the numbers of a run in short where it is low, although its pace was shown while it was at work", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-contracts", scene: "running", size: ZOOMED });
  await page.getByRole("button", { name: "Show pace and failures" }).click();
  await page.getByRole("button", { name: "Hide pace and failures" }).waitFor();
  await page.getByRole("region", { name: "Runs at work" }).getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Show the numbers in full" }).waitFor();
  await page.close();
});

it("lets editor and results take turns where there is no room for both, and keeps what was asked for", async () => {
  const page = await chromium.open({ at: sample });
  await read(page);
  const editor = page.getByRole("textbox", { name: "System message" });
  const height = async () => (await grid(page).boundingBox())?.height ?? 0;
  await editor.waitFor();
  await page.setViewportSize(ZOOMED);
  await expect.poll(() => rowsInSight(page), { message: "the results stay" }).toBeGreaterThanOrEqual(2);
  await page.getByRole("button", { name: "Show the editor" }).click();
  await page.getByRole("button", { name: "Hide the editor" }).waitFor();
  const [which, next] = await Promise.all([
    page.getByText("Task 1 of 200").boundingBox(),
    page.getByRole("button", { name: "Next task" }).boundingBox(),
  ]);
  expect(Math.abs((which?.y ?? 0) - (next?.y ?? 0)), "which task it is stands by what changes it").toBeLessThan(16);
  await editor.click();
  await page.keyboard.type("Kindly: ");
  await picture(page, "editor-zoomed");
  expect(await outOfReach(page)).toEqual([]);
  expect(await layoutProblems(page)).toEqual([]);
  await page.getByRole("tab", { name: "Results" }).click();
  await expect.poll(height).toBeGreaterThanOrEqual(110);
  await page.getByRole("button", { name: "Show the editor" }).click();
  await editor.waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "Runs" }).click();
  await page.getByRole("button", { name: "Run 2" }).click();
  await expect.poll(() => rowsInSight(page)).toBeGreaterThanOrEqual(2);
  await page.setViewportSize(DESKTOP);
  await editor.waitFor();
  await expect.poll(() => rowsInSight(page), { message: "both have room again" }).toBeGreaterThanOrEqual(2);
  await page.close();
});

it("has both halves again as they were once the window was low for a moment, but for what was folded by hand", async () => {
  const page = await chromium.open({ at: sample });
  await read(page);
  const hide = page.getByRole("button", { name: "Hide the editor" });
  const show = page.getByRole("button", { name: "Show the editor" });
  const before = await places(page);
  for (const asked of ["results", "editor"]) {
    await page.setViewportSize(ZOOMED);
    await show.waitFor();
    if (asked === "editor") {
      await show.click();
      await hide.waitFor();
    }
    await page.setViewportSize(DESKTOP);
    await expect.poll(() => places(page), { message: `${asked} was shown` }).toEqual(before);
    await page.getByRole("tab", { name: "Results" }).click();
  }
  await hide.click();
  await show.waitFor();
  await page.setViewportSize(ZOOMED);
  await page.setViewportSize(DESKTOP);
  await expect.poll(async () => (await places(page)).table).toBeLessThan((before.table ?? 0) - 100);
  await show.waitFor();
  await page.setViewportSize(ZOOMED);
  await show.click();
  await hide.waitFor();
  await page.setViewportSize(DESKTOP);
  await page.getByRole("textbox", { name: "System message" }).waitFor();
  await expect.poll(() => hide.isVisible(), { message: "it was asked for since" }).toBe(true);
  expect(await rowsInSight(page)).toBeGreaterThanOrEqual(2);
  await page.close();
});

it("shows the results that are asked for again where they are folded away, and nothing that was not asked for", async () => {
  const page = await chromium.open({ at: sample, size: ZOOMED });
  await read(page);
  const hide = page.getByRole("button", { name: "Hide the editor" });
  const show = page.getByRole("button", { name: "Show the editor" });
  await grid(page).getByRole("row").nth(2).click();
  await page.getByRole("heading", { name: "How it was answered" }).waitFor();
  await page.keyboard.press("Control+j");
  await hide.waitFor();
  await page.getByRole("button", { name: "Close the result" }).click();
  await page.getByRole("complementary", { name: "Result" }).waitFor({ state: "detached" });
  expect(await hide.isVisible(), "a result that is closed asks for nothing").toBe(true);
  const {
    x = 0,
    y = 0,
    width = 0,
    height = 0,
  } = (await page.getByRole("tablist", { name: "What came of it" }).boundingBox()) ?? {};
  await page.mouse.click(x + width - 2, y + height / 2);
  expect(await hide.isVisible(), "beside the tabs").toBe(true);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search commands, prompts and projects" }).fill("show the results");
  await page.getByRole("option", { name: "Show the results" }).and(page.locator("[data-highlighted]")).waitFor();
  await page.keyboard.press("Enter");
  await show.waitFor();
  await expect.poll(() => rowsInSight(page)).toBeGreaterThanOrEqual(2);
  await page.close();
});

it("begins with the editor at 200 % zoom where there is no run yet", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-new", size: ZOOMED });
  await page.getByText("{text}").first().waitFor();
  await page.getByRole("button", { name: "Hide the editor" }).waitFor();
  expect(await outOfReach(page)).toEqual([]);
  expect(await layoutProblems(page)).toEqual([]);
  await page.close();
});

it("keeps the numbers of a run whole, and which run it is in sight, where not all of its columns are", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-contracts?tab=runs", scene: "running", size: ZOOMED });
  const run = page.getByRole("button", { name: "Run 3", exact: true });
  await run.waitFor();
  const lines = await page.getByRole("cell", { name: /4,742 of 12,480/ }).evaluate((cell) => {
    const range = document.createRange();
    range.setStart(cell, 0);
    range.setEndBefore(cell.lastElementChild ?? cell);
    return new Set([...range.getClientRects()].map(({ top }) => top)).size;
  });
  expect(lines).toBe(1);
  await page.getByRole("table").evaluate((table) => table.parentElement?.scrollBy({ left: 10_000 }));
  await picture(page, "runs-zoomed");
  const isSeen = await run.evaluate((button) => {
    const { left, right, top, bottom } = button.getBoundingClientRect();
    return button.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
  });
  expect(isSeen).toBe(true);
  expect(await layoutProblems(page)).toEqual([]);
  await page.close();
});

const editorHeight = (page: Page) =>
  page
    .getByRole("separator", { name: "Height of the editor" })
    .evaluate((line) => line.previousElementSibling?.clientHeight ?? 0);
const outcomesHeight = (page: Page) =>
  page
    .getByRole("separator", { name: "Height of the editor" })
    .evaluate((line) => line.nextElementSibling?.clientHeight ?? 0);

it.each([
  { width: 480, height: 300 },
  { width: 549, height: 343 },
])("shows the half that is asked for, with all the room, at $width × $height", async (size) => {
  const page = await chromium.open({ at: sample, size });
  await read(page);
  const [whole, folded] = [await outcomesHeight(page), 41];
  expect(whole, "results come first").toBeGreaterThan(100);
  expect(await rowsInSight(page)).toBeGreaterThanOrEqual(2);
  expect(await scrollersAround(page)).toEqual([]);
  await picture(page, `results-${size.width}`);
  expect(await reachProblems(page)).toEqual([]);
  for (const press of [
    () => page.keyboard.press("Control+j"),
    () => page.getByRole("button", { name: /(Hide|Show) the editor/ }).click(),
  ]) {
    await press();
    await expect.poll(() => outcomesHeight(page)).toBe(folded);
    expect(await editorHeight(page)).toBe(whole - folded);
    await press();
    await expect.poll(() => outcomesHeight(page)).toBe(whole);
  }
  const last = page.getByRole("tab", { name: /^Runs/ });
  await last.click();
  const [tab, strip] = await Promise.all([last.boundingBox(), page.getByRole("tablist").first().boundingBox()]);
  const right = (box: typeof tab) => (box?.x ?? 0) + (box?.width ?? 0);
  expect(right(tab), "the open tab is seen whole").toBeLessThanOrEqual(right(strip) + 1);
  await picture(page, `runs-${size.width}`);
  await page.close();
});

it("shows at least twelve characters of a name in lists at 480 × 300", async () => {
  const page = await chromium.open({ at: "/projects", size: { width: 480, height: 300 } });
  for (const list of ["Projects", "Prompts"]) {
    const table = page.getByRole("table", { name: list });
    await table.getByText("Sample", { exact: true }).waitFor();
    const room = await table.locator("a[data-row]").evaluateAll((links) =>
      links.map((link) => {
        const range = new Range();
        range.setStart(link.firstChild as Text, 0);
        range.setEnd(link.firstChild as Text, Math.min(12, link.textContent.length));
        return link.clientWidth - range.getBoundingClientRect().width;
      }),
    );
    expect(Math.min(...room)).toBeGreaterThanOrEqual(-1);
    expect(
      await table.evaluate(({ parentElement: frame }) => (frame?.scrollWidth ?? 0) - (frame?.clientWidth ?? 0)),
    ).toBe(0);
    await page.getByRole("link", { name: "Prompts" }).first().click();
  }
  await page.close();
});

it.each([SMALL, DESKTOP])("gives most of $width × $height to the editor where there is no run yet", async (size) => {
  const page = await chromium.open({ at: "/prompts/prompt-new", size });
  await page.getByText("No run yet").waitFor();
  const [editor, outcomes] = [await editorHeight(page), await outcomesHeight(page)];
  expect(editor / (editor + outcomes)).toBeGreaterThan(0.59);
  expect(outcomes, "what will be there is told").toBeGreaterThan(120);
  await picture(page, `new-prompt-${size.width}`);
  expect(await layoutProblems(page)).toEqual([]);
  await page.close();
});

it("shows both halves where there is room for the words that there is no run yet", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-new", size: { width: 960, height: 440 } });
  await page.getByText("No run yet").waitFor();
  expect(await editorHeight(page)).toBeGreaterThan(100);
  expect(await outcomesHeight(page)).toBeGreaterThan(120);
  await picture(page, "new-prompt-low");
  await page.close();
});

/** Which of the rows of tiles in sight are not of equal columns, or not of rows of as many. */
const tileProblems = (page: Page) =>
  page.locator("dl:has(> div > dt)").evaluateAll((rows) =>
    rows.flatMap((row) => {
      const boxes = [...row.children].map((tile) => tile.getBoundingClientRect());
      const widths = boxes.map(({ width }) => width);
      const inLine = boxes.filter(({ top }) => Math.abs(top - (boxes[0]?.top ?? 0)) < 2).length;
      const isEven = Math.max(...widths) - Math.min(...widths) <= 2 && boxes.length % inLine === 0;
      return isEven ? [] : [`${row.textContent}: ${widths.map(Math.round)}, ${inLine} in a line`];
    }),
  );

it.each([
  [SMALL, "measured", "/prompts/prompt-reviews"],
  [SMALL, "running", "/prompts/prompt-contracts"],
  [DESKTOP, "measured", "/prompts/prompt-reviews"],
  [DESKTOP, "running", "/prompts/prompt-contracts"],
  [SMALL, "measured", "/prompts/prompt-reviews?tab=alignment"],
  [DESKTOP, "measured", "/prompts/prompt-reviews?tab=alignment"],
] as const)("has tiles of one width at %o: %s, %s", async (size, scene, at) => {
  const page = await chromium.open({ scene, at, size });
  await page.locator("dl:has(> div > dt)").first().waitFor();
  await page.getByText("Mean score").first().waitFor();
  const name = `tiles-${size.width}-${scene}${at.endsWith("alignment") ? "-alignment" : ""}`;
  const isFolded = page.getByRole("button", { name: /^Show (the numbers|pace)/ });
  expect(await tileProblems(page)).toEqual([]);
  await picture(page, name);
  if (await isFolded.isVisible()) {
    await isFolded.click();
    expect(await tileProblems(page)).toEqual([]);
    await picture(page, `${name}-whole`);
  }
  await page.close();
});

it.each([SMALL, ZOOMED, { width: 480, height: 300 }])(
  "shows no accuracy without its interval at $width × $height",
  async (size) => {
    const page = await chromium.open({ scene: "measured", at: "/prompts/prompt-reviews", size });
    const intervals = page.locator("dl[data-short] [aria-hidden]").filter({ hasText: /^\([\d.]+–[\d.]+\)$/ });
    await expect.poll(() => intervals.filter({ visible: true }).count(), { message: "of accuracy and score" }).toBe(2);
    const cut = await page
      .locator("dl[data-short] dd")
      .evaluateAll((values) =>
        values
          .map(({ firstElementChild: value }) => value)
          .map((value) => (value?.scrollWidth ?? 0) - (value?.clientWidth ?? 0)),
      );
    expect(cut, "no number is cut").toEqual([0, 0, 0, 0, 0, 0]);
    await picture(page, `tiles-${size.width}`);
    await page.close();
  },
);
