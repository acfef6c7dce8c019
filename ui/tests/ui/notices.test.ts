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
    const inList = () => page.evaluate(() => document.activeElement?.matches("a[data-row]"));
    await expect.poll(inList, { message: "the next row has the focus" }).toBe(true);
    await page.keyboard.press("F6");
    const undo = page.getByRole("button", { name: "Undo" });
    await expect.poll(() => undo.evaluate((button) => button.matches(":focus-visible"))).toBe(true);
    await picture(page, `notice-f6-${name}-${theme}`);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Ticket urgency" }).waitFor();
    await notice.waitFor({ state: "detached" });
    expect(await inList(), "and again once the notice is gone").toBe(true);
    await page.close();
  });
});

describe("the focus", () => {
  const open = async () => {
    const page = await chromium.open({ at: "/prompts" });
    await page.getByRole("button", { name: "Actions for Ticket urgency" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Undo" }).waitFor();
    const inList = () => page.evaluate(() => document.activeElement?.matches("a[data-row]"));
    await expect.poll(inList).toBe(true);
    return { page, inList, dismiss: page.getByLabel("Dismiss").first() };
  };

  it("finds the way back however often F6 was pressed", async () => {
    const { page, inList } = await open();
    const undo = page.getByRole("button", { name: "Undo" }).and(page.locator(":focus"));
    for (const _ of ["once", "twice"]) {
      await page.keyboard.press("F6");
      await undo.waitFor();
    }
    for (let stop = 0; stop < 4 && (await inList()) !== true; stop += 1) await page.keyboard.press("Shift+Tab");
    expect(await inList()).toBe(true);
    await page.close();
  });

  it("is where it was in the page once a notice is dismissed", async () => {
    const { page, inList, dismiss } = await open();
    await dismiss.click();
    await dismiss.waitFor({ state: "detached" });
    expect(await inList()).toBe(true);
    await page.close();
  });

  it("stays out of the page while the search is open, whose field takes no key of a notice's button", async () => {
    const { page, inList, dismiss } = await open();
    await page.keyboard.press("Control+k");
    const field = page.getByRole("combobox", { name: "Search commands, prompts and projects" });
    await field.and(page.locator(":focus")).waitFor();
    await page.keyboard.press("F6");
    await page.keyboard.press("Tab");
    await dismiss.and(page.locator(":focus")).waitFor();
    await page.keyboard.press("Space");
    await dismiss.waitFor({ state: "detached" });
    expect(await field.inputValue()).toBe("");
    expect(await inList()).toBe(false);
    await field.and(page.locator(":focus")).waitFor();
    await page.close();
  });
});

it("leaves the buttons of the header where they are in the least window at 200 % zoom, with Offline among them", async () => {
  const size = { width: 480, height: 300 };
  const page = await chromium.open({ at: "/prompts", size });
  await page.getByRole("heading", { name: "Prompts", level: 1 }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search commands, prompts and projects" }).fill("offline");
  await page
    .getByRole("option", { name: "Switch Offline on or off" })
    .and(page.locator("[data-highlighted]"))
    .waitFor();
  await page.keyboard.press("Enter");
  const notice = page.locator("[data-notice]").first();
  await notice.waitFor();
  const header = page.getByRole("banner");
  await header.getByRole("button", { name: "Offline" }).waitFor();
  await expect.poll(async () => (await box(notice)).y).toBeGreaterThanOrEqual(4);
  const [at, search, last] = await Promise.all([
    box(notice),
    box(header.getByRole("button", { name: /^Search and commands/ })),
    box(header.getByRole("button").last()),
  ]);
  await picture(page, "notice-480");
  expect(last.x + last.width).toBeLessThanOrEqual(size.width);
  expect(at.x).toBeGreaterThanOrEqual(0);
  expect(at.x + at.width).toBeLessThanOrEqual(search.x);
  await page.close();
});

it.each([DESKTOP, SMALL])("covers neither the name of the screen nor its buttons at $width × $height", async (size) => {
  const page = await chromium.open({ at: "/prompts/prompt-sample", size });
  const name = page.getByRole("navigation", { name: "Breadcrumb" });
  await page.getByRole("textbox", { name: "System message" }).click();
  await page.keyboard.type("Kindly: ");
  await page.getByRole("button", { name: /^Discard/ }).click();
  const notice = page.locator("[data-notice]").first();
  await notice.getByText("The changes are discarded").waitFor();
  await expect.poll(async () => (await box(notice)).y).toBeGreaterThanOrEqual(4);
  const [at, crumbs, search] = await Promise.all([
    box(notice),
    box(name),
    box(page.getByRole("button", { name: /^Search and commands/ })),
  ]);
  expect(at.x, "the name ends before it").toBeGreaterThan(crumbs.x + crumbs.width - 1);
  expect(at.x + at.width).toBeLessThanOrEqual(search.x);
  await picture(page, `notice-prompt-${size.width}`);
  await page.close();
});

it.each([DESKTOP, SMALL, ZOOMED])(
  "covers neither the title nor the buttons of an open dialog at $width × $height",
  async (size) => {
    const page = await chromium.open({ at: "/projects/project-sample/label?task=2", size });
    await page.getByRole("button", { name: "Previous task" }).click();
    await page.getByRole("button", { name: "Previous task" }).click();
    const notice = page.locator("[data-notice]").first();
    await notice.getByText("That was the first task").waitFor();
    for (const { keys, name } of [
      { keys: "Control+Shift+m", name: "API Keys" },
      { keys: "Control+,", name: "Settings" },
    ]) {
      await page.keyboard.press(keys);
      const dialog = page.getByRole("dialog", { name });
      await dialog.waitFor();
      const [at, head, close] = await Promise.all([
        box(notice),
        box(dialog.locator("header")),
        box(dialog.getByRole("button", { name: "Close" })),
      ]);
      expect(at.y, "the title is above it").toBeGreaterThanOrEqual(
        Math.max(head.y + head.height, close.y + close.height),
      );
      expect(at.x + at.width, "buttons at the right are beside it").toBeLessThan(size.width * 0.66);
      await picture(page, `notice-dialog-${size.width}-${name.slice(0, 3).toLowerCase()}`);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    }
    await page.close();
  },
);

it.each<Theme>(["light", "dark"])(
  "%s: says of a workspace that comes under a dialog that it waits, in the same corner",
  async (theme) => {
    const page = await chromium.open({ at: "/prompts?dialog=settings", theme });
    await page.getByText("Requests at once").waitFor();
    await page.evaluate(() => {
      const openings = [{ kind: "workspace" as const, path: "/home/ann/Documents/Annotation team.touchstone" }];
      window.fake.commands.takeOpenings = async () => ({ status: "ok", data: openings.splice(0) });
      window.fake.send.opened(undefined);
    });
    const notice = page.locator("[data-type=waiting]").first();
    await notice.getByText("“Annotation team.touchstone” waits").waitFor();
    await picture(page, `notice-waits-${theme}`);
    await page.keyboard.press("Escape");
    await page.getByRole("alertdialog", { name: "Open this workspace?" }).waitFor();
    await page.close();
  },
);

it("says calmly that there is nothing to save", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample" });
  await page.getByRole("textbox", { name: "User message" }).waitFor();
  await page.keyboard.press("Control+s");
  await page
    .locator("[data-notice][data-type=refused]")
    .filter({ hasText: "Nothing changed since version 2" })
    .waitFor();
  await picture(page, "notice-refused");
  await page.close();
});

it("shows that Cancel has the focus when it is asked whether to close, though a click was the last thing done", async () => {
  const page = await chromium.open({ at: "/prompts" });
  await page.getByRole("heading", { name: "Prompts" }).click();
  await page.evaluate(() => window.fake.send.closeAsked({ runs: 1 }));
  const cancel = page.getByRole("alertdialog").getByRole("button", { name: "Cancel" });
  await expect.poll(() => cancel.evaluate((button) => button === document.activeElement)).toBe(true);
  expect(await cancel.evaluate((button) => getComputedStyle(button).outlineStyle)).toBe("solid");
  await picture(page, "close-question");
  await page.close();
});
