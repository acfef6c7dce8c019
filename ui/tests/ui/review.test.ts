/** Reviewing predictions: the screen, and deciding about one after the other without a mouse. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch, SMALL, ZOOMED } from "./browser";
import { checkScreens } from "./checkScreens";

const at = (project: string, more = "") => `/review?of=${project}${more}`;
const reasons = (...all: string[]) => `&reasons=${encodeURIComponent(JSON.stringify(all))}`;
const sample = at("project-sample");
const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();
const queue = (page: Page) => page.getByRole("listbox", { name: "Queue" });
const option = (page: Page) => queue(page).getByRole("option").first().waitFor();
/** The task that is open, by its heading. */
const task = async (page: Page) => (await page.getByRole("heading", { name: /^Task \d/ }).textContent()) ?? "";

/** As Rust answers where nothing is left for anyone to look at. */
async function answer(page: Page, run: { decided: number; status?: "in_progress" }): Promise<void> {
  await option(page);
  await page.evaluate(({ decided, status }) => {
    const { commands, send } = window.fake;
    const { reviewRuns } = commands;
    const counts = { failed: 0, disagreement: 0, low_confidence: 0 };
    commands.reviewQueue = async () => ({
      status: "ok",
      data: { total: 0, total_is_final: status === undefined, counts, items: [] },
    });
    commands.reviewRuns = async (projectId) => {
      const runs = await reviewRuns(projectId);
      if (runs.status === "error") return runs;
      return { status: "ok", data: runs.data.map((one) => ({ ...one, decided, status: status ?? one.status })) };
    };
    send.changed({ kind: "everything" });
  }, run);
}

checkScreens([
  { name: "review", scene: "reviewed", at: sample, ready: option },
  { name: "review-small", scene: "reviewed", at: sample, size: SMALL, ready: option },
  { name: "review-zoomed", scene: "reviewed", at: sample, size: ZOOMED, ready: option },
  { name: "review-wide", scene: "reviewed", at: sample, size: { width: 1720, height: 900 }, ready: option },
  { name: "review-failed", scene: "reviewed", at: `${sample}${reasons("failed")}`, ready: option },
  { name: "review-spans", scene: "reviewed", at: at("project-contracts"), ready: option },
  { name: "review-rtl", scene: "reviewed", at: at("project-arabic"), ready: option },
  { name: "review-pairs", scene: "reviewed", at: at("project-pairs"), ready: option },
  {
    name: "review-selected",
    scene: "reviewed",
    at: sample,
    ready: async (page) => {
      await option(page);
      await page.keyboard.press("Space");
      for (const key of ["ArrowDown", "ArrowDown", "ArrowDown"]) await page.keyboard.press(`Shift+${key}`);
      await page.getByText("4 selected").waitFor();
    },
  },
  {
    name: "review-all",
    scene: "reviewed",
    at: sample,
    ready: async (page) => {
      await option(page);
      await page.getByRole("button", { name: /^All / }).click();
      await page.getByRole("menuitem", { name: /^Accept all/ }).click();
      await page.getByRole("button", { name: /^Accept \d/ }).waitFor();
    },
  },
  {
    name: "review-decided",
    scene: "reviewed",
    at: sample,
    ready: async (page) => {
      await answer(page, { decided: 245 });
      await text("All decided")(page);
    },
  },
  {
    name: "review-at-work",
    scene: "reviewed",
    at: sample,
    ready: async (page) => {
      await answer(page, { decided: 0, status: "in_progress" });
      await text("Nothing to look at yet")(page);
    },
  },
  {
    name: "review-error",
    scene: "reviewed",
    at: sample,
    ready: async (page) => {
      await option(page);
      await page.evaluate(() => {
        const message = "the workspace file is locked by another program";
        window.fake.commands.reviewQueue = async () => ({
          status: "error",
          error: { code: "internal", message, field: null },
        });
        window.fake.send.changed({ kind: "everything" });
      });
      await text("The queue could not be read")(page);
    },
  },
  { name: "review-no-run", at: at("project-traffic"), ready: text("No run has answered tasks of this project") },
  { name: "review-no-project", scene: "emptied", at: "/review", ready: text("Nothing to review yet") },
  { name: "review-unread", scene: "failing", at: "/review", ready: text("The projects could not be read") },
  {
    name: "label-from-prediction",
    scene: "reviewed",
    at: "/projects/project-contracts/label?task=400&from=run-contracts-2",
    ready: text(/^Begun with the answer of/),
  },
]);

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

/** The screen over the sample, reached by its shortcut, with the list at the keyboard. */
async function reviewing(more = ""): Promise<Page> {
  const page = await chromium.open({ scene: "reviewed", at: `${sample}${more}` });
  await option(page);
  await queue(page).and(page.locator(":focus")).waitFor();
  return page;
}

const left = async (page: Page) => Number(/(\d+) left/.exec((await page.getByText(/ left/).textContent()) ?? "")?.[1]);

