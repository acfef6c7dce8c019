/** A table of a million rows in a real browser: what layout, scrolling and focus decide. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Chromium, DESKTOP, launch, picture, ZOOMED } from "./browser";
import { MILLION, openMillion, taskGrid } from "./million";

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

type Line = { index: number; top: number; bottom: number; text: string };

/** The space for rows, and the rows in it from above, as they are in this moment. */
function rowsInSight(page: Page): Promise<{ top: number; bottom: number; lines: Line[]; inOrder: boolean }> {
  return page.evaluate(() => {
    const table = document.querySelector("[role=grid]");
    const [head, ...rows] = table?.querySelectorAll("[role=row]") ?? [];
    const top = head?.getBoundingClientRect().bottom ?? 0;
    const bottom = top + (table?.clientHeight ?? 0) - (head?.clientHeight ?? 0);
    const all = rows.map((row) => {
      const box = row.getBoundingClientRect();
      return {
        index: Number(row.getAttribute("aria-rowindex")) - 2,
        top: box.top,
        bottom: box.bottom,
        text: row.querySelector("[role=gridcell]:nth-child(3)")?.textContent ?? "",
      };
    });
    const lines = all
      .filter((line) => line.bottom > top && line.top < bottom)
      .sort((one, other) => one.index - other.index);
    const inOrder = all.every((line, place) => place === 0 || line.index > (all[place - 1]?.index ?? 0));
    return { top, bottom, lines, inOrder };
  });
}

async function hasNoGap(page: Page): Promise<void> {
  const { top, bottom, lines } = await rowsInSight(page);
  expect(lines.filter(({ text }) => text === "")).toEqual([]);
  expect(lines[0]?.top ?? Number.NaN, "nothing blank above").toBeLessThanOrEqual(top + 1);
  expect(lines.at(-1)?.bottom ?? Number.NaN, "nothing blank below").toBeGreaterThanOrEqual(bottom - 1);
  for (const [place, line] of lines.entries()) {
    if (place > 0) expect(Math.abs(line.top - (lines[place - 1]?.bottom ?? 0))).toBeLessThan(1);
  }
}

it("has every row drawn while the wheel turns", async () => {
  const page = await openMillion(chromium);
  await taskGrid(page).hover();
  for (let turn = 0; turn < 24; turn += 1) {
    await page.mouse.wheel(0, 300 + 700 * (turn % 4) * (turn < 16 ? 1 : -1));
    await hasNoGap(page);
  }
  await page.close();
});

it("keeps the focus and its row in sight where it becomes lower, and draws fewer rows", async () => {
  const page = await openMillion(chromium);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"));
  await taskGrid(page).getByRole("row").nth(1).focus();
  for (let times = 0; times < 3; times += 1) await page.keyboard.press("PageDown");
  for (let row = 0; row < 12; row += 1) {
    // Each height and row has another element for the row.
    await page.keyboard.press("ArrowDown");
    const before = await focused();
    await page.setViewportSize({ ...DESKTOP, height: row % 2 === 0 ? 480 : 520 });
    await expect.poll(async () => (await rowsInSight(page)).bottom).toBeLessThan(600);
    expect(await focused(), `row ${before} has the focus`).toBe(before);
    const { top, bottom, lines } = await rowsInSight(page);
    const line = lines.find(({ index }) => String(index + 2) === before);
    expect(line?.top ?? Number.NaN).toBeGreaterThanOrEqual(top - 1);
    expect(line?.bottom ?? Number.NaN).toBeLessThanOrEqual(bottom + 1);
    await page.setViewportSize(DESKTOP);
    await expect.poll(async () => (await rowsInSight(page)).bottom).toBeGreaterThan(600);
  }
  await page.close();
});

it("draws with the elements it has, and puts them in order once it rests", async () => {
  const page = await openMillion(chromium);
  await page.evaluate(() => {
    const made: string[] = [];
    Object.assign(window, { made });
    new MutationObserver((changes) => {
      for (const change of changes)
        for (const node of change.addedNodes)
          if (node instanceof HTMLElement && node.getAttribute("role") === "row") made.push(node.outerHTML);
    }).observe(document.querySelector("[role=rowgroup]") as Element, { childList: true, subtree: true });
  });
  await taskGrid(page).hover();
  for (let turn = 0; turn < 10; turn += 1) await page.mouse.wheel(0, 260);
  await expect.poll(async () => (await rowsInSight(page)).lines[0]?.index).toBeGreaterThan(40);
  await expect.poll(async () => (await rowsInSight(page)).inOrder).toBe(true);
  expect(await page.evaluate(() => (window as unknown as { made: string[] }).made)).toEqual([]);
  await page.close();
});

it("keeps the keyboard's place while the mouse scrolls elsewhere", async () => {
  const page = await openMillion(chromium);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"));
  await taskGrid(page).getByRole("row").nth(1).focus();
  await page.keyboard.press("ArrowDown");
  expect(await focused()).toBe("3");
  await taskGrid(page).hover();
  await page.mouse.wheel(0, 20_000);
  await expect.poll(async () => (await rowsInSight(page)).lines[0]?.index).toBeGreaterThan(100);
  await page.keyboard.press("ArrowDown");
  expect(await focused()).toBe("4");
  expect((await rowsInSight(page)).lines.map(({ index }) => index)).toContain(2);
  await page.close();
});

