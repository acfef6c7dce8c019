/** Labels of versions, dragged with the mouse from one version to another. */
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch } from "./browser";

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

const versions = (page: Page) => page.getByRole("grid", { name: "Versions" });
const row = (page: Page, number: number) =>
  versions(page)
    .getByRole("row")
    .filter({ has: page.getByText(`v${number}`, { exact: true }) });
const chip = (place: Locator, label: string) => place.getByText(label, { exact: true });
/** What follows the pointer. */
const ghost = (page: Page) => page.locator("body > [aria-hidden]", { hasText: /^(production|staging)$/ });

/** The sample's versions, with `more` older ones; and the calls that move a label, as they come. */
async function openVersions(more = 0): Promise<{ page: Page; moves: () => Promise<[string, string][]> }> {
  const page = await chromium.open({ at: "/prompts", clock: "running" });
  await page.getByRole("link", { name: "Sort support tickets" }).waitFor();
  await page.evaluate((more) => {
    const calls: [string, string][] = [];
    const { commands, world } = window.fake;
    const { moveLabel } = commands;
    Object.assign(window, { calls });
    commands.moveLabel = (versionId, name) => {
      calls.push([versionId, name]);
      return moveLabel(versionId, name);
    };
    const versions = world.prompts.find(({ id }) => id === "prompt-sample")?.versions ?? [];
    const [oldest] = versions.slice(-1);
    if (oldest !== undefined) for (const version of versions) version.number += more;
    for (let number = more; number > 0; number -= 1)
      if (oldest !== undefined) versions.push({ ...oldest, id: `version-${number}`, number, message: `Try ${number}` });
    location.hash = "/prompts/prompt-sample?tab=versions";
  }, more);
  await chip(versions(page), "production").waitFor();
  return { page, moves: () => page.evaluate(() => (window as unknown as { calls: [string, string][] }).calls) };
}

async function middle(place: Locator): Promise<[number, number]> {
  const box = await place.boundingBox();
  if (box === null) throw new Error("it is not in sight");
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** Takes hold of something, and moves it over something else. */
async function hold(page: Page, what: Locator, over: Locator): Promise<void> {
  await page.mouse.move(...(await middle(what)));
  await page.mouse.down();
  await page.mouse.move(...(await middle(over)), { steps: 5 });
}

const address = (page: Page) => page.evaluate(() => decodeURIComponent(location.hash));

it("moves a label from one row to another, and back", async () => {
  const { page, moves } = await openVersions();
  const before = await address(page);
  await hold(page, chip(row(page, 1), "production"), row(page, 2));
  await ghost(page).waitFor();
  await page.mouse.up();
  await chip(row(page, 2), "production").waitFor();
  expect(await chip(row(page, 1), "production").count()).toBe(0);
  expect(await ghost(page).count()).toBe(0);
  expect(await moves()).toEqual([["version-sample-2", "production"]]);
  expect(await address(page), "letting go opens no row").toBe(before);
  await page.getByRole("button", { name: "Undo" }).click();
  await chip(row(page, 1), "production").waitFor();
  expect(await moves()).toEqual([
    ["version-sample-2", "production"],
    ["version-sample-1", "production"],
  ]);
  await page.close();
});

it("moves a label from the header of the open version", async () => {
  const { page, moves } = await openVersions();
  await hold(page, chip(page.getByRole("region", { name: "Version 2" }), "staging"), row(page, 1));
  await page.mouse.up();
  await chip(row(page, 1), "staging").waitFor();
  expect(await moves()).toEqual([["version-sample-1", "staging"]]);
  expect(await page.evaluate(() => getSelection()?.toString())).toBe("");
  await page.close();
});

it("lets the label be when Escape is pressed midway, and wherever it cannot go", async () => {
  const { page, moves } = await openVersions();
  const before = await address(page);
  await hold(page, chip(row(page, 1), "production"), row(page, 2));
  await ghost(page).waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(() => ghost(page).count()).toBe(0);
  await page.mouse.move(...(await middle(row(page, 2))));
  await page.mouse.up();
  for (const place of [row(page, 1), page.getByRole("region", { name: "Version 2" })]) {
    await hold(page, chip(row(page, 1), "production"), place);
    await ghost(page).waitFor();
    await page.mouse.up();
    await expect.poll(() => ghost(page).count()).toBe(0);
  }
  expect(await moves()).toEqual([]);
  expect(await address(page)).toBe(before);
  await page.close();
});

it("opens the row when a label is only clicked", async () => {
  const { page, moves } = await openVersions();
  const [x, y] = await middle(chip(row(page, 1), "production"));
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 2, y + 2);
  expect(await ghost(page).count()).toBe(0);
  await page.mouse.up();
  await page.getByRole("region", { name: "Version 1" }).waitFor();
  expect(await moves()).toEqual([]);
  await page.close();
});

it("scrolls at the edge to a version that was out of sight, as far as it is held there", async () => {
  const { page, moves } = await openVersions(60);
  const box = await versions(page).boundingBox();
  if (box === null) throw new Error("the table is not in sight");
  await page.mouse.move(...(await middle(chip(row(page, 62), "staging"))));
  await page.mouse.down();
  await page.mouse.move(box.x + 100, box.y + box.height - 2, { steps: 5 });
  await row(page, 1).waitFor();
  await expect
    .poll(() => versions(page).evaluate((table) => table.scrollHeight - table.clientHeight - table.scrollTop))
    .toBeLessThan(1);
  expect(await row(page, 62).count(), "the row that it came from is gone").toBe(0);
  await page.mouse.move(...(await middle(row(page, 4))), { steps: 3 });
  await page.mouse.up();
  await chip(row(page, 4), "staging").waitFor();
  expect(await moves()).toEqual([["version-4", "staging"]]);
  await page.close();
});

it("says why a label was not moved", async () => {
  const { page } = await openVersions();
  await page.evaluate(() => {
    window.fake.commands.moveLabel = async () => ({
      status: "error",
      error: { code: "internal", message: "the disk is full", field: null },
    });
  });
  await hold(page, chip(row(page, 1), "production"), row(page, 2));
  await page.mouse.up();
  await page.getByText("The label was not moved").first().waitFor();
  await page.getByText("The disk is full").first().waitFor();
  expect(await chip(row(page, 1), "production").count()).toBe(1);
  await page.close();
});

it("offers the labels of no version while another is on its way", async () => {
  const { page } = await openVersions(2);
  // Compared with the second, which leaves the first to be read.
  await row(page, 3).click();
  await page.getByRole("heading", { name: /^Version 3:/ }).waitFor();
  await page.evaluate(() => {
    const { commands } = window.fake;
    const { getVersion } = commands;
    commands.getVersion = async (id) => {
      while (document.body.dataset.late !== "come") await new Promise((resolve) => setTimeout(resolve, 20));
      return getVersion(id);
    };
  });
  const offered = async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search commands, prompts and projects" }).fill("version");
    await page.getByRole("option", { name: /^Show the versions/ }).waitFor();
    const count = await page.getByRole("option", { name: "Labels of the version" }).count();
    await page.keyboard.press("Escape");
    return count;
  };
  await row(page, 1).click();
  expect(await offered()).toBe(0);
  await page.evaluate(() => {
    document.body.dataset.late = "come";
  });
  await page.getByRole("heading", { name: /^Version 1:/ }).waitFor();
  expect(await offered()).toBe(1);
  await page.close();
});