it("decides about ten tasks by keyboard alone, the next one being open at once, and takes the last back", async () => {
  const page = await reviewing();
  const before = await left(page);
  const seen: string[] = [];
  for (const key of ["a", "Shift+A", "x", "a", "a", "x", "x", "a", "a", "a"]) {
    const shown = await task(page);
    seen.push(shown);
    await page.keyboard.press(key);
    // Not waited for: what is open has changed by the time that the key was answered.
    await page.getByRole("heading", { name: shown, exact: true }).waitFor({ state: "detached" });
  }
  expect(new Set(seen).size).toBe(10);
  await page.getByText("10 decided").waitFor();
  expect(await left(page)).toBe(before - 10);
  await page.keyboard.press("z");
  await page.getByRole("heading", { name: seen[9] ?? "", exact: true }).waitFor();
  await page.keyboard.press("Control+z");
  await page.getByRole("heading", { name: seen[8] ?? "", exact: true }).waitFor();
  await page.getByText("8 decided").waitFor();
  await page.close();
});

it("waits for no decision to be kept before the next is made", async () => {
  const page = await reviewing();
  const before = await left(page);
  await page.evaluate(() => {
    window.fake.commands.decideReviews = () => new Promise(() => {});
  });
  const seen = [await task(page)];
  for (const key of ["a", "x", "a"]) {
    await page.keyboard.press(key);
    await page.getByRole("heading", { name: seen.at(-1) ?? "", exact: true }).waitFor({ state: "detached" });
    seen.push(await task(page));
  }
  expect(new Set(seen).size).toBe(4);
  await page.getByText("3 decided").waitFor();
  expect(await left(page)).toBe(before - 3);
  await page.close();
});

it("steps through the queue, selects some of it, and decides about those at once with one undo", async () => {
  const page = await reviewing();
  const first = await task(page);
  const before = await left(page);
  await page.keyboard.press("j");
  await page.keyboard.press("ArrowDown");
  await expect.poll(() => queue(page).locator("[aria-current]").getAttribute("aria-posinset")).toBe("3");
  await page.keyboard.press("k");
  await page.keyboard.press("Home");
  expect(await task(page)).toBe(first);
  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await page.getByText("3 selected").waitFor();
  await page.keyboard.press("x");
  await page.getByRole("heading", { name: "Reject 3 predictions?" }).waitFor();
  await page.keyboard.press("Control+Enter");
  await page.getByText("3 predictions rejected").first().waitFor();
  await expect.poll(() => left(page)).toBe(before - 3);
  await page.keyboard.press("z");
  await page.getByText("3 decisions taken back").first().waitFor();
  await expect.poll(() => left(page)).toBe(before);
  await page.close();
});

it("stays with the run and the task that are open when a newer run appears", async () => {
  // The address names no run: the newest one is reviewed.
  const page = await reviewing();
  await page.keyboard.press("j");
  const [shown, run] = [await task(page), await page.getByRole("combobox", { name: "Run" }).textContent()];
  await page.evaluate(() => {
    const { commands, send } = window.fake;
    const { reviewRuns } = commands;
    commands.reviewRuns = async (projectId) => {
      const runs = await reviewRuns(projectId);
      if (runs.status === "error") return runs;
      const [newest, ...others] = runs.data.map((one) => ({ ...one, decided: 77 }));
      if (newest === undefined) return runs;
      const newer = { ...newest, run_id: others[0]?.run_id ?? "", run_number: 99, decided: 0 };
      return { status: "ok", data: [newer, newest] };
    };
    send.changed({ kind: "everything" });
  });
  await page.getByText("77 decided").waitFor();
  expect(await task(page)).toBe(shown);
  expect(await page.getByRole("combobox", { name: "Run" }).textContent()).toBe(run);
  await page.close();
});

it("selects a range of which most was never in sight, and all of the queue by one from end to end", async () => {
  const page = await reviewing();
  await page.evaluate(() => {
    const { commands, send } = window.fake;
    const { reviewQueue } = commands;
    commands.reviewQueue = async (run, reasons, offset, limit) => {
      const all = await reviewQueue(run, reasons, 0, 1);
      if (all.status === "error") return all;
      const [first] = all.data.items;
      if (first === undefined) return all;
      const length = Math.min(limit, 2000 - offset);
      const items = Array.from({ length }, (_, index) => ({ ...first, task_id: 1_000_000 + offset + index }));
      return { status: "ok", data: { ...all.data, total: 2000, items } };
    };
    send.changed({ kind: "everything" });
  });
  await page.getByText("2,000 left").waitFor();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Shift+End");
  await page.getByText("1,999 selected").waitFor();
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+End");
  await page.getByText("2,000 selected").waitFor();
  await page.keyboard.press("x");
  await page.getByRole("heading", { name: "Reject 2,000 predictions?" }).waitFor();
  await page.close();
});

it("accepts everything of one reason, and leaves what has no answer", async () => {
  const page = await reviewing();
  const failed = Number(/\d+/.exec((await page.getByRole("button", { name: /^Failed/ }).textContent()) ?? "")?.[0]);
  await page.keyboard.press("Control+a");
  await page.keyboard.press("a");
  await page.getByText(`${failed} tasks without a usable answer stay in the queue.`).waitFor();
  await page.keyboard.press("Control+Enter");
  await expect.poll(() => left(page)).toBe(failed);
  await page.getByRole("button", { name: /^Runs disagree/ }).click();
  await page.getByText("Nothing is left for this reason").waitFor();
  await page.getByRole("button", { name: "Show every reason" }).click();
  await option(page);
  await page.close();
});