it("goes back to the row that was open once it is closed, wherever the mouse scrolled", async () => {
  const page = await openMillion(chromium);
  const open = page.getByRole("complementary", { name: /^Task \d+ of/ });
  await taskGrid(page).getByRole("row").nth(3).click();
  await open.waitFor();
  await taskGrid(page).hover();
  await page.mouse.wheel(0, 20_000);
  await expect.poll(async () => (await rowsInSight(page)).lines[0]?.index).toBeGreaterThan(100);
  await page.getByRole("button", { name: "Close the task" }).click();
  await open.waitFor({ state: "detached" });
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"));
  await expect.poll(focused).toBe("4");
  expect((await rowsInSight(page)).lines.map(({ index }) => index)).toContain(2);
  await page.close();
});

it("has the box of a mark on the row that is marked, and on no other", async () => {
  const page = await openMillion(chromium);
  await taskGrid(page).getByRole("row").nth(1).focus();
  await page.keyboard.press("ArrowDown");
  const marked = await taskGrid(page)
    .locator("[role=rowgroup] [role=row]")
    .evaluateAll((rows) =>
      rows
        .filter((row) => getComputedStyle(row, "::after").content !== "none")
        .map((row) => row.getAttribute("aria-rowindex")),
    );
  expect(marked).toEqual(["3"]);
  await page.close();
});

describe.each([50, 100, 125, 200])("at a zoom of %i per cent", (zoom) => {
  it("reaches the last row by key and by scrollbar, and the first one again", async () => {
    // A zoomed window has fewer and larger pixels.
    const page = await openMillion(chromium, {
      width: Math.round((DESKTOP.width * 100) / zoom),
      height: Math.round((DESKTOP.height * 100) / zoom),
    });
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setDeviceMetricsOverride", {
      width: Math.round((DESKTOP.width * 100) / zoom),
      height: Math.round((DESKTOP.height * 100) / zoom),
      deviceScaleFactor: zoom / 100,
      mobile: false,
    });
    const lastInSight = async () => {
      const { bottom, lines } = await rowsInSight(page);
      return (lines.at(-1)?.bottom ?? Number.NaN) <= bottom + 1 ? lines.at(-1)?.index : undefined;
    };
    await taskGrid(page).getByRole("row").nth(1).focus();
    await page.keyboard.press("End");
    await expect.poll(lastInSight).toBe(MILLION - 1);
    await page.keyboard.press("Home");
    await expect.poll(async () => (await rowsInSight(page)).lines[0]?.index).toBe(0);
    await taskGrid(page).evaluate((table) => {
      table.scrollTop = table.scrollHeight;
    });
    await expect.poll(lastInSight).toBe(MILLION - 1);
    await expect.poll(async () => (await rowsInSight(page)).lines.every(({ text }) => text !== "")).toBe(true);
    await page.close();
  });
});

it("has the box that selects all rows above those of the rows", async () => {
  const page = await chromium.open({ at: "/projects/project-sample" });
  const all = page.getByRole("button", { name: "Select all rows" }).locator("span");
  await all.waitFor();
  const edges = await page
    .getByRole("grid")
    .first()
    .locator("span[aria-hidden].size-4.border")
    .evaluateAll((boxes) => boxes.slice(0, 3).map((box) => box.getBoundingClientRect().left));
  expect(edges.length).toBe(3);
  expect(new Set(edges).size).toBe(1);
  await page.close();
});

it("draws the mark of the row with the cursor over the columns that are kept in sight", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample" });
  const row = page.getByRole("grid", { name: "Results" }).getByRole("row").nth(2);
  await row.focus();
  await page.keyboard.press("ArrowDown");
  const focused = page.locator("[role=row]:focus");
  const [mark, cells] = await focused.evaluate((element) => {
    const { zIndex, borderLeftWidth } = getComputedStyle(element, "::after");
    return [
      { zIndex, borderLeftWidth },
      [...element.children].map((cell) => Number(getComputedStyle(cell).zIndex) || 0),
    ];
  });
  expect(mark.borderLeftWidth).toBe("2px");
  expect(Number(mark.zIndex)).toBeGreaterThan(Math.max(...cells));
  await picture(page, "row-mark");
  await page.close();
});

/** Tables that can be scrolled on sideways, and whether each of them says so at its edge. */
const cutTables = (page: Page) =>
  page.locator("[data-more]").evaluateAll((edges) =>
    edges.flatMap((edge) => {
      const part = edge.parentElement?.firstElementChild;
      const isMore = part != null && part.scrollWidth - part.clientWidth - part.scrollLeft > 1;
      return isMore === edge.checkVisibility() ? [] : [`${part?.textContent?.slice(0, 60)}: ${isMore}`];
    }),
  );

it.each([
  ["lived", "/prompts/prompt-sample"],
  ["running", "/prompts/prompt-contracts?tab=runs"],
  ["measured", "/prompts/prompt-reviews?tab=alignment"],
  ["linked", "/projects/project-contracts"],
] as const)("says at the edge of a table that it goes on beside it: %s, %s", async (scene, at) => {
  const page = await chromium.open({ scene, at, size: ZOOMED });
  const table = page.locator("[data-more]").first().locator("xpath=../*[1]");
  const more = page.locator("[data-more]").first();
  await more.waitFor();
  expect(await cutTables(page)).toEqual([]);
  await picture(page, `more-beside-${scene}`);
  await table.evaluate((element) => element.scrollTo({ left: 10_000 }));
  await more.waitFor({ state: "hidden" });
  expect(await cutTables(page)).toEqual([]);
  await page.close();
});
