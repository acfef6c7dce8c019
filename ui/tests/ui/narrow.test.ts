/**
 * Narrow and low windows, as 150 % and 200 % zoom leave them: every control of a screen can be pointed at, the buttons of a
 * dialog are in sight however little room there is, and toolbars keep to one line.
 */
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { NOW } from "../../src/ipc/fake-world";
import { type Chromium, launch, picture, SMALL, turn, type View, ZOOMED } from "./browser";
import { layoutProblems } from "./layout";
import { reachProblems } from "./reach";

const SIZES = [SMALL, ZOOMED];

type Screen = Omit<View, "theme" | "size"> & { name: string; ready: (page: Page) => Promise<unknown> };

const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();
const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).first();

const SAMPLE = "/prompts/prompt-sample";
const CONTRACTS = "/projects/project-contracts";
const WORD = "/projects/project-word";
const runs = encodeURIComponent(JSON.stringify(["run-reviews-3", "run-reviews-6"]));

/** By the menu of the project. */
const exporting = async (page: Page) => {
  await button(page, "Actions for this project").click();
  await page.getByRole("menuitem", { name: "Export project" }).click();
  await page.getByText("Only tasks that have an annotation").waitFor();
};

/** By the palette, with rows that are close together. */
const compact = async (page: Page) => {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search commands, prompts and projects" }).fill("compact rows");
  await page.keyboard.press("Enter");
  await page.locator("html[data-density=compact]").waitFor();
};

const screens: Screen[] = [
  { name: "prompts", at: "/prompts", ready: text("Sort support tickets") },
  { name: "prompts-unruly", scene: "unruly", at: "/prompts", ready: text("CustomerSupport") },
  {
    name: "prompts-compact",
    at: "/prompts",
    ready: async (page) => {
      await page.getByText("Sort support tickets").waitFor();
      await compact(page);
    },
  },
  { name: "projects", scene: "linked", at: "/projects", ready: text("Answer pairs") },
  { name: "projects-unruly", scene: "unruly", at: "/projects", ready: text("CustomerSupport") },
  { name: "project", scene: "linked", at: CONTRACTS, ready: text("Annotation team") },
  { name: "project-task", at: `${CONTRACTS}?task=3`, ready: text("Effective date") },
  {
    name: "project-compact",
    at: `${CONTRACTS}?task=3`,
    ready: async (page) => {
      await page.getByText("Effective date").first().waitFor();
      await compact(page);
      const row = page.getByRole("grid", { name: "Tasks" }).getByRole("row").nth(2);
      await expect.poll(async () => (await row.boundingBox())?.height).toBe(32);
    },
  },
  { name: "project-gold", at: "/projects/project-sample?tab=gold", ready: text("on which runs agree") },
  { name: "project-labels", at: `${CONTRACTS}?tab=labels`, ready: text("Jurisdiction") },
  {
    name: "project-config",
    at: `${CONTRACTS}?tab=config`,
    ready: (page) => page.locator(".cm-line").first().waitFor(),
  },
  { name: "project-unruly", scene: "unruly", at: `${WORD}?task=3`, ready: text("Topic 0001") },
  { name: "label", at: `${CONTRACTS}/label?task=3`, ready: text("Effective date") },
  {
    name: "label-picture",
    at: "/projects/project-traffic/label?task=5",
    ready: (page) => page.locator("img").first().waitFor(),
  },
  { name: "config", at: "/projects/project-sample/config?part=classes", ready: text("No problems") },
  {
    name: "review",
    scene: "reviewed",
    at: "/review?of=project-sample",
    ready: (page) => button(page, /^Accept/).waitFor(),
  },
  {
    name: "review-unruly",
    scene: "unruly",
    at: "/review?of=project-hebrew",
    ready: (page) => button(page, /^Accept/).waitFor(),
  },
  { name: "results", at: SAMPLE, ready: (page) => page.getByRole("grid", { name: "Results" }).waitFor() },
  { name: "runs", at: `${SAMPLE}?tab=runs`, ready: text(/^Version \d/) },
  { name: "versions", at: `${SAMPLE}?tab=versions&version=version-sample-2`, ready: text("Compared with") },
  {
    name: "compare",
    scene: "measured",
    at: `/prompts/prompt-reviews?tab=compare&runs=${runs}`,
    ready: text("McNemar"),
  },
  { name: "alignment", scene: "measured", at: "/prompts/prompt-reviews?tab=alignment", ready: text("Macro F1") },
  { name: "keys", scene: "providers", at: "/prompts?dialog=keys", ready: text("Find local models") },
  { name: "settings", at: "/prompts?dialog=settings", ready: text("Requests at once") },
  { name: "create", at: "/prompts?dialog=create&project=project-contracts", ready: text("Effective date") },
  {
    name: "create-unruly",
    scene: "unruly",
    at: "/prompts?dialog=create&project=project-word",
    ready: text("Topic 0001"),
  },
  { name: "import", at: "/projects?dialog=import", ready: text("Drop the files here") },
  {
    name: "import-plan",
    at: "/projects?dialog=import",
    ready: async (page) => {
      await button(page, "Choose files").click();
      await page.getByText("What the config asks for").waitFor();
    },
  },
  { name: "templates", at: "/projects?dialog=templates", ready: text("Named entities") },
  {
    name: "from-label-studio",
    scene: "linked",
    at: "/projects?dialog=from-label-studio",
    ready: text("Annotation team"),
  },
  { name: "pull", scene: "linked", at: `${CONTRACTS}?dialog=pull&project=project-contracts`, ready: text("New tasks") },
  {
    name: "push",
    scene: "linked",
    at: "/prompts/prompt-contracts?tab=results&run=run-contracts-2&dialog=push",
    ready: text("Predictions to write"),
  },
  { name: "export", at: CONTRACTS, ready: exporting },
  { name: "spaces", at: "/prompts?dialog=spaces", ready: text("Link this space") },
  {
    name: "spaces-unruly",
    scene: "unruly",
    at: "/prompts?dialog=spaces&space=space-word",
    ready: text("Link this space"),
  },
  { name: "shortcuts", at: "/prompts?dialog=shortcuts", ready: text("Collapse or expand") },
];

