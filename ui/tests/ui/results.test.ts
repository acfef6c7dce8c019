/** What a person does with results and versions, in a real browser: the parts that layout and focus decide. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch, WIDE } from "./browser";

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

const sample = "/prompts/prompt-sample";
const grid = (page: Page, name = "Results") => page.getByRole("grid", { name });
const address = (page: Page) => page.evaluate(() => decodeURIComponent(location.hash));

it("opens a result by keyboard, steps on, and goes back to the row that was reached", async () => {
  const page = await chromium.open({ at: sample });
  await grid(page).getByRole("row").nth(1).focus();
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("complementary", { name: "Result" });
  await drawer.getByRole("heading", { name: "Task 1", exact: true }).waitFor();
  expect(await drawer.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  for (let step = 2; step <= 12; step++) {
    await page.keyboard.press("j");
    await drawer.getByRole("heading", { name: `Task ${step}`, exact: true }).waitFor();
  }
  await page.keyboard.press("k");
  await drawer.getByRole("heading", { name: "Task 11", exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  // Where the table becomes lower first, its row may only now come into being.
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"))).toBe("12");
  const below = async () => {
    const [row, table] = await Promise.all([
      grid(page).locator("[aria-rowindex='12']").boundingBox(),
      grid(page).boundingBox(),
    ]);
    return (row?.y ?? 0) + (row?.height ?? 0) - (table?.y ?? 0) - (table?.height ?? 0);
  };
  await expect.poll(below, { message: "the row is in sight" }).toBeLessThanOrEqual(1);
  await page.close();
});

it("keeps filter, search and sorting in the address, and begins each of them at the top", async () => {
  const page = await chromium.open({ at: sample });
  await grid(page).getByRole("row").nth(1).focus();
  await page.keyboard.press("End");
  await expect.poll(() => grid(page).evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: /^Correct/ }).click();
  await expect.poll(() => grid(page).evaluate((element) => element.scrollTop)).toBe(0);
  await page.getByRole("button", { name: "Score", exact: true }).click();
  await page.getByRole("searchbox", { name: "Search in the data" }).fill("parcel");
  await expect.poll(() => address(page)).toContain("q=parcel");
  expect(await address(page)).toContain("filter=correct");
  expect(await address(page)).toContain("sort=score_ascending");
  await page.reload();
  await page.getByRole("radio", { name: /^Correct/, checked: true }).waitFor();
  expect(await page.getByRole("searchbox", { name: "Search in the data" }).inputValue()).toBe("parcel");
  await page.close();
});

const columns = (page: Page) =>
  grid(page)
    .getByRole("columnheader")
    .evaluateAll((heads) => heads.map((head) => head.textContent ?? ""));
const widthOf = async (page: Page, name: string) =>
  (await grid(page).getByRole("columnheader", { name }).boundingBox())?.width ?? 0;

it("arranges columns by keyboard, remembers them for the project, and has them as made again", async () => {
  const page = await chromium.open({ at: sample });
  // What columns there are, the project tells, which comes apart from the rows.
  const areThere = () => grid(page).getByRole("columnheader", { name: "Prediction" }).waitFor();
  await areThere();
  const made = await columns(page);
  const menu = page.getByRole("button", { name: "Columns" });
  await menu.focus();
  await page.keyboard.press("Enter");
  const box = (name: RegExp) => page.getByRole("dialog", { name: "Columns" }).getByRole("checkbox", { name });
  await box(/^Tokens in/).focus();
  await page.keyboard.press("Space");
  for (let place = 0; place < 12; place += 1) await page.keyboard.press("Alt+ArrowUp");
  await expect.poll(() => columns(page)).toEqual(["#", "Tokens in", ...made.slice(1)]);
  const before = await widthOf(page, "Tokens in");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => widthOf(page, "Tokens in")).toBe(before + 32);
  await page.keyboard.press("Escape");
  await grid(page).getByRole("button", { name: "Score" }).click();
  await expect.poll(() => address(page)).toContain("sort=score_ascending");
  await menu.click();
  await box(/^Outcome/).click();
  expect(await address(page)).toContain("sort=score_ascending");
  await box(/^Score/).click();
  await expect.poll(() => address(page), { message: "no head would tell of the order" }).not.toContain("sort=");
  await box(/^Score/).click();
  await page.keyboard.press("Escape");
  await page.reload();
  await areThere();
  expect(await columns(page)).toEqual(["#", "Tokens in", ...made.slice(1).filter((name) => name !== "Outcome")]);
  expect(await widthOf(page, "Tokens in")).toBe(before + 32);
  await menu.click();
  await page.getByRole("button", { name: "Reset" }).click();
  await expect.poll(() => columns(page)).toEqual(made);
  await page.close();
});

it("takes a column to another place in the menu by dragging it", async () => {
  const page = await chromium.open({ at: sample, clock: "running" });
  await page.getByRole("button", { name: "Columns" }).click();
  const item = (id: string) => page.locator(`[data-column='${id}']`);
  const [from, to] = await Promise.all([item("truth").boundingBox(), item("prediction").boundingBox()]);
  if (from === null || to === null) throw new Error("both are in sight");
  await page.mouse.move(from.x + 12, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + 12, to.y + to.height / 2 + 4, { steps: 4 });
  await page.mouse.move(from.x + 12, to.y + to.height / 2);
  await page.waitForTimeout(100);
  await page.mouse.up();
  await expect
    .poll(async () => (await columns(page)).indexOf("Ground truth"))
    .toBeLessThan((await columns(page)).indexOf("Prediction"));
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

it("gives a column its width by the edge of its head, and what fits by two clicks", async () => {
  const page = await chromium.open({ at: sample });
  await grid(page).getByRole("row").nth(1).waitFor();
  const edge = grid(page).getByRole("columnheader", { name: "Prediction" }).locator("[data-resizes]");
  const before = await widthOf(page, "Prediction");
  const pull = async (by: number) => {
    const box = await edge.boundingBox();
    if (box === null) throw new Error("the edge is in sight");
    await page.mouse.move(box.x + 4, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 4 + by, box.y + 10, { steps: 3 });
  };
  await pull(120);
  await page.mouse.up();
  await expect.poll(() => widthOf(page, "Prediction")).toBeCloseTo(before + 120, 0);
  const wide = await widthOf(page, "Prediction");
  await pull(60);
  await expect.poll(() => widthOf(page, "Prediction")).toBeGreaterThan(wide);
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await expect.poll(() => widthOf(page, "Prediction"), { message: "Escape gives it back" }).toBe(wide);
  await edge.dblclick();
  await expect.poll(() => widthOf(page, "Prediction")).toBeLessThan(wide);
  const cut = await grid(page)
    .locator("[role=row] > :nth-child(4)")
    .evaluateAll((cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length);
  expect(cut, "nothing of it is cut off").toBe(0);
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

it("keeps number and data in sight while other columns are scrolled", async () => {
  const page = await chromium.open({ at: sample });
  await grid(page).getByRole("row").nth(1).waitFor();
  await page.getByRole("button", { name: "Columns" }).click();
  for (const name of [/^Confidence/, /^Tokens in/, /^Tokens out/, /^Cost/])
    await page.getByRole("dialog", { name: "Columns" }).getByRole("checkbox", { name }).click();
  await page.keyboard.press("Escape");
  const left = async (name: string) => {
    const box = await grid(page).getByRole("columnheader", { name, exact: true }).boundingBox();
    return box?.x;
  };
  const places = [await left("#"), await left("text")];
  await grid(page).evaluate((table) => {
    table.scrollLeft = table.scrollWidth;
  });
  expect([await left("#"), await left("text")]).toEqual(places);
  const seen = await grid(page)
    .locator("[aria-rowindex='2'] > :nth-child(2)")
    .evaluate((cell) => {
      const { left, top, bottom } = cell.getBoundingClientRect();
      return [top + 2, bottom - 2].every((y) => cell.contains(document.elementFromPoint(left + 20, y)));
    });
  expect(seen, "nothing shows over it").toBe(true);
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

it("copies the cells of a row for a spreadsheet", async () => {
  const page = await chromium.open({ at: sample });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await grid(page).getByRole("row").nth(2).focus();
  await page.keyboard.press("Control+c");
  await page.getByText("The cells of row 2 are copied").waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  expect(text.split("\t").slice(0, 2)).toEqual(["2", expect.stringContaining("Just wanted to say")]);
  expect(text.split("\t")).toContain("Correct");
  await page.close();
});

const drawer = (page: Page) => page.getByRole("complementary", { name: "Result" });

it("accepts and rejects by key, shows what was decided, and takes it back", async () => {
  const page = await chromium.open({ at: `${sample}?filter=wrong` });
  await grid(page).getByRole("row").nth(1).focus();
  await page.keyboard.press("Enter");
  // What is not read yet cannot be decided about.
  await drawer(page).getByRole("heading", { name: /^Task/ }).waitFor();
  await page.keyboard.press("x");
  await drawer(page).getByText("Rejected", { exact: true }).waitFor();
  await grid(page).getByRole("row").nth(1).getByText("Rejected").waitFor();
  await page.keyboard.press("z");
  await expect.poll(() => page.getByText("Rejected", { exact: true }).count()).toBe(0);
  await page.keyboard.press("a");
  await grid(page).getByRole("row").nth(1).getByText("Accepted").waitFor();
  await drawer(page).getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => page.getByText("Accepted", { exact: true }).count()).toBe(0);
  await page.close();
});

it("goes on to the next of those that need a review, and tells of the one that left", async () => {
  const page = await chromium.open({ at: `${sample}?filter=needs_review`, scene: "reviewed" });
  await grid(page).getByRole("row").nth(1).focus();
  await page.keyboard.press("Enter");
  const heading = drawer(page).getByRole("heading", { level: 2 });
  await heading.filter({ hasText: "Task" }).waitFor();
  const first = await heading.textContent();
  await page.keyboard.press("j");
  // "Result" until the next is read.
  await expect.poll(() => heading.textContent()).not.toBeOneOf([first, "Result"]);
  const second = await heading.textContent();
  await page.keyboard.press("x");
  await expect.poll(() => heading.textContent()).not.toBeOneOf([second, "Result"]);
  await page.getByText("Rejected", { exact: true }).waitFor();
  expect(await heading.textContent()).not.toBe(first);
  await page.close();
});

it("opens the labeling view with the prediction to be edited", async () => {
  const page = await chromium.open({ at: `${sample}?filter=wrong` });
  await grid(page).getByRole("row").nth(1).click();
  await drawer(page).getByRole("heading", { name: /^Task/ }).waitFor();
  await page.keyboard.press("e");
  await expect.poll(() => address(page)).toContain("/projects/project-sample/label?");
  expect(await address(page)).toContain("from=run-sample");
  await page.getByText("Begun with the answer of").first().waitFor();
  await page.close();
});

it("brings back the draft that a restored version replaced", async () => {
  const page = await chromium.open({ at: `${sample}?tab=versions` });
  const system = page.getByRole("textbox", { name: "System message" });
  await system.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("Mine. ");
  await page.getByRole("row", { name: /First try/ }).click();
  await page.getByRole("button", { name: "Restore as draft" }).click();
  await expect.poll(() => system.textContent()).not.toContain("Mine.");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => system.textContent()).toContain("Mine.");
  // What it was started from comes back with it.
  await page.getByText("Unsaved changes since v2").waitFor();
  await page.close();
});

it.each([1, 1.5])("reaches the last of a million rows at a zoom of %d", async (zoom) => {
  const page = await chromium.open({ at: "/prompts" });
  await page.getByRole("link", { name: "Sort support tickets" }).waitFor();
  await page.evaluate((zoom) => {
    document.documentElement.style.zoom = String(zoom);
    for (const { summary } of window.fake.world.projects) summary.task_count = 1_000_000;
    location.hash = "/projects/project-sample";
  }, zoom);
  const table = grid(page, "Tasks");
  const row = (index: number) => table.locator(`[aria-rowindex="${index + 2}"]`);
  const isShown = async (index: number) => {
    const [box, frame] = await Promise.all([row(index).boundingBox(), table.boundingBox()]);
    return box !== null && frame !== null && box.y >= frame.y && box.y + box.height <= frame.y + frame.height + 1;
  };
  await row(0).focus();
  await page.keyboard.press("End");
  await expect
    .poll(() =>
      row(999_999)
        .textContent()
        .catch(() => ""),
    )
    .toContain("1,000,000");
  await expect.poll(() => isShown(999_999)).toBe(true);
  await page.keyboard.press("ArrowUp");
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"))).toBe("1000000");
  // The scrollbar's end is the table's end too.
  await page.keyboard.press("Home");
  await expect.poll(() => isShown(0)).toBe(true);
  await table.evaluate((element) => {
    element.scrollTop = element.scrollHeight;
  });
  await expect.poll(() => isShown(999_999)).toBe(true);
  // The wheel moves by exact pixels, not by what the scrollbar would jump.
  await table.hover();
  await page.mouse.wheel(0, -88);
  await expect.poll(() => isShown(999_999)).toBe(false);
  expect(await row(999_990).isVisible()).toBe(true);
  await page.close();
});

it("runs a sample at random, only what failed, and the results in sight again", async () => {
  const page = await chromium.open({ at: sample, clock: "running" });
  await page.getByRole("button", { name: "Which tasks to run" }).click();
  await page.getByRole("menuitem", { name: "Another sample" }).click();
  const dialog = page.getByRole("dialog", { name: "Sample" });
  await dialog.getByRole("textbox", { name: "How many tasks" }).fill("50");
  await dialog.getByRole("radio", { name: "At random" }).click();
  await dialog.getByRole("textbox", { name: "Seed" }).fill("7");
  await dialog.getByRole("button", { name: "Choose" }).click();
  await page.getByRole("button", { name: "Run 50 tasks" }).click();
  await page.getByRole("combobox", { name: "Run", exact: true }).filter({ hasText: "50 tasks at random" }).waitFor();

  await page.getByRole("button", { name: "Which tasks to run" }).click();
  await page.getByRole("menuitemradio", { name: "50 tasks at random", checked: true }).waitFor();
  await page.getByRole("menuitemradio", { name: "Only failed (2)" }).click();
  await page.getByRole("button", { name: "Run 2 tasks" }).click();
  await page.getByRole("combobox", { name: "Run", exact: true }).filter({ hasText: "only failed" }).waitFor();

  await page.getByRole("button", { name: "Run these tasks again" }).click();
  const again = page.getByRole("dialog", { name: "Run these tasks again" });
  await again.getByText(/^\d+ tasks?, /).waitFor();
  await again.getByRole("textbox", { name: /Money stop/ }).fill("2");
  await again.getByRole("button", { name: "Run" }).click();
  await page.getByRole("combobox", { name: "Run", exact: true }).filter({ hasText: "picked tasks" }).waitFor();
  await page.close();
});

it("keeps what was entered as a money stop until the run goes on with it", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-contracts?tab=results&run=run-contracts-0" });
  await page.evaluate(() => {
    const { commands } = window.fake;
    const { resumeRun } = commands;
    commands.resumeRun = async () => {
      commands.resumeRun = resumeRun;
      return { status: "error", error: { code: "invalid", message: "the connection is gone", field: null } };
    };
  });
  await page.getByRole("button", { name: "Money stop", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Money stop" });
  await dialog.getByRole("textbox", { name: /Dollars/ }).fill("25");
  await page.keyboard.press("Control+Enter");
  await dialog.getByRole("alert").getByText("the connection is gone").waitFor();
  expect(await dialog.getByRole("textbox", { name: /Dollars/ }).inputValue()).toBe("25");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
  await page.close();
});

it("leads from a pause by its money stop to where that is raised", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-contracts?tab=results&run=run-contracts-0" });
  await page.getByText(/^The run may cost \$2.00/).waitFor();
  expect(await page.getByRole("button", { name: "API Keys" }).count(), "that of the sidebar").toBe(1);
  await page.getByRole("button", { name: "Raise the money stop" }).click();
  await page.getByRole("dialog", { name: "Money stop" }).waitFor();
  await page.close();
});

it("asks again what is owned once that is chosen, and not from then on", async () => {
  const page = await chromium.open({ at: sample, clock: "running" });
  await page.getByRole("button", { name: "Which tasks to run" }).click();
  const again = page.getByRole("menuitemcheckbox", { name: "Ask again" });
  await again.getByText(/answers can be reused; asking again is free/).waitFor();
  expect(await again.getAttribute("aria-checked")).toBe("false");
  await again.focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => again.getAttribute("aria-checked")).toBe("true");
  await expect.poll(() => page.getByText(/ to ask · /).count()).toBeGreaterThan(0);
  await page.keyboard.press("Escape");
  await page.evaluate(() => {
    const { commands } = window.fake;
    const { startRun } = commands;
    commands.startRun = async (run) => {
      document.title = `asks again: ${run.ask_again}`;
      return startRun(run);
    };
  });
  await page.getByRole("button", { name: /, asking again$/ }).click();
  await expect.poll(() => page.title()).toBe("asks again: true");
  await expect.poll(() => page.getByRole("button", { name: /, asking again$/ }).count()).toBe(0);
  await page.close();
});

it("shows the queue, starts a run of it at once, and goes on with it where one is stopped", async () => {
  const page = await chromium.open({ at: "/prompts", scene: "queued" });
  const dock = page.getByRole("region", { name: "Runs at work" });
  await expect.poll(() => dock.getByText(/^Queued: /).count()).toBe(2);
  await dock.getByText("Queued: the next on").waitFor();
  await dock.getByText("Queued: number 2 on").waitFor();
  // The last of them.
  await dock.getByRole("button", { name: "Start now" }).last().click();
  await expect.poll(() => dock.getByText(/^Queued: /).count()).toBe(1);
  await dock.getByText("Queued: number 2 on").waitFor();
  for (const left of [2, 1]) {
    await dock.getByRole("button", { name: "Stop" }).first().click();
    await expect.poll(() => dock.getByRole("button", { name: "Stop" }).count()).toBe(left);
  }
  expect(await dock.getByText(/^Queued: /).count()).toBe(0);
  await page.close();
});

it("offers to go on with all that a program had begun and queued", async () => {
  const page = await chromium.open({ at: "/prompts", scene: "interrupted" });
  const dock = page.getByRole("region", { name: "Runs at work" });
  await dock.getByText("Queued when the program ended. Nothing of it was asked.").waitFor();
  await dock.getByText(/^Broken off at 31 of 60/).waitFor();
  await dock.getByRole("button", { name: "Resume all" }).click();
  await dock.getByText("Queued: the next on").waitFor();
  expect(await dock.getByRole("button", { name: "Resume all" }).count()).toBe(0);
  await page.close();
});

it("offers to go on with all that waits for what a connection refused", async () => {
  const page = await chromium.open({ at: "/prompts", scene: "held" });
  const dock = page.getByRole("region", { name: "Runs at work" });
  await dock.getByText(/^3 runs wait: “qwen3:8b” refused one, .* Resume any, and the others follow\./).waitFor();
  expect(await dock.getByText(/Nothing was asked for this run/).count()).toBe(2);
  await dock.getByRole("button", { name: "API Keys" }).click();
  await page.getByRole("dialog", { name: "API Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await dock.getByRole("button", { name: "Resume", exact: true }).last().click();
  await dock.getByText("Queued: the next on").waitFor();
  await dock.getByText("Queued: number 2 on").waitFor();
  expect(await dock.getByText(/ wait: /).count(), "the others followed").toBe(0);
  await page.close();
});

it("leads from a run that Offline paused to its switch, and only while it is on", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-contracts?tab=results", scene: "offline" });
  await page.getByRole("tabpanel").getByText("Offline is off now: resume to go on.").waitFor();
  const wayOut = page.getByRole("main").getByRole("button", { name: "Network settings" });
  expect(await wayOut.count()).toBe(0);
  expect(await page.getByRole("main").getByRole("button", { name: "API Keys" }).count()).toBe(0);
  await page.evaluate(async () => {
    const { settings, setSettings } = window.fake.commands;
    const now = await settings();
    if (now.status === "ok") await setSettings({ ...now.data, offline: true });
  });
  await wayOut.click();
  const box = page.getByRole("dialog", { name: "Settings" }).getByRole("checkbox", { name: "Offline" });
  await expect.poll(() => box.evaluate((element) => element === document.activeElement)).toBe(true);
  const inSight = await box.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return (
      top >= 0 &&
      bottom <= innerHeight &&
      document.elementFromPoint(element.getBoundingClientRect().left + 4, top + 4) !== null
    );
  });
  expect(inSight).toBe(true);
  await page.close();
});

it("is not led back by a run that starts after its prompt was left", async () => {
  const page = await chromium.open({ at: sample, clock: "running" });
  await page.evaluate(() => {
    const { commands } = window.fake;
    const { startRun } = commands;
    commands.startRun = async (run) => {
      const started = await startRun(run);
      await new Promise<void>((resolve) => Object.assign(window, { answer: resolve }));
      return started;
    };
  });
  await page.getByRole("button", { name: "Evaluate 60 tasks" }).click();
  await page.waitForFunction(() => "answer" in window);
  await page.evaluate(() => {
    location.hash = "/prompts";
  });
  await page.getByRole("heading", { name: "Prompts" }).waitFor();
  await page.evaluate(() => (window as unknown as { answer: () => void }).answer());
  // However long the run itself takes.
  await page.waitForTimeout(300);
  expect(await address(page)).toBe("#/prompts");
  expect(await page.getByText("gone for good").count()).toBe(0);
  await page.close();
});

it("shows the tasks that failed in one way, and folds away what it does not need", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-contracts?tab=results", scene: "running", size: WIDE });
  const cause = page.getByRole("button", { name: /longer than the model can read.*context_too_long/ });
  await cause.click();
  await expect.poll(() => address(page)).toContain("filter=failed&error=context_too_long");
  await page.getByRole("button", { name: "Hide pace and failures" }).click();
  await cause.waitFor({ state: "detached" });
  await expect
    .poll(() => grid(page).getByText("The prompt is longer than the model can read.").count())
    .toBeGreaterThan(0);
  expect(
    await grid(page)
      .getByText(/The answer was not JSON/)
      .count(),
  ).toBe(0);
  await page.getByRole("button", { name: "Remove the filter “failed: context_too_long”" }).click();
  await expect
    .poll(() =>
      grid(page)
        .getByText(/The answer was not JSON/)
        .count(),
    )
    .toBeGreaterThan(0);
  await page.evaluate(() => localStorage.clear());
  await page.close();
});

it("draws both halves of the run's button alike where the prompt cannot be run", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-contracts" });
  await page.getByText("Cannot run.").waitFor();
  const looks = [/^Evaluate/, "Which tasks to run"].map((name) =>
    page.getByRole("button", { name }).evaluate((button) => getComputedStyle(button).borderTopColor),
  );
  const [main, arrow] = await Promise.all(looks);
  expect(arrow).toBe(main);
  await page.getByRole("button", { name: "Which tasks to run" }).click();
  await page.getByRole("menuitem", { name: /^Another sample/ }).waitFor();
  await page.close();
});
