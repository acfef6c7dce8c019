/** The ways through the settings: their list, their addresses, and what leads to a part of them. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch, picture } from "./browser";

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

/** What begins at the top of the settings, and what the list of them says of it. */
const settingsAt = (page: Page) =>
  page.getByRole("dialog", { name: "Settings" }).evaluate((dialog) => {
    const heads = [...dialog.querySelectorAll<HTMLElement>("[data-section]")];
    const top = dialog.querySelector(".scroll-area")?.getBoundingClientRect().top ?? 0;
    return {
      lit: [...dialog.querySelectorAll("nav [aria-current]")].map((button) => button.textContent),
      top: heads.find((head) => Math.abs(head.getBoundingClientRect().top - top - 20) < 2)?.textContent,
      address: new URLSearchParams(location.hash.split("?")[1]).get("dialog"),
    };
  });

it("leads to each part of the settings, lights it, and names it in the address without a step of Back", async () => {
  const page = await chromium.open({ at: "/prompts?dialog=settings" });
  const parts = page.getByRole("navigation", { name: "Sections" }).getByRole("button");
  await page.getByText("Requests at once").waitFor();
  const steps = await page.evaluate(() => history.length);
  const names = await parts.allInnerTexts();
  const addresses = new Set<string | null>();
  for (const name of names) {
    await parts.filter({ hasText: name }).first().click();
    await expect.poll(async () => (await settingsAt(page)).lit).toEqual([name]);
    await expect.poll(async () => (await settingsAt(page)).top).toBe(name);
    addresses.add((await settingsAt(page)).address);
  }
  expect(addresses.size).toBe(names.length);
  expect(await page.evaluate(() => history.length)).toBe(steps);
  const last = names.at(-1);
  await page.getByRole("heading", { name: names[0] ?? "", exact: true }).scrollIntoViewIfNeeded();
  await expect.poll(async () => (await settingsAt(page)).lit).not.toEqual([last]);
  await parts.filter({ hasText: last ?? "" }).click();
  await expect.poll(async () => (await settingsAt(page)).top, { message: "pressed again" }).toBe(last);
  await page.close();
});

it.each([
  ["settings", "Appearance"],
  ["data", "Data"],
  ["privacy", "Privacy and logs"],
  ["about", "About"],
  ["network", "Network"],
])("begins the settings at what was asked for: %s", async (part, title) => {
  const page = await chromium.open({ at: `/prompts?dialog=${part}` });
  await page.getByRole("heading", { name: title, exact: true }).waitFor();
  await expect.poll(() => settingsAt(page)).toEqual({ lit: [title], top: title, address: part });
  const isGoneTo = () =>
    page.evaluate(() => document.activeElement?.closest("section")?.querySelector("h3")?.textContent);
  await expect.poll(isGoneTo, { message: "the keyboard goes on there" }).toBe(title);
  await picture(page, `settings-at-${part}`);
  await page.close();
});

it.each([
  ["/prompts?dialog=data", "Settings", "Diagnostics", "privacy"],
  ["/prompts?dialog=data", "Settings", "Licences", "about"],
  ["/prompts?dialog=data", "Settings", "What is new", "about"],
  ["/prompts?dialog=guide", "Ten minutes with Touchstone", "What is new", "guide"],
  ["/prompts?dialog=guide", "Ten minutes with Touchstone", "Keyboard shortcuts", "guide"],
])("at %s lays what %s leads to over it, and goes back to its button: %s", async (at, beneath, name, over) => {
  const page = await chromium.open({ at });
  const dialog = page.getByRole("dialog", { name: beneath, includeHidden: true });
  const button = dialog.getByRole("button", { name, includeHidden: true });
  const named = (key: string) => page.evaluate((key) => new URLSearchParams(location.hash.split("?")[1]).get(key), key);
  for (const key of ["Escape", "Alt+ArrowLeft"]) {
    await button.click();
    const reading = page.getByRole("dialog", { name });
    await reading
      .locator(":focus")
      .or(reading.and(page.locator(":focus")))
      .waitFor();
    expect(await named("over")).toBe(over);
    expect(await dialog.count(), "it stays beneath").toBe(1);
    await page.keyboard.press(key);
    await reading.waitFor({ state: "detached" });
    await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await named("dialog")).toBe(over);
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.close();
});

it("shows the licences alike wherever they are led to, as large as what else is read", async () => {
  const page = await chromium.open({ at: "/prompts" });
  await page.getByRole("heading", { name: "Prompts", exact: true }).waitFor();
  const widths = new Set<number | undefined>();
  for (const name of ["diagnostics", "licences", "news"]) {
    await page.evaluate((name) => {
      location.hash = `/prompts?dialog=${name}`;
    }, name);
    const dialog = page.getByRole("dialog", {
      name: { diagnostics: "Diagnostics", licences: "Licences" }[name] ?? "What is new",
    });
    await dialog.waitFor();
    widths.add((await dialog.boundingBox())?.width);
    await picture(page, `reading-${name}`);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }
  expect([...widths]).toEqual([920]);
  await page.close();
});

it("lights the part that is chosen while the settings are still read, and begins there", async () => {
  const page = await chromium.open({ at: "/prompts" });
  await page.getByRole("heading", { name: "Prompts", exact: true }).waitFor();
  await page.evaluate(() => {
    const { commands } = window.fake;
    const { listContacts } = commands;
    commands.listContacts = async () => {
      await new Promise((read) => document.addEventListener("read", read, { once: true }));
      return listContacts();
    };
    location.hash = "/prompts?dialog=settings";
  });
  const parts = page.getByRole("navigation", { name: "Sections" }).getByRole("button");
  await parts.filter({ hasText: "Data" }).click();
  await expect.poll(async () => (await settingsAt(page)).lit).toEqual(["Data"]);
  await page.evaluate(() => document.dispatchEvent(new Event("read")));
  await page.getByText("Requests at once").waitFor();
  await expect.poll(() => settingsAt(page)).toEqual({ lit: ["Data"], top: "Data", address: "data" });
  await page.close();
});

it("goes back to what had the keyboard before the settings", async () => {
  const page = await chromium.open({ at: "/prompts" });
  const opener = page.getByRole("button", { name: "Settings", exact: true });
  await opener.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Settings" });
  await dialog.getByText("Requests at once").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await opener.and(page.locator(":focus")).waitFor();
  await page.close();
});