/** Of a low window a dialog leaves most to what it is about. */
async function dialogProblems(page: Page): Promise<string[]> {
  const dialog = page.getByRole("dialog");
  if ((await dialog.count()) === 0) return [];
  const height = page.viewportSize()?.height ?? 0;
  const heights = await dialog.evaluate((element) => {
    const [head, foot] = ["header", "footer"].map((one) => element.querySelector(one)?.clientHeight ?? 0);
    return { all: element.clientHeight, frame: (head ?? 0) + (foot ?? 0) };
  });
  const problems: string[] = [];
  if (heights.frame > 0.38 * height) problems.push(`${heights.frame} px are the head and the foot of the dialog`);
  // One that has more to show than fits takes what there is.
  const hidden = await dialog.evaluate((element) =>
    [...element.querySelectorAll(".scroll-area")].some((one) => one.scrollHeight > one.clientHeight + 1),
  );
  if (hidden && heights.all < height - 90)
    problems.push(`the dialog is ${heights.all} px high, and cuts what it shows`);
  return problems;
}

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

it.each(screens)("$name has everything in reach in a small window", async ({ name, ready, ...view }) => {
  const page = await chromium.open({ ...view, theme: "system" });
  try {
    await ready(page);
    const problems: string[] = [];
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.waitForTimeout(100);
      for (const scheme of ["dark", "light"] as const) {
        await turn(page, scheme);
        await picture(page, `narrow-${name}-${size.width}-${scheme}`);
      }
      const found = [...(await layoutProblems(page)), ...(await dialogProblems(page)), ...(await reachProblems(page))];
      problems.push(...found.map((words) => `${size.width} × ${size.height}: ${words}`));
    }
    expect(problems).toEqual([]);
  } finally {
    await page.close();
  }
});

/** They stand in one line, each with all of its words. */
async function expectInLine(controls: Locator[]): Promise<void> {
  const cut = await Promise.all(
    controls.map((control) =>
      control.evaluate((element) =>
        // What is for readers of the screen only has one pixel.
        [element, ...element.querySelectorAll("*")]
          .filter(({ clientWidth }) => clientWidth > 1)
          .map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth),
      ),
    ),
  );
  expect(Math.max(...cut.flat()), "with all of their words").toBeLessThanOrEqual(0);
  const boxes = await Promise.all(controls.map((control) => control.boundingBox()));
  const middles = boxes.map((box) => (box === null ? Number.NaN : box.y + box.height / 2));
  for (const middle of middles) expect(Math.abs(middle - (middles[0] ?? 0)), "in one line").toBeLessThan(6);
}