it("puts a task back that could not be decided about, and says so", async () => {
  const page = await reviewing();
  const [first, before] = [await task(page), await left(page)];
  await page.evaluate(() => {
    window.fake.commands.decideReviews = async () => ({
      status: "error",
      error: { code: "internal", message: "the disk is full", field: null },
    });
  });
  await page.keyboard.press("a");
  await page.getByText("The disk is full").first().waitFor();
  await expect.poll(() => left(page)).toBe(before);
  await page.keyboard.press("Home");
  expect(await task(page)).toBe(first);
  await page.close();
});

it("corrects a task by hand, beginning with its prediction, and comes back to the next one", async () => {
  const page = await reviewing();
  await page.keyboard.press("j");
  const shown = await task(page);
  const before = await left(page);
  await page.keyboard.press("e");
  await page.getByText(/^Begun with the answer of/).waitFor();
  const chosen = () => page.getByRole("radio", { checked: true }).count();
  expect(await chosen(), "the prediction is there to begin with").toBe(1);
  await page.keyboard.press("Control+z");
  await expect.poll(chosen, { message: "and can be taken away" }).toBe(0);
  await page.keyboard.press("2");
  await page.keyboard.press("Control+Enter");
  await page.getByText("1 decided").waitFor();
  await option(page);
  expect(await left(page)).toBe(before - 1);
  expect(await task(page)).not.toBe(shown);
  expect(await queue(page).locator("[aria-current]").getAttribute("aria-posinset")).toBe("2");
  await page.keyboard.press("z");
  await page.getByRole("heading", { name: shown, exact: true }).waitFor();
  await page.close();
});

it("corrects a task beginning with what another run said, and decides about the run that is reviewed", async () => {
  const page = await reviewing(reasons("disagreement"));
  const before = await left(page);
  await page.evaluate(() => {
    const { commands } = window.fake;
    const { decideReviews } = commands;
    commands.decideReviews = (run, ...rest) => {
      document.body.dataset.decided = run;
      return decideReviews(run, ...rest);
    };
  });
  await page.getByRole("button", { name: "Correct by hand, beginning with this answer" }).first().click();
  await page.getByText(/^Begun with the answer of/).waitFor();
  const search = new URLSearchParams((await page.evaluate(() => window.location.href)).split("?")[1]);
  expect(search.get("from")).toMatch(/^run-/);
  expect(search.get("from")).not.toBe(search.get("review"));
  await page.keyboard.press("Control+Enter");
  await page.getByText("1 decided").waitFor();
  expect(await page.evaluate(() => document.body.dataset.decided)).toBe(search.get("review"));
  await expect.poll(() => left(page)).toBe(before - 1);
  await page.close();
});

it("comes back without a decision from a correction that was not made", async () => {
  const page = await reviewing();
  const shown = await task(page);
  await page.keyboard.press("e");
  await page.getByText(/^Begun with the answer of/).waitFor();
  await page.getByRole("button", { name: "Back without it" }).click();
  await page.getByRole("heading", { name: shown, exact: true }).waitFor();
  await page.getByText("0 decided").waitFor();
  await page.close();
});

it("offers no run of a deleted prompt, and offers it again once the prompt is restored", async () => {
  const page = await chromium.open({ scene: "reviewed", at: sample });
  await option(page);
  const run = page.getByRole("combobox", { name: "Run" });
  const offered = async () => ((await run.count()) === 0 ? "none" : await run.textContent());
  const first = (await offered()) ?? "";
  const id = await page.evaluate(async () => {
    const { commands } = window.fake;
    const runs = await commands.reviewRuns("project-sample");
    if (runs.status === "error") throw new Error("there are runs");
    const id = runs.data[0]?.prompt_id ?? "";
    await commands.deletePrompt(id);
    return id;
  });
  const name = first.replace(/ v\d+ on .*/, "");
  expect(name).not.toBe("");
  await expect.poll(offered).not.toContain(`${name} v`);
  await page.evaluate((id) => window.fake.commands.restorePrompt(id, null), id);
  await expect.poll(offered).toBe(first);
  await option(page);
  await page.close();
});

it("is reached by a key from everywhere, shows its own keys, and knows the project that was reviewed last", async () => {
  const page = await chromium.open({ scene: "reviewed", at: at("project-contracts") });
  await option(page);
  await page.keyboard.press("?");
  await page.getByText("Accept as ground truth").first().waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Prompts" }).first().click();
  await page.getByRole("link", { name: "Sort support tickets" }).waitFor();
  await page.keyboard.press("Control+Shift+r");
  await option(page);
  await expect.poll(() => page.getByRole("combobox", { name: "Project" }).textContent()).toMatch(/Contract/);
  await page.close();
});
