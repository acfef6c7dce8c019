/** What can be pressed stays where it was first painted while the rest is read: a press right after opening goes where it was aimed. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch, type View } from "./browser";

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

type Moved = { moved: string[]; waiting: number };
declare global {
  interface Window {
    still: Moved;
  }
}

/** Answers of the boundary come one after the other from now on, and what moves of the controls in `part` is written down. */
async function watch(page: Page, part: string): Promise<void> {
  await page.evaluate((part) => {
    // A face of type that is read late is a hair wider than the one in its place.
    const LEAST_PX = 2;
    const still: Moved = { moved: [], waiting: 0 };
    window.still = still;
    const commands = window.fake.commands as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    for (const [index, [name, command]] of Object.entries(commands).entries()) {
      commands[name] = async (...args) => {
        still.waiting += 1;
        await new Promise((resolve) => setTimeout(resolve, 100 + 90 * (index % 6)));
        still.waiting -= 1;
        return command(...args);
      };
    }
    const painted = new Map<Element, DOMRect>();
    const look = () => {
      for (const control of document.querySelectorAll(
        `${part} :is(button, a, input, textarea, [role=combobox], [role=radio])`,
      )) {
        const now = control.getBoundingClientRect();
        if (now.width === 0 || !control.checkVisibility({ visibilityProperty: true })) continue;
        const before = painted.get(control);
        painted.set(control, now);
        if (before === undefined) continue;
        const by = Math.max(Math.abs(now.top - before.top), Math.abs(now.left - before.left));
        const name = control.getAttribute("aria-label") ?? control.textContent;
        if (by > LEAST_PX) still.moved.push(`${name}: ${before.left}, ${before.top} to ${now.left}, ${now.top}`);
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, part);
}

const DIALOG = "[role=dialog]";

type Opened = Pick<View, "scene"> & {
  name: string;
  hash: string;
  part: string;
  ready: (page: Page) => Promise<unknown>;
};

const button = (name: string | RegExp) => (page: Page) => page.getByRole("button", { name }).first().waitFor();

it.each<Opened>([
  { name: "settings", hash: "/prompts?dialog=settings", part: DIALOG, ready: button(/^Make a/) },
  {
    name: "the servers in settings",
    scene: "linked",
    hash: "/prompts?dialog=label-studio",
    part: DIALOG,
    ready: button(/^Make a/),
  },
  { name: "the data in settings", hash: "/prompts?dialog=data", part: DIALOG, ready: button(/^Make a/) },
  { name: "a new prompt", hash: "/prompts?dialog=create", part: DIALOG, ready: button("From Label Studio") },
  {
    name: "a new prompt for a project",
    hash: "/prompts?dialog=create&project=project-sample",
    part: DIALOG,
    ready: (page) => page.getByRole("tab", { name: "Interface" }).waitFor(),
  },
  {
    name: "API keys",
    scene: "providers",
    hash: "/prompts?dialog=keys",
    part: DIALOG,
    ready: button("Find local models"),
  },
  { name: "review", scene: "reviewed", hash: "/review?of=project-sample", part: "main", ready: button(/^Accept/) },
  {
    name: "results",
    hash: "/prompts/prompt-sample",
    part: "main [role=tabpanel]",
    ready: (page) => page.getByText("of 59 correct").waitFor(),
  },
  {
    name: "results of a run at work",
    scene: "running",
    hash: "/prompts/prompt-contracts",
    part: "main [role=tabpanel]",
    ready: button("Show pace and failures"),
  },
  {
    name: "giving back",
    scene: "linked",
    hash: "/prompts/prompt-contracts?tab=results&run=run-contracts-2&dialog=push",
    part: DIALOG,
    ready: button(/^Write /),
  },
  { name: "spaces", hash: "/prompts?dialog=spaces", part: DIALOG, ready: button("Link this space") },
])("moves nothing of $name as it is read", async ({ scene, hash, part, ready }) => {
  const page = await chromium.open({ at: "/projects", clock: "running", ...(scene !== undefined && { scene }) });
  await page.getByRole("link", { name: "Prompts" }).first().waitFor();
  await watch(page, part);
  await page.evaluate((hash) => {
    location.hash = hash;
  }, hash);
  await ready(page);
  await expect.poll(() => page.evaluate(() => window.still.waiting)).toBe(0);
  await page.waitForTimeout(700);
  await expect.poll(() => page.evaluate(() => window.still.waiting)).toBe(0);
  expect(await page.evaluate(() => window.still.moved)).toEqual([]);
  await page.close();
});
