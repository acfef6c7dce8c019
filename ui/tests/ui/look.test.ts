/**
 * Every screen at three sizes of the window, light and dark, and at 200 % zoom: nothing runs out of it, is cut, or lies over
 * anything else, and axe objects to nothing. With a folder in `PICTURES` the pictures are kept there: `PICTURES=FOLDER npm run look`.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axe, type Chromium, COLORS, DESKTOP, launch, SMALL, turn, type View, WIDE, ZOOMED } from "./browser";
import { layoutProblems } from "./layout";

const SIZES = [DESKTOP, WIDE, SMALL, ZOOMED];
const pictures = process.env.PICTURES;

type Screen = Omit<View, "theme" | "size"> & { name: string; ready: (page: Page) => Promise<unknown> };

const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();
const button = (name: string | RegExp) => (page: Page) => page.getByRole("button", { name }).first().waitFor();
const row = (grid: string) => (page: Page) => page.getByRole("grid", { name: grid }).getByRole("row").nth(3).waitFor();

/** The address of a comparison of these runs. */
const compared = (prompt: string, ...runs: string[]) =>
  `/prompts/${prompt}?tab=compare&runs=${encodeURIComponent(JSON.stringify(runs))}`;

const WORD = "/prompts/prompt-word";
const WORD_PROJECT = "/projects/project-word";
const HEBREW = "/prompts/prompt-hebrew";