const toolbars: (Screen & { controls: (page: Page) => Locator[] })[] = [
  {
    name: "prompts",
    at: "/prompts",
    ready: text("Sort support tickets"),
    controls: (page) => [
      button(page, "All spaces"),
      page.getByRole("searchbox", { name: "Search prompts" }),
      button(page, "Create Prompt"),
    ],
  },
  {
    name: "projects",
    at: "/projects",
    ready: text("Answer pairs"),
    controls: (page) => [
      page.getByRole("searchbox", { name: "Search projects" }),
      button(page, "From Label Studio"),
      button(page, "Import project"),
    ],
  },
  {
    name: "review",
    scene: "reviewed",
    at: "/review?of=project-sample",
    ready: (page) => button(page, /^Accept/).waitFor(),
    controls: (page) => [button(page, /^Failed/), button(page, /^Low confidence/), button(page, /^All /)],
  },
  {
    name: "decision",
    scene: "reviewed",
    at: "/review?of=project-sample",
    ready: (page) => button(page, /^Accept/).waitFor(),
    controls: (page) => [button(page, /^Accept/), button(page, /^Reject/), button(page, "More decisions")],
  },
  {
    name: "version",
    at: `${SAMPLE}?tab=versions&version=version-sample-2`,
    ready: text("Compared with"),
    controls: (page) => [button(page, "Labels"), button(page, "Show as code"), button(page, "Restore as draft")],
  },
];

it.each(toolbars)("the toolbar of $name keeps to one line", async ({ ready, controls, ...view }) => {
  const page = await chromium.open(view);
  try {
    await ready(page);
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await expectInLine(controls(page));
    }
  } finally {
    await page.close();
  }
});

it("shows of the tasks beside an open one what it has room for", async () => {
  const page = await chromium.open({ at: `${CONTRACTS}?task=3`, size: SMALL });
  const tasks = page.getByRole("grid", { name: "Tasks" });
  const heads = () => tasks.getByRole("columnheader").allTextContents();
  const cut = () => tasks.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  await page.getByText("Effective date").first().waitFor();
  await expect.poll(cut).toBe(0);
  expect((await heads()).join()).toContain("Ground truth");
  await page.setViewportSize(ZOOMED);
  await expect.poll(cut).toBe(0);
  expect((await heads()).join()).toContain("contract");
  await button(page, "Close the task").click();
  await expect.poll(async () => (await heads()).join()).toContain("Annotations");
  await page.close();
});

it("cuts no column of the tasks beside an open one, however wide the window is", async () => {
  const page = await chromium.open({ at: `${CONTRACTS}?task=3` });
  const tasks = page.getByRole("grid", { name: "Tasks" });
  await page.getByText("Effective date").first().waitFor();
  const cut = () => tasks.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  for (const width of [880, 979, 1080]) {
    await page.setViewportSize({ width, height: 800 });
    await expect.poll(cut, { message: `at ${width}` }).toBe(0);
  }
  await page.evaluate(() => {
    const { commands } = window.fake;
    const { openTasks } = commands;
    commands.openTasks = async () => {
      commands.openTasks = openTasks;
      return { status: "error", error: { code: "internal", message: "the disk is full", field: null } };
    };
  });
  await page.getByRole("searchbox", { name: "Search in the data" }).fill("a");
  await button(page, "Try again").click();
  await tasks.waitFor();
  await page.setViewportSize(ZOOMED);
  await expect.poll(cut, { message: "also after the tasks could not be read" }).toBe(0);
  await page.close();
});

