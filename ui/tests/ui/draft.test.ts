/** A draft: what is said of one that is new, and of one that did not change. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, DESKTOP, launch, picture, SMALL } from "./browser";
import { layoutProblems } from "./layout";

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

it("asks of a new prompt what is to be done, and finds fault once something was", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-new" });
  const lacks = page.getByRole("listitem").filter({ hasText: "Choose a model." });
  const color = () => lacks.evaluate((element) => getComputedStyle(element).color);
  await lacks.waitFor();
  const calm = await color();
  await page.getByRole("textbox", { name: "User message" }).pressSequentially("Sort it: ");
  await expect.poll(color, { message: "in the color of a mistake" }).not.toBe(calm);
  await page.close();
});

it.each([
  ["prompt-contracts", "running", 'Cannot run. The tasks of this project have no "remarks".'],
  ["prompt-new", "lived", "Cannot run. Choose a model."],
] as const)("says beside the run why it waits, and moves nothing by it: %s", async (id, scene, reason) => {
  for (const size of [DESKTOP, SMALL]) {
    const page = await chromium.open({ at: `/prompts/${id}`, scene, size, theme: "system" });
    const button = page.getByRole("button", { name: /^(Run|Evaluate) \d/ });
    await expect.poll(() => button.getAttribute("aria-describedby")).not.toBe(null);
    const said = page.locator(`[id="${await button.getAttribute("aria-describedby")}"]`);
    expect(await said.textContent()).toBe(reason);
    if (size === DESKTOP) expect(await said.isVisible()).toBe(true);
    const middles = await page
      .getByRole("button", { name: /^(Run|Evaluate) \d|^Parameters|^Save$/ })
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ top, height }) => top + height / 2));
    expect(new Set(middles).size, "in one line").toBe(1);
    expect(await layoutProblems(page)).toEqual([]);
    await picture(page, `unrunnable-${id}-${size.width}`);
    await page.close();
  }
});

it("saves no version of what did not change", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample" });
  const save = page.getByRole("button", { name: "Save", exact: true });
  await expect.poll(() => save.getAttribute("aria-disabled")).toBe("true");
  await page.keyboard.press("Control+s");
  await page.getByText("Nothing changed since version 2").first().waitFor();
  expect(await page.getByRole("dialog", { name: "Save as a version" }).count()).toBe(0);
  await page.getByRole("textbox", { name: "User message" }).pressSequentially("Please. ");
  await expect.poll(() => save.getAttribute("aria-disabled")).not.toBe("true");
  await page.close();
});
