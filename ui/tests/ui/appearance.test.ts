/** How the window is drawn for who asks for something else: the system's own colors, more contrast, another zoom. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axe, type Chromium, launch } from "./browser";

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

const ground = (page: Page, name: string) =>
  page.getByRole("radio", { name, exact: true }).evaluate((one) => getComputedStyle(one).backgroundColor);
const root = (page: Page, name: string) => page.evaluate((name) => document.documentElement.dataset[name], name);

it("tells what is chosen where the system paints with its own colors", async () => {
  const page = await chromium.open({ at: "/prompts?dialog=settings" });
  await page.emulateMedia({ forcedColors: "active" });
  await page.getByRole("radio", { name: "Comfortable" }).waitFor();
  expect(await ground(page, "Comfortable")).not.toBe(await ground(page, "Compact"));
  await page.getByRole("radio", { name: "Compact" }).click();
  await expect.poll(() => ground(page, "Compact")).not.toBe(await ground(page, "Comfortable"));
  await expect.poll(() => root(page, "density")).toBe("compact");
  await page.close();
});

it("draws more contrast when the system or the person asks, and leaves axe nothing to object to", async () => {
  const page = await chromium.open({ at: "/prompts?dialog=settings" });
  const group = page.getByRole("radiogroup", { name: "Contrast" });
  await group.getByRole("radio", { name: "More" }).click();
  await expect.poll(() => root(page, "contrast")).toBe("more");
  expect(await axe(page)).toEqual([]);
  await group.getByRole("radio", { name: "System" }).click();
  await expect.poll(() => root(page, "contrast")).toBeUndefined();
  await page.emulateMedia({ contrast: "more" });
  await expect.poll(() => root(page, "contrast")).toBe("more");
  await page.close();
});

it("lets nothing move when the system or the person asks", async () => {
  const page = await chromium.open({ at: "/prompts?dialog=settings" });
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await expect.poll(() => root(page, "motion")).toBeUndefined();
  await page.getByRole("radiogroup", { name: "Motion" }).getByRole("radio", { name: "Reduced" }).click();
  await expect.poll(() => root(page, "motion")).toBe("reduced");
  const moves = await page.evaluate(() =>
    [...document.querySelectorAll("*")].some((one) => !["none", ""].includes(getComputedStyle(one).transitionProperty)),
  );
  expect(moves, "no part of the page has a transition").toBe(false);
  await page.close();
});

it("zooms by its keys, and goes back to the size as made", async () => {
  const page = await chromium.open({ at: "/prompts" });
  await page.getByRole("link", { name: "Ticket urgency" }).waitFor();
  await page.keyboard.press("Control+Equal");
  await expect.poll(() => root(page, "zoom")).toBe("1.1");
  await page.keyboard.press("Control+Minus");
  await page.keyboard.press("Control+Minus");
  await expect.poll(() => root(page, "zoom")).toBe("0.9");
  await page.keyboard.press("Control+Digit0");
  await expect.poll(() => root(page, "zoom")).toBe("1");
  await page.close();
});