it("names the open task in the breadcrumb, however long the name of its project is", async () => {
  const page = await chromium.open({ at: `${CONTRACTS}/label?task=3`, size: ZOOMED });
  const open = page.getByRole("navigation", { name: "Breadcrumb" }).locator("[aria-current=page]");
  await open.getByText("Task 3").waitFor();
  await expect.poll(() => open.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  await page.close();
});

it("lays the sidebar over the screen where there is no room beside it", async () => {
  const page = await chromium.open({ at: "/prompts", size: SMALL });
  const main = page.getByRole("main");
  const project = page.getByRole("link", { name: "Projects" });
  await page.getByText("Sort support tickets").waitFor();
  const before = await main.boundingBox();
  const width = async () => (await page.getByRole("navigation", { name: "Main" }).boundingBox())?.width;
  expect(await width(), "names give way to icons").toBe(56);
  await button(page, "Expand the sidebar").click();
  await project.getByText("Projects").waitFor();
  await picture(page, "narrow-sidebar-960-light");
  expect(await main.boundingBox(), "the screen stays where it is").toEqual(before);
  await page.keyboard.press("Escape");
  await expect.poll(width).toBe(56);
  await page.keyboard.press("Control+b");
  await expect.poll(width).toBe(240);
  await project.click();
  await page.getByText("Answer pairs").waitFor();
  expect(await width(), "a place was chosen").toBe(56);
  await button(page, "Expand the sidebar").click();
  await page.mouse.click(600, 400);
  await expect.poll(width).toBe(56);
  await page.keyboard.press("Control+b");
  await expect.poll(width).toBe(240);
  await page.keyboard.press("Alt+ArrowLeft");
  await page.getByText("Sort support tickets").waitFor();
  expect(await width(), "another place was gone to").toBe(56);
  await page.keyboard.press("Control+b");
  await button(page, "Guide").focus();
  await page.keyboard.press("Shift+Tab");
  expect(await width(), "the keyboard is in it").toBe(240);
  await page.getByRole("searchbox").first().focus();
  await expect.poll(width, { message: "the keyboard left it" }).toBe(56);
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect.poll(width).toBe(240);
  await page.close();
});

/** What 200 % zoom leaves of the least window. */
const LEAST = { width: 480, height: 300 };

it("has every button of the projects and the tabs of one within the least window at 200 % zoom", async () => {
  const page = await chromium.open({ at: "/projects", size: LEAST });
  await text("Answer pairs")(page);
  await expectInLine([button(page, "From Label Studio"), button(page, "Import project")]);
  const upload = await button(page, "Import project").boundingBox();
  expect((upload?.x ?? 0) + (upload?.width ?? 0), "it ends within the window").toBeLessThanOrEqual(LEAST.width);
  await picture(page, "narrow-projects-480");
  await page.goto(page.url().replace(/#.*/, "#/projects/project-sample"));
  const strip = page.getByRole("tablist", { name: "Parts of the project" });
  const fade = () => strip.evaluate((list) => getComputedStyle(list).getPropertyValue("--fade-end"));
  await expect.poll(fade, { message: "there is more beyond the end" }).not.toBe("0px");
  await picture(page, "narrow-project-480");
  await page.getByRole("tab", { name: "Answer schema" }).click();
  await expect.poll(fade).toBe("0px");
  await page.getByRole("tab", { name: "Answer schema" }).evaluate((tab) => tab.append(" of the tasks"));
  await expect.poll(fade, { message: "it became longer" }).not.toBe("0px");
  await page.close();
});

it("has every button of the prompts in the least window at 200 % zoom", async () => {
  const page = await chromium.open({ at: "/prompts", size: LEAST });
  await text("Sort support tickets")(page);
  const all = [button(page, "All spaces"), button(page, "All folders"), button(page, /^Create/)];
  await expectInLine(all);
  const create = await button(page, /^Create/).boundingBox();
  expect((create?.x ?? 0) + (create?.width ?? 0), "it ends within the window").toBeLessThanOrEqual(LEAST.width);
  await picture(page, "narrow-prompts-480");
  await page.close();
});

it("shows the details of a connection without scrolling sideways in the least window", async () => {
  const page = await chromium.open({ scene: "emptied", at: "/prompts?dialog=keys", size: LEAST });
  for (const name of [/^Practice model/, /Add OpenAI/, /Find local models/]) {
    await button(page, name).click();
    const over = await page
      .getByRole("dialog")
      .evaluate((dialog) =>
        [...dialog.querySelectorAll(".scroll-area")].map((area) => area.scrollWidth - area.clientWidth),
      );
    expect(over).toEqual([0, 0]);
    await picture(page, `narrow-keys-480-${String(name).replace(/\W+/g, "")}`);
  }
  await page.close();
});

it("keeps a prompt to two lines, however long the name of its model is", async () => {
  const page = await chromium.open({ at: "/prompts", size: { width: 860, height: 533 } });
  await text("Sort support tickets")(page);
  const heights = await page.getByRole("row").evaluateAll((rows) => rows.map((row) => row.clientHeight));
  expect(Math.max(...heights)).toBeLessThan(72);
  await page.close();
});

it("gives the words of a notice their room beside its buttons", async () => {
  const page = await chromium.open({ scene: "emptied", at: "/prompts?dialog=keys", size: { width: 873, height: 545 } });
  const words = page.getByText("Cloud models need one");
  await words.waitFor();
  expect((await words.boundingBox())?.height, "two lines at most").toBeLessThanOrEqual(40);
  await picture(page, "narrow-keys-none");
  await page.close();
});

it("keeps the classes in sight under a long text", async () => {
  const page = await chromium.open({ at: "/projects/project-sample/label?task=2", size: SMALL });
  const lengthen = (words: Locator) =>
    words.evaluate((element) => element.prepend("It is agreed as follows. ".repeat(200)));
  await lengthen(page.getByRole("region", { name: "text", exact: true }).locator("[dir=auto]").first());
  const first = page.getByRole("region", { name: "Choices topic" }).getByRole("radio").first();
  const box = await first.boundingBox();
  expect((box?.y ?? 999) + (box?.height ?? 0)).toBeLessThan(SMALL.height);
  await picture(page, "narrow-label-long");
  await page.close();
});

it("shows where the caret is in a long text that is marked by keyboard", async () => {
  const page = await chromium.open({ at: `${CONTRACTS}/label?task=3`, size: SMALL });
  const area = page.getByRole("textbox", { name: /Arrow keys move/ });
  await area.evaluate((element) => element.firstElementChild?.prepend("It is agreed as follows. ".repeat(200)));
  await area.focus();
  await page.keyboard.press("End");
  const scrolled = () => area.evaluate((element) => element.closest(".scroll-area")?.scrollTop ?? 0);
  await expect.poll(scrolled).toBeGreaterThan(100);
  await page.keyboard.press("Home");
  await expect.poll(scrolled).toBeLessThan(20);
  await picture(page, "narrow-label-caret");
  await page.close();
});

it.each([
  { tab: "runs", prompt: "sample", width: 960 },
  { tab: "compare", prompt: "reviews", width: 860 },
] as const)("cuts no column of $tab in a small window", async ({ tab, prompt, width }) => {
  const scene = prompt === "reviews" ? "measured" : "lived";
  const page = await chromium.open({ at: `/prompts/prompt-${prompt}?tab=${tab}`, scene, size: { ...SMALL, width } });
  const table = page.getByRole("tabpanel").getByRole("table").first();
  await table.waitFor();
  await picture(page, `${tab}-${width}`);
  const cut = await table.evaluate((one) => {
    const { scrollWidth = 0, clientWidth = 0 } = one.closest(".scroll-area") ?? {};
    return scrollWidth - clientWidth;
  });
  expect(cut).toBe(0);
  await page.close();
});

it("names the target project of a prompt beside its name, where there is room", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-sample", size: SMALL });
  const project = page.getByRole("link", { name: /^Target project: / });
  await project.waitFor();
  await picture(page, "target-project-960");
  await page.setViewportSize(ZOOMED);
  await project.waitFor({ state: "hidden" });
  await page.setViewportSize(SMALL);
  await project.click();
  await expect.poll(() => page.evaluate(() => location.hash)).toBe("#/projects/project-sample");
  await page.close();
});

it.each([
  { list: "prompts", column: "Target project" },
  { list: "projects", column: "Controls" },
])("moves no column of the $list as time goes by", async ({ list, column }) => {
  const page = await chromium.open({ at: `/${list}` });
  const place = () => page.getByRole("columnheader", { name: column }).boundingBox();
  const read = () => page.getByRole("row").nth(2).waitFor();
  await read();
  const before = await place();
  await picture(page, `times-${list}`);
  // Of every age there is.
  for (const minutes of [1, 12, 59, 400, 14_400]) {
    await page.clock.setFixedTime(new Date(NOW.getTime() + minutes * 60_000));
    await page.reload();
    await page.evaluate(() => document.fonts.ready);
    await read();
    expect(await place(), `after ${minutes} minutes`).toEqual(before);
  }
  await page.close();
});

it("has no gap behind a short name on the way to a screen", async () => {
  const page = await chromium.open({ at: "/projects" });
  await page.evaluate(() => window.fake.commands.renameProject("project-sample", "Mails"));
  await page.evaluate(() => {
    location.hash = "/projects/project-sample/label";
  });
  const crumbs = page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("listitem");
  await crumbs.nth(2).waitFor();
  const gaps = await crumbs.evaluateAll((items) =>
    items.map((item) => {
      const range = document.createRange();
      range.selectNodeContents(item);
      return Math.round(item.getBoundingClientRect().width - range.getBoundingClientRect().width);
    }),
  );
  expect(gaps.every((gap) => gap <= 1)).toBe(true);
  await picture(page, "breadcrumb-short");
  await page.close();
});
