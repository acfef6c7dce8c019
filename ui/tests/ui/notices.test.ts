/** Notices cover nothing that is worked with, and the way back that they offer is reached by keyboard. */
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Chromium, DESKTOP, launch, picture, SMALL, type Theme, ZOOMED } from "./browser";

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

const box = async (of: Locator) => {
  const found = await of.boundingBox();
  if (found === null) throw new Error("it is not drawn");
  return found;
};

describe.each([
  ["desktop", DESKTOP],
  ["small", SMALL],
  ["zoomed", ZOOMED],
])("%s", (name, size) => {
  it.each<Theme>(["light", "dark"])("%s: stands over the header, left of its buttons", async (theme) => {
    const page = await chromium.open({ at: "/prompts", size, theme });
    await page.getByRole("button", { name: "Actions for Ticket urgency" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    const notice = page
      .locator("[data-type=done]")
      .filter({ has: page.getByRole("button", { name: "Undo" }) })
      .first();
    await notice.waitFor();
    // Once it has come in.
    await expect.poll(async () => (await box(notice)).y).toBeGreaterThanOrEqual(4);
    const [at, header, search] = await Promise.all([
      box(notice),
      box(page.getByRole("banner")),
      box(page.getByRole("button", { name: /^Search and commands/ })),
    ]);
    expect(at.y + at.height, "no row is covered").toBeLessThanOrEqual(header.y + header.height);
    expect(at.x + at.width, "no button is covered").toBeLessThanOrEqual(search.x);
    await picture(page, `notice-${name}-${theme}`);
    await page.keyboard.press("F6");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Ticket urgency" }).waitFor();
    await page.close();
  });
});
