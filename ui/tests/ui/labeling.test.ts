/** Labeling by hand: the screen, and labeling without a mouse. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch, SMALL } from "./browser";
import { checkScreens } from "./checkScreens";

const label = (project: string, task: number) => `/projects/${project}/label?task=${task}`;
const group = (name: string) => (page: Page) => page.getByRole("region", { name }).waitFor();

checkScreens([
  { name: "label", at: label("project-sample", 2), ready: group("Choices topic") },
  { name: "label-new", at: label("project-sample", 90), ready: (page) => page.getByText("A new annotation").waitFor() },
  { name: "label-small", size: SMALL, at: label("project-sample", 2), ready: group("Choices topic") },
  {
    name: "label-spans",
    at: label("project-contracts", 3),
    ready: (page) =>
      page
        .getByRole("list", { name: /^Marks of/ })
        .first()
        .waitFor(),
  },
  { name: "label-rtl", at: label("project-arabic", 2), ready: group("Rating stars") },
  {
    name: "label-many",
    scene: "unruly",
    at: label("project-word", 3),
    ready: async (page) => {
      const field = page.getByRole("combobox", { name: "Filter classes of topic" });
      await field.fill("0777");
      await field.press("Enter");
      await field.fill("top 01");
      await field.press("ArrowDown");
    },
  },
  {
    name: "label-boxes",
    at: label("project-traffic", 5),
    ready: async (page) => {
      await page
        .getByRole("button", { name: /^Car, at/ })
        .first()
        .focus();
    },
  },
  {
    name: "label-unusable",
    at: label("project-traffic", 3),
    ready: (page) => page.getByText("There is no such file").waitFor(),
  },
  {
    name: "label-nowhere",
    at: label("project-sample", 9_999),
    ready: (page) => page.getByText("There is no such task").waitFor(),
  },
]);

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

it("labels ten tasks by keyboard alone, and takes an edit back", async () => {
  const page = await chromium.open({ at: label("project-sample", 101) });
  for (let task = 101; task <= 110; task += 1) {
    await page.getByRole("heading", { name: `Task ${task}` }).waitFor();
    await page.getByText("A new annotation").waitFor();
    await page.keyboard.press("1");
    await expect.poll(() => page.locator("[aria-checked=true]").count()).toBe(1);
    await page.keyboard.press("2");
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Control+Enter");
  }
  await page.getByRole("heading", { name: "Task 111" }).waitFor();
  await page.keyboard.press("Control+Shift+[");
  await page.getByRole("heading", { name: "Task 110" }).waitFor();
  await page.getByText("Ground truth", { exact: true }).first().waitFor();
  expect(await page.locator("[aria-checked=true]").allTextContents()).toEqual([expect.stringMatching(/^Billing/)]);
  await page.close();
});

it.each(["", "?tab=labels"])("begins at the first task without an annotation, from a project%s", async (tab) => {
  const page = await chromium.open({ at: `/projects/project-sample${tab}` });
  await page.getByRole("button", { name: "Label tasks" }).click();
  await page.getByText("A new annotation").waitFor();
  await page.getByRole("heading", { name: "Task 61" }).waitFor();
  await page.close();
});

it("keeps no annotation of which everything was taken back", async () => {
  const page = await chromium.open({ at: label("project-sample", 101), clock: "running" });
  const fresh = page.getByText("A new annotation");
  await fresh.waitFor();
  await page.keyboard.press("1");
  await fresh.waitFor({ state: "detached" });
  await page.keyboard.press("Control+z");
  await fresh.waitFor();
  expect(await page.getByRole("button", { name: /^Delete the annotation/ }).count()).toBe(0);
  await page.keyboard.press("Control+Shift+z");
  await fresh.waitFor({ state: "detached" });
  await page.close();
});

it("goes through the answers of a single choice by the arrow keys, and moves none of them", async () => {
  const page = await chromium.open({ at: label("project-sample", 101) });
  const radios = page.getByRole("radiogroup", { name: "topic" }).getByRole("radio");
  await page.getByText("A new annotation").waitFor();
  await page.evaluate(() => document.fonts.ready);
  const places = () => radios.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().left));
  const before = await places();
  const chosen = () => radios.evaluateAll((all) => all.findIndex((one) => one.ariaChecked === "true"));
  await radios.first().focus();
  const count = await radios.count();
  for (const [key, at] of [
    ["ArrowRight", 1],
    ["ArrowLeft", 0],
    ["ArrowUp", count - 1],
    ["Enter", count - 1],
    ["ArrowDown", 0],
  ] as const) {
    await page.keyboard.press(key);
    await expect.poll(chosen, { message: key }).toBe(at);
    expect(
      await radios.evaluateAll((all) =>
        all.filter((one) => one.tabIndex === 0).map((one) => one === document.activeElement),
      ),
    ).toEqual([true]);
    expect(await places()).toEqual(before);
  }
  await radios.first().click();
  expect(await chosen(), "an answer that is required stays").toBe(0);
  await page.close();
});

it("answers its keys once a dialog that was opened by key is closed, whatever refuses there", async () => {
  const page = await chromium.open({ at: label("project-sample", 101), clock: "running" });
  await page.getByText("A new annotation").waitFor();
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await dialog.waitFor();
  const listed = await dialog.locator("dl > div").allTextContents();
  const keys = [/^Undo.*Ctrl Z$/, /^Redo.*Ctrl Shift Z$/, /^Choose a class.*1–9$/, /^Projects.*Ctrl 2$/];
  for (const one of keys) expect(listed).toContainEqual(expect.stringMatching(one));
  expect(listed, "there is no text to mark").not.toContainEqual(expect.stringMatching(/^Mark the selection/));
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("main");
  // Where somebody goes to it by Tab all the same.
  await page.getByRole("button", { name: "Undo", exact: true }).focus();
  await page.keyboard.press("1");
  await expect.poll(() => page.locator("[aria-checked=true]").count()).toBe(1);
  await page.close();
});

it("lists the keys for marking a text", async () => {
  const page = await chromium.open({ at: label("project-contracts", 3) });
  await page
    .getByRole("list", { name: /^Marks of/ })
    .first()
    .waitFor();
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  for (const words of ["Select text", "Mark the selection", "Next mark", "Remove the mark"]) {
    await dialog.getByText(words, { exact: true }).waitFor();
  }
  await page.close();
});

it("moves nothing that is read by a mark, and gives a long text the room that there is", async () => {
  const page = await chromium.open({ at: label("project-contracts", 80) });
  const text = page.getByRole("textbox", { name: /Arrow keys move/ });
  const marks = page.getByRole("list", { name: /^Marks of/ });
  await text.waitFor();
  await page.evaluate(() => document.fonts.ready);
  const before = await text.boundingBox();
  const shown = await text.evaluate((one) => one.parentElement?.clientHeight ?? 0);
  expect(shown, "a short one has no more than it needs").toBeLessThan((before?.height ?? 0) + 40);
  while ((await marks.count()) > 0)
    await marks
      .getByRole("button", { name: /^Remove/ })
      .first()
      .click();
  expect((await text.boundingBox())?.y).toBe(before?.y);
  await text.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Control+Shift+ArrowRight");
  await page.keyboard.press("1");
  await marks.waitFor();
  expect((await text.boundingBox())?.y).toBe(before?.y);
  await page.setViewportSize({ width: 1280, height: 1600 });
  await text.evaluate((one) => one.append("A long text. ".repeat(5_000)));
  expect(await text.evaluate((one) => one.parentElement?.clientHeight), "more than its least").toBeGreaterThan(800);
  const task = page.getByRole("region", { name: "The task" });
  expect(await task.evaluate((one) => one.scrollHeight - one.clientHeight), "all else is in sight").toBe(0);
  await page.close();
});

it("marks words with the keys", async () => {
  const page = await chromium.open({ at: label("project-contracts", 80) });
  const text = page.getByRole("textbox", { name: /Arrow keys move/ });
  await text.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Control+Shift+ArrowRight");
  await page.getByText("Press a label's key").waitFor();
  await page.keyboard.press("1");
  const marks = page.getByRole("list", { name: /^Marks of/ });
  await marks.waitFor();
  const count = () => marks.getByRole("listitem").count();
  const before = await count();
  const last = marks.getByRole("listitem").last();
  expect(await last.textContent()).toMatch(/^Party/);
  await last.getByRole("button").first().focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("2");
  await expect.poll(() => last.textContent()).toMatch(/^Signatory/);
  await page.keyboard.press("Delete");
  await expect.poll(count).toBe(before - 1);
  await page.keyboard.press("Control+z");
  await expect.poll(count).toBe(before);
  await page.close();
});

it("draws, moves and resizes a box with the keys, and takes it back", async () => {
  const page = await chromium.open({ at: label("project-traffic", 80) });
  await page.getByRole("button", { name: "Add a box" }).focus();
  await page.keyboard.press("2");
  await page.keyboard.press("Enter");
  const box = page.getByRole("group", { name: "Boxes on image" }).getByRole("button");
  await expect.poll(() => box.getAttribute("aria-label")).toBe("Person, at 40\u202f%, 40\u202f%, 20 by 20\u202f%");
  await box.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Control+ArrowRight");
  await expect.poll(() => box.getAttribute("aria-label")).toBe("Person, at 41\u202f%, 45\u202f%, 21 by 20\u202f%");
  await page.keyboard.press("1");
  await expect.poll(() => box.getAttribute("aria-label")).toMatch(/^Car, /);
  await page.keyboard.press("Delete");
  await expect.poll(() => box.count()).toBe(0);
  await page.keyboard.press("Control+z");
  await expect.poll(() => box.count()).toBe(1);
  await page.close();
});

it("draws a box with the mouse, and asks for its label", async () => {
  const page = await chromium.open({ at: label("project-traffic", 80) });
  const surface = page.getByRole("group", { name: "Boxes on image" });
  const frame = await surface.boundingBox();
  if (frame === null) throw new Error("the picture is there");
  await page.mouse.move(frame.x + frame.width * 0.1, frame.y + frame.height * 0.2);
  await page.mouse.down();
  await page.mouse.move(frame.x + frame.width * 0.3, frame.y + frame.height * 0.6, { steps: 4 });
  await page.mouse.up();
  await page.getByText("to keep the box").waitFor();
  await page.keyboard.press("1");
  const box = surface.getByRole("button");
  await expect.poll(() => box.getAttribute("aria-label")).toBe("Car, at 10\u202f%, 20\u202f%, 20 by 40\u202f%");
  await page.close();
});

it("puts items in order with the keys", async () => {
  const page = await chromium.open({ at: label("project-traffic", 80) });
  const ranked = page.getByRole("region", { name: "Ranker order" });
  await ranked.getByRole("button", { name: "Keep this order" }).click();
  await ranked.getByText("Not ranked yet").waitFor({ state: "detached" });
  await ranked.locator("[data-item=c]").focus();
  await page.keyboard.press("Alt+ArrowUp");
  await page.keyboard.press("Alt+ArrowUp");
  await expect
    .poll(() =>
      ranked.locator("[data-item]").evaluateAll((items) => items.map((item) => item.getAttribute("data-item"))),
    )
    .toEqual(["c", "a", "b"]);
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-item"))).toBe("c");
  await page.close();
});

it("finds a class among a thousand by its name, and leaves hotkeys to the others", async () => {
  const page = await chromium.open({ scene: "unruly", at: label("project-word", 3) });
  const field = page.getByRole("combobox", { name: "Filter classes of topic" });
  await field.waitFor();
  await page.keyboard.press("Control+f");
  await expect.poll(() => field.evaluate((one) => one === document.activeElement)).toBe(true);
  await page.keyboard.type("topic 0999");
  await page.getByRole("option", { name: "Topic 0999" }).waitFor();
  await page.keyboard.press("Enter");
  const chosen = page.locator("[aria-pressed=true], [aria-selected=true]");
  await expect.poll(() => chosen.allTextContents()).toEqual(["Topic 0999"]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("1");
  await expect.poll(() => chosen.allTextContents()).toEqual([expect.stringMatching(/^Topic 0001/)]);
  await page.close();
});

it("saves an annotation without a mark only when that is asked for twice", async () => {
  const page = await chromium.open({ at: label("project-contracts", 9_000) });
  const text = page.getByRole("textbox", { name: /Arrow keys move/ });
  await page.getByText("A new annotation").waitFor();
  const marks = page.getByRole("list", { name: /^Marks of/ });
  const saved = page.getByRole("button", { name: "Delete the annotation of ann" });
  await page.keyboard.press("Control+Enter");
  const ask = page.getByText("Nothing is marked. Submit again to save it as empty.");
  await ask.waitFor();
  await page.getByRole("heading", { name: "Task 9,000" }).waitFor();
  expect(await saved.count(), "nothing is kept").toBe(0);
  await text.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Control+Shift+ArrowRight");
  await page.keyboard.press("1");
  await marks.waitFor();
  await expect.poll(() => ask.count(), { message: "something is marked now" }).toBe(0);
  await page.keyboard.press("Control+z");
  await expect.poll(() => marks.count()).toBe(0);
  await page.getByRole("button", { name: "Save as empty" }).click();
  await page.getByRole("heading", { name: "Task 9,001" }).waitFor();
  await page.close();
});

it("asks about a ground truth that was emptied also after that was kept by itself", async () => {
  const page = await chromium.open({ at: label("project-contracts", 3) });
  const marks = page.getByRole("list", { name: /^Marks of/ });
  await page.getByText("Ground truth").first().waitFor();
  await page.evaluate(() => {
    const { commands } = window.fake;
    const { saveAnnotation } = commands;
    commands.saveAnnotation = (...edit) => {
      document.body.dataset.kept = "true";
      return saveAnnotation(...edit);
    };
  });
  await expect.poll(() => marks.count()).toBeGreaterThan(0);
  const remove = marks.getByRole("button", { name: /^Remove/ });
  while ((await remove.count()) > 0) await remove.first().click();
  await page.clock.runFor(2_000);
  await page.locator("body[data-kept]").waitFor();
  await page.keyboard.press("Control+Enter");
  await page.getByText("Nothing is marked. Submit again to save it as empty.").waitFor();
  await page.keyboard.press("Control+Enter");
  await page.getByRole("heading", { name: "Task 4" }).waitFor();
  // It says nothing on purpose now.
  await page.getByRole("button", { name: "Previous task" }).click();
  await page.getByRole("heading", { name: "Task 3" }).waitFor();
  await page.keyboard.press("Control+Enter");
  await page.getByRole("heading", { name: "Task 4" }).waitFor();
  await page.close();
});

it("asks about a ground truth that was emptied also after its task was left", async () => {
  const page = await chromium.open({ at: label("project-contracts", 3) });
  const marks = page.getByRole("list", { name: /^Marks of/ });
  const truth = page.getByRole("main").getByText("Ground truth", { exact: true });
  await truth.first().waitFor();
  const remove = marks.getByRole("button", { name: /^Remove/ });
  await remove.first().waitFor();
  while ((await remove.count()) > 0) await remove.first().click();
  await page.getByRole("button", { name: "Next task" }).click();
  await page.getByRole("heading", { name: "Task 4" }).waitFor();
  await page.getByRole("button", { name: "Previous task" }).click();
  await page.getByRole("heading", { name: "Task 3" }).waitFor();
  await page.getByRole("button", { name: "Mark as ground truth" }).waitFor();
  expect(await truth.count(), "nobody asked for ground truth that says nothing").toBe(0);
  await page.keyboard.press("Control+Enter");
  await page.getByText("Nothing is marked. Submit again to save it as empty.").waitFor();
  await page.close();
});

it("asks for what is still to be answered, in the words of the config where it has some", async () => {
  const page = await chromium.open({ at: "/projects" });
  await page.evaluate(
    (hash) => {
      const { outline } = window.fake.world.projects.find(({ summary }) => summary.id === "project-sample") ?? {};
      const topic = outline?.nodes.find(({ name }) => name === "topic");
      if (outline === undefined || topic === undefined) throw new Error("it is in the sample");
      outline.nodes.push({ ...topic, name: "tone", required_message: "How does it sound?" });
      location.hash = hash;
    },
    label("project-sample", 90),
  );
  await page.getByText("A new annotation").waitFor();
  await page.keyboard.press("Control+Enter");
  const told = page.getByRole("alert").filter({ hasText: "Something is still to be answered" });
  await told.getByText("How does it sound?", { exact: true }).waitFor();
  await told.getByText("“topic” must have an answer.").waitFor();
  await page.close();
});

it("says that the last task was saved", async () => {
  const page = await chromium.open({ at: label("project-sample", 200) });
  await page.getByRole("region", { name: "Choices topic" }).waitFor();
  await page.keyboard.press("1");
  await page.keyboard.press("Control+Enter");
  await page.getByText("Saved. That was the last task.").waitFor();
  await page.close();
});

it("says what was answered, and keeps to one edge", async () => {
  const page = await chromium.open({ at: label("project-sample", 2) });
  const card = page.getByRole("complementary", { name: "Annotations" }).getByRole("listitem").first();
  await card.waitFor();
  const chosen = (await page.locator("[aria-checked=true]").first().textContent()) ?? "";
  expect(chosen).toContain((await card.locator(".truncate").nth(1).textContent()) ?? "none");
  const right = (one: typeof card) => one.evaluate((element) => element.getBoundingClientRect().right);
  expect(await right(card)).toBe(await right(page.getByRole("button", { name: "Submit and go on" })));
  const task = page.getByRole("region", { name: "The task" });
  expect(
    await task.evaluate((one) => getComputedStyle(one).scrollbarGutter),
    "the task does not jump with what is below it",
  ).toBe("stable");
  await page.close();
});