const screens: Screen[] = [
  { name: "prompts", at: "/prompts", ready: text("Sort support tickets") },
  { name: "prompts-first-run", scene: "first-run", at: "/prompts", ready: text("This is sample data") },
  { name: "prompts-empty", scene: "emptied", at: "/prompts", ready: text("Label data with a language model") },
  { name: "prompts-failing", scene: "failing", at: "/prompts", ready: text("The prompts could not be read") },
  { name: "prompts-running", scene: "running", at: "/prompts", ready: button("Pause") },
  { name: "start-problem", scene: "locked", at: "/prompts", ready: button("Salvage…") },
  { name: "results", at: "/prompts/prompt-sample", ready: row("Results") },
  { name: "result", at: "/prompts/prompt-sample?task=2", ready: text("How it was answered") },
  { name: "alignment", scene: "measured", at: "/prompts/prompt-reviews?tab=alignment", ready: text("Macro F1") },
  {
    name: "versions",
    at: "/prompts/prompt-sample?tab=versions&version=version-sample-2",
    ready: text("Restore as draft"),
  },
  {
    name: "compare",
    scene: "measured",
    at: compared("prompt-reviews", "run-reviews-3", "run-reviews-6"),
    ready: text("McNemar"),
  },
  { name: "runs", at: "/prompts/prompt-contracts?tab=runs", ready: button("Run 3") },
  { name: "prompt-new", at: "/prompts/prompt-new", ready: text("{text}") },
  { name: "projects", at: "/projects", ready: text("Answer pairs") },
  { name: "projects-empty", scene: "emptied", at: "/projects", ready: text("Bring a labeling project") },
  { name: "project", at: "/projects/project-contracts?task=3", ready: text("Effective date") },
  { name: "project-gold", at: "/projects/project-sample?tab=gold", ready: text("on which runs agree") },
  { name: "project-labels", at: "/projects/project-contracts?tab=labels", ready: text("Jurisdiction") },
  {
    name: "project-config",
    at: "/projects/project-contracts?tab=config",
    ready: (page) => page.locator(".cm-line").first().waitFor(),
  },
  { name: "label", at: "/projects/project-contracts/label?task=3", ready: text("Effective date") },
  { name: "config", at: "/projects/project-sample/config?part=classes", ready: text("No problems") },
  { name: "review", scene: "reviewed", at: "/review?of=project-sample", ready: button(/^Accept/) },
  {
    name: "review-empty",
    scene: "emptied",
    at: "/review",
    ready: (page) => page.getByRole("main").getByRole("heading").first().waitFor(),
  },
  { name: "not-found", at: "/nowhere", ready: text("This screen does not exist") },
  { name: "keys", scene: "providers", at: "/prompts?dialog=keys", ready: text("Find local models") },
  { name: "create", at: "/prompts?dialog=create&project=project-contracts", ready: text("Effective date") },
  { name: "import", at: "/projects?dialog=import", ready: text("Drop the files here") },
  {
    name: "from-label-studio",
    scene: "linked",
    at: "/projects?dialog=from-label-studio",
    ready: text("Annotation team"),
  },
  { name: "settings", at: "/prompts?dialog=settings", ready: text("Requests at once") },
  { name: "spaces", at: "/prompts?dialog=spaces", ready: text("Link this space") },
  { name: "bin", at: "/prompts?dialog=bin", ready: (page) => page.getByRole("dialog").waitFor() },
  { name: "guide", at: "/prompts?dialog=guide", ready: text("Look at what a prompt is") },
  { name: "news", at: "/prompts?dialog=news", ready: text("the first release") },
  { name: "shortcuts", at: "/prompts?dialog=shortcuts", ready: text("Collapse or expand") },
  {
    name: "palette",
    at: "/prompts",
    ready: async (page) => {
      await text("Sort support tickets")(page);
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Search commands, prompts and projects" }).waitFor();
    },
  },
  { name: "unruly-prompts", scene: "unruly", at: "/prompts", ready: text("CustomerSupport") },
  { name: "unruly-results", scene: "unruly", at: WORD, ready: row("Results") },
  { name: "unruly-result", scene: "unruly", at: `${WORD}?task=2`, ready: text("How it was answered") },
  { name: "unruly-alignment", scene: "unruly", at: `${HEBREW}?tab=alignment`, ready: text("Macro F1") },
  {
    name: "unruly-versions",
    scene: "unruly",
    at: `${WORD}?tab=versions&version=version-prompt-word-2`,
    ready: text("Restore as draft"),
  },
  {
    name: "unruly-compare",
    scene: "unruly",
    at: compared("prompt-hebrew", "run-prompt-hebrew-1", "run-prompt-hebrew-2"),
    ready: text("McNemar"),
  },
  { name: "unruly-runs", scene: "unruly", at: `${WORD}?tab=runs`, ready: button("Run 2") },
  { name: "unruly-hebrew", scene: "unruly", at: HEBREW, ready: row("Results") },
  { name: "unruly-projects", scene: "unruly", at: "/projects", ready: text("CustomerSupport") },
  { name: "unruly-project", scene: "unruly", at: `${WORD_PROJECT}?task=3`, ready: text("Topic 0001") },
  { name: "unruly-labels", scene: "unruly", at: `${WORD_PROJECT}?tab=labels`, ready: text("Topic 0001") },
  { name: "unruly-label", scene: "unruly", at: `${WORD_PROJECT}/label?task=3`, ready: text("Topic 0001") },
  { name: "unruly-config", scene: "unruly", at: `${WORD_PROJECT}/config?part=classes`, ready: text("No problems") },
  { name: "unruly-review", scene: "unruly", at: "/review?of=project-hebrew", ready: button(/^Accept/) },
  {
    name: "unruly-create",
    scene: "unruly",
    at: "/prompts?dialog=create&project=project-word",
    ready: text("Topic 0001"),
  },
  {
    name: "unruly-spaces",
    scene: "unruly",
    at: "/prompts?dialog=spaces&space=space-word",
    ready: text("Link this space"),
  },
];

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
  if (pictures !== undefined) await mkdir(pictures, { recursive: true });
});
afterAll(() => chromium.close());

it.each(screens)(
  "$name keeps its layout at every size, light and dark",
  async ({ name, ready, ...view }) => {
    const page = await chromium.open({ ...view, theme: "system" });
    page.setDefaultTimeout(30_000);
    try {
      await ready(page);
      const problems: string[] = [];
      const found = (where: string, words: string[]) => problems.push(...words.map((one) => `${where}: ${one}`));
      for (const size of SIZES) {
        await page.setViewportSize(size);
        for (const scheme of size === ZOOMED ? (["dark"] as const) : (["light", "dark"] as const)) {
          await turn(page, scheme);
          if (pictures !== undefined)
            await page.screenshot({ path: join(pictures, `${name}-${size.width}-${scheme}.png`) });
        }
        // Colors move nothing.
        found(`${size.width} × ${size.height}`, await layoutProblems(page));
      }
      // At the smallest size, where most has to give way: the other tests of screens look at the middle one.
      found("dark", await axe(page, COLORS));
      await turn(page, "light");
      found("light", await axe(page));
      expect(problems).toEqual([]);
    } finally {
      await page.close();
    }
  },
  120_000,
);
