/** Every screen, light and dark, in its states: nothing for axe to object to, and a picture to look at. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { NOW } from "../../src/ipc/fake-world";
import { SMALL, WIDE, ZOOMED } from "./browser";
import { checkScreens, type Screen } from "./checkScreens";

const text = (words: string) => (page: Page) => page.getByText(words).first().waitFor();

const CONTRACTS = "/prompts/prompt-contracts?tab=results";

/** Why a run is not faster is read in the dock, to its last word. */
async function whyInSight(page: Page): Promise<void> {
  const words = page.getByRole("region", { name: "Runs at work" }).getByText(/spreading the rest over 12 s\./);
  await words.waitFor();
  const cut = await words.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  expect(cut, "nothing of it is cut").toBe(0);
}

/** The run at work is paused by a refusal. */
async function refuse(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
  await page.evaluate(() => {
    const { world, send } = window.fake;
    for (const { id, runs } of world.prompts) {
      for (const run of runs.filter(({ status }) => status === "in_progress")) {
        const reason =
          "OpenAI has no credit left for this account (HTTP 429, insufficient_quota). Add credit, then resume.";
        Object.assign(run, { status: "paused", cause: "refused", reason });
        send.changed({ kind: "runs", prompt_id: id });
      }
    }
  });
  await text("no credit left")(page);
}

/** A run with a money stop is at work, two paused for reasons, and two wait. */
async function manyRuns(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
  await page.evaluate(() => {
    const { world, send } = window.fake;
    const owner = world.prompts.find(({ id }) => id === "prompt-contracts");
    const run = owner?.runs.find(({ status }) => status === "in_progress");
    if (owner === undefined || run === undefined) return;
    Object.assign(run, { costMicros: 1_120_000, limitMicros: 2_000_000 });
    const failed =
      "10 tasks in a row failed in the same way. Nothing is listening on 127.0.0.1:8000. Is the server running?";
    const refused =
      "OpenAI has no credit left for this account (HTTP 429, insufficient_quota). Add credit, then resume.";
    owner.runs.unshift(
      { ...run, id: "run-paused-1", number: 8, status: "paused", reason: failed, queuedAs: 0 },
      { ...run, id: "run-paused-2", number: 9, status: "paused", reason: refused, cause: "refused", queuedAs: 0 },
    );
    send.changed({ kind: "runs", prompt_id: owner.id });
  });
  await page.getByRole("button", { name: /^\d more run/ }).waitFor();
}

/** Of a window of this height the dock leaves most to its screen. */
async function lowDock(page: Page): Promise<void> {
  await manyRuns(page);
  const box = await page.getByRole("region", { name: "Runs at work" }).boundingBox();
  expect(box?.height ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(SMALL.height / 4);
}

async function openDock(page: Page): Promise<void> {
  await manyRuns(page);
  await page.getByRole("button", { name: /^\d more run/ }).click();
  await page.getByRole("button", { name: "Show fewer" }).waitFor();
}

/** The page of the run at work, three minutes on: fast at first, then slowed down. */
async function runNow(page: Page): Promise<void> {
  // In a low half it is left to the bar of the runs at work until it is asked for.
  await page.getByRole("button", { name: "Show pace and failures" }).click();
  await page.getByRole("region", { name: "The run now" }).waitFor();
  for (let step = 1; step <= 36; step += 1) {
    await page.clock.setFixedTime(NOW.getTime() + step * 5000);
    await page.evaluate(async (step) => {
      const { commands, send, world } = window.fake;
      const run = world.prompts.flatMap(({ runs }) => runs).find(({ status }) => status === "in_progress");
      if (run === undefined) return;
      run.done += 5 * (step < 20 ? 20 + (step % 4) : 8 + (step % 3));
      const told = await commands.activeRuns();
      if (told.status === "ok") for (const progress of told.data) send.runProgress(progress);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }, step);
  }
  await page.getByRole("figure", { name: "Tasks a second" }).getByRole("img").nth(34).waitFor();
  await page.getByRole("button", { name: /not_json/ }).waitFor();
}

async function runNowPaused(page: Page): Promise<void> {
  await runNow(page);
  await refuse(page);
  await page.getByText("5 minutes at work").waitFor();
}

const screens: Screen[] = [
  {
    name: "prompts",
    at: "/prompts",
    ready: async (page) => {
      const name = page.getByRole("link", { name: "billing-agent" });
      const cut = await name.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      expect(cut, "a name has room, wherever its prompt is").toBe(0);
      await page.getByTitle("In Support team").waitFor();
    },
  },
  { name: "prompts-small", at: "/prompts", size: SMALL, ready: text("Sort support tickets") },
  { name: "prompts-sidebar", at: "/prompts", sidebar: "collapsed", ready: text("Sort support tickets") },
  { name: "prompts-first-run", scene: "first-run", at: "/prompts", ready: text("This is sample data") },
  { name: "prompts-empty", scene: "emptied", at: "/prompts", ready: text("Label data with a language model") },
  { name: "prompts-no-match", at: "/prompts?q=zebra", ready: text("No prompt matches") },
  {
    name: "prompts-loading",
    scene: "loading",
    at: "/prompts",
    ready: (page) => page.getByRole("status", { name: "Reading the prompts" }).waitFor(),
  },
  { name: "prompts-error", scene: "failing", at: "/prompts", ready: text("The prompts could not be read") },
  {
    name: "prompts-menu",
    at: "/prompts",
    ready: async (page) => {
      await page.getByRole("button", { name: "Actions for Sort support tickets" }).click();
      await page.getByRole("menuitem", { name: "Delete" }).waitFor();
    },
  },
  {
    name: "prompts-deleted",
    at: "/prompts",
    ready: async (page) => {
      await page.getByRole("button", { name: "Actions for Sort support tickets" }).click();
      await page.getByRole("menuitem", { name: "Delete" }).click();
      await page.getByRole("button", { name: "Undo" }).waitFor();
    },
  },
  {
    name: "prompts-rename",
    at: "/prompts",
    ready: async (page) => {
      await page.getByRole("link", { name: "Ticket urgency" }).focus();
      await page.keyboard.press("F2");
      await page.getByRole("textbox", { name: "Name" }).fill("Sort support tickets");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("exists already").waitFor();
    },
  },
  { name: "keys", at: "/prompts?dialog=keys", ready: text("Works, answered in") },
  { name: "keys-small", at: "/prompts?dialog=keys", size: SMALL, ready: text("Works, answered in") },
  {
    name: "keys-failed",
    at: "/prompts?dialog=keys",
    ready: async (page) => {
      await page.getByRole("button", { name: /meta-llama/ }).click();
      await page.getByText("Does not work", { exact: true }).last().waitFor();
    },
  },
  { name: "keys-practice", scene: "first-run", at: "/prompts?dialog=keys", ready: text("No keys yet") },
  {
    name: "keys-new",
    at: "/prompts?dialog=keys",
    ready: async (page) => {
      await page.getByRole("button", { name: "Add Custom LLM" }).click();
      await page.getByRole("textbox", { name: "Endpoint" }).fill("http://127.0.0.1:11434");
      await page.getByRole("button", { name: "Use http://127.0.0.1:11434/v1" }).waitFor();
    },
  },
  {
    name: "keys-no-keychain",
    scene: "no-keychain",
    at: "/prompts?dialog=keys",
    ready: async (page) => {
      await page.getByRole("button", { name: "Add Custom LLM" }).click();
      await page.getByRole("textbox", { name: "Name" }).fill("gpt-oss-20b");
      await page.getByRole("textbox", { name: "Endpoint" }).fill("http://127.0.0.1:8000/v1");
      await page.locator("input[type=password]").first().fill("sk-1234567890");
      await page.getByText("Keep this key only until I quit").waitFor();
    },
  },
  { name: "create", at: "/prompts?dialog=create", ready: text("Choose a target project") },
  {
    name: "create-labels",
    at: "/prompts?dialog=create&project=project-contracts",
    ready: async (page) => {
      await page.getByRole("textbox", { name: "Name" }).fill("Find the parties");
      await page.getByText("Effective date").first().waitFor();
    },
  },
  ...(["Interface", "Sample task", "Config XML", "Answer schema"] as const).map(
    (tab): Screen => ({
      name: `create-${tab.toLowerCase().replace(" ", "-")}`,
      at: "/prompts?dialog=create&project=project-sample",
      ready: async (page) => {
        await page.getByRole("tab", { name: tab }).click();
        await page
          .getByRole("tabpanel")
          .getByText(/topic|charged|ticket|channel/i)
          .first()
          .waitFor();
        await page.waitForTimeout(300);
      },
    }),
  ),
  { name: "create-small", size: SMALL, at: "/prompts?dialog=create&project=project-arabic", ready: text("إيجابي") },
  {
    name: "create-combobox",
    at: "/prompts?dialog=create",
    ready: async (page) => {
      await page.getByRole("combobox", { name: "Target project" }).waitFor();
      expect(await page.getByRole("button", { name: "Target project" }).count(), "one control of one name").toBe(0);
      await page.getByRole("combobox", { name: "Target project" }).click();
      await page.getByText("which prompts cannot read yet").waitFor();
    },
  },
  {
    name: "create-no-project",
    scene: "emptied",
    at: "/prompts?dialog=create",
    ready: text("You have no project a prompt can use"),
  },
  {
    name: "create-ineligible",
    scene: "ineligible-only",
    at: "/prompts?dialog=create",
    ready: text("which prompts cannot read yet"),
  },
  { name: "projects", at: "/projects", ready: text("Answer pairs") },
  { name: "projects-small", at: "/projects", size: SMALL, ready: text("Answer pairs") },
  {
    name: "projects-rename",
    at: "/projects",
    ready: async (page) => {
      await page.getByRole("link", { name: "Answer pairs" }).focus();
      await page.keyboard.press("F2");
      await page.getByRole("textbox", { name: "Name" }).fill("Traffic pictures");
      await page.getByRole("button", { name: "Rename", exact: true }).click();
      await page.getByText("exists already").waitFor();
    },
  },
  { name: "projects-empty", scene: "emptied", at: "/projects", ready: text("Bring a labeling project") },
  { name: "project", at: "/projects/project-sample", ready: text("charged twice") },
  { name: "project-task", at: "/projects/project-contracts?task=3", ready: text("Party") },
  { name: "project-small", size: SMALL, at: "/projects/project-contracts?task=3", ready: text("Party") },
  { name: "project-rtl", at: "/projects/project-arabic?task=2", ready: text("إيجابي") },
  { name: "project-gold", at: "/projects/project-sample?tab=gold", ready: text("on which runs agree") },
  {
    name: "project-gold-small",
    size: SMALL,
    at: "/projects/project-sample?tab=gold",
    ready: text("on which runs agree"),
  },
  { name: "project-gold-no-runs", at: "/projects/project-contracts?tab=gold", ready: text("Two good runs") },
  { name: "project-labels", at: "/projects/project-contracts?tab=labels", ready: text("Jurisdiction") },
  {
    name: "project-config",
    at: "/projects/project-contracts?tab=config",
    ready: (page) => page.locator(".cm-line").first().waitFor(),
  },
  { name: "project-picture", at: "/projects/project-traffic?task=5", ready: text("pixels") },
  {
    name: "media-check",
    at: "/projects/project-traffic?dialog=media&project=project-traffic",
    ready: text("cannot be shown whole"),
  },
  {
    name: "money-stop",
    at: "/prompts/prompt-contracts",
    ready: async (page) => {
      await page.getByRole("button", { name: "Which tasks to run" }).click();
      await page.getByRole("menuitem", { name: /Money stop/ }).click();
      await page.getByRole("textbox", { name: /Dollars/ }).fill("2.5");
    },
  },
  {
    name: "run-at-its-money-stop",
    at: "/prompts/prompt-contracts?tab=results&run=run-contracts-0",
    ready: text("Raise its money stop"),
  },
  ...[SMALL, WIDE].map(
    (size): Screen => ({
      name: `run-at-its-money-stop-${size.width}`,
      at: "/prompts/prompt-contracts?tab=results&run=run-contracts-0",
      size,
      ready: text("Raise its money stop"),
    }),
  ),
  {
    name: "money-stop-too-low",
    at: "/prompts/prompt-contracts?tab=results&run=run-contracts-0",
    ready: async (page) => {
      // The dock has one too.
      await page.getByRole("main").getByRole("button", { name: "Money stop" }).first().click();
      await page.getByRole("textbox", { name: /Dollars/ }).fill("1.5");
      await page.keyboard.press("Enter");
      await page.getByText("has cost $1.9713 already").waitFor();
    },
  },
  { name: "settings", at: "/prompts?dialog=settings", ready: text("Requests at once") },
  {
    name: "settings-data",
    at: "/prompts?dialog=data",
    ready: async (page) => {
      await page.getByRole("button", { name: "Check", exact: true }).click();
      await text("The workspace is whole")(page);
    },
  },
  {
    name: "settings-data-damaged",
    scene: "damaged",
    at: "/prompts",
    ready: async (page) => {
      // Screen readers are told of a failure by itself, and its toast is hidden from them until it has the focus.
      await page.getByText("Show", { exact: true }).click();
      await text("The workspace is damaged")(page);
      await page.getByRole("button", { name: "Salvage…" }).click();
      await text("Some of it could not be read")(page);
    },
  },
  {
    name: "settings-data-restore",
    at: "/prompts?dialog=data",
    ready: async (page) => {
      const backups = page.getByRole("region", { name: "Backups beside the workspace" });
      await backups.getByRole("button", { name: "Restore…" }).first().click();
      await text("Restore this backup?")(page);
    },
  },
  {
    name: "settings-privacy",
    scene: "crashed",
    at: "/prompts",
    ready: async (page) => {
      await page.getByRole("button", { name: "Show the report" }).click();
      await page.getByRole("button", { name: "Show the last crash" }).click();
      await page.getByRole("region", { name: "The last crash" }).waitFor();
    },
  },
  {
    name: "settings-local-api",
    at: "/prompts?dialog=settings",
    ready: async (page) => {
      await page.getByRole("button", { name: "Make a token" }).click();
      await page.getByText("Copy the token now").waitFor();
      await page.getByRole("checkbox", { name: "Serve prompts" }).click();
      await page.getByText("It answers at").scrollIntoViewIfNeeded();
    },
  },
  {
    name: "settings-network",
    at: "/prompts?dialog=settings",
    ready: async (page) => {
      await page.getByText("upload.wikimedia.org").waitFor();
      await page.getByRole("button", { name: "Clear the list" }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "settings-network-empty",
    scene: "first-run",
    at: "/prompts?dialog=settings",
    ready: (page) => page.getByText("No host is listed").scrollIntoViewIfNeeded(),
  },
  {
    name: "settings-network-offline",
    at: "/prompts?dialog=settings",
    ready: async (page) => {
      await page.getByRole("checkbox", { name: "Offline" }).click();
      await page.getByRole("checkbox", { name: "Offline", checked: true }).waitFor();
      await page.getByRole("button", { name: "Clear the list" }).click();
      await page.getByText("No host is listed").scrollIntoViewIfNeeded();
    },
  },
  {
    name: "settings-diagnostics",
    at: "/prompts?dialog=privacy",
    ready: async (page) => {
      await page.getByRole("button", { name: "Diagnostics" }).click();
      await page.getByText("task: 12480").waitFor();
    },
  },
  {
    name: "settings-licences",
    at: "/prompts?dialog=settings",
    ready: async (page) => {
      await page.getByRole("button", { name: "Licences" }).click();
      await page.getByRole("searchbox", { name: "Search packages and licences" }).fill("lucide-react");
      await page.getByText("1 package").waitFor();
      await page.getByRole("listitem").getByText("lucide-react").click();
      await page.getByText("Permission to use, copy, modify").waitFor();
    },
  },
  {
    name: "prompts-offline",
    at: "/prompts?dialog=settings",
    ready: async (page) => {
      const indicator = page.getByRole("button", { name: "Offline" });
      expect(await indicator.count(), "nothing is said while the switch is off").toBe(0);
      await page.getByRole("checkbox", { name: "Offline" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
      await indicator.click();
      await page.getByRole("checkbox", { name: "Offline", checked: true }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await indicator.waitFor();
    },
  },
  {
    name: "prompts-export",
    at: "/prompts",
    ready: async (page) => {
      await page.getByRole("button", { name: "Actions for billing-agent" }).click();
      await page.getByRole("menuitem", { name: "Export" }).click();
      await page.getByText("Choose a file and export").waitFor();
    },
  },
  {
    name: "prompts-bin",
    at: "/prompts",
    ready: async (page) => {
      await page.getByRole("button", { name: "Actions for Sort support tickets" }).click();
      await page.getByRole("menuitem", { name: "Delete" }).click();
      await page.getByRole("button", { name: "Spaces, files, deleted prompts" }).click();
      await page.getByRole("menuitem", { name: "Deleted prompts" }).click();
      await page.getByRole("button", { name: "Restore" }).waitFor();
    },
  },
  {
    name: "prompts-space",
    at: "/prompts?space=U3BhY2U6MjpRd0Vy",
    ready: async (page) => {
      await page.getByText("billing-agent").waitFor();
      expect(await page.getByTitle("In Support team").count(), "all are in one space").toBe(0);
    },
  },
  {
    name: "prompts-import",
    at: "/prompts?space=U3BhY2U6MjpRd0Vy",
    ready: async (page) => {
      await page.getByRole("button", { name: "Spaces, files, deleted prompts" }).click();
      await page.getByRole("menuitem", { name: /Import prompts.*Into “Support team”/ }).click();
      await page.getByText("1 prompt imported into “Support team”").waitFor();
      await page.getByRole("link", { name: "Tone of voice" }).waitFor();
    },
  },
  { name: "spaces", at: "/prompts?dialog=spaces", ready: text("Link this space") },
  {
    name: "spaces-link",
    at: "/prompts?dialog=spaces",
    ready: async (page) => {
      await page.getByRole("button", { name: "Link this space" }).click();
      await page.locator("input[type=password]").fill("ak-1234567890");
      await page.getByRole("button", { name: "Connect" }).click();
      await page.getByText("Choose a space", { exact: true }).waitFor();
    },
  },
  {
    name: "spaces-no-key",
    at: "/prompts?dialog=spaces",
    ready: async (page) => {
      await page.getByRole("button", { name: "Link this space" }).click();
      await page.getByRole("button", { name: "Connect" }).click();
      await page.getByText("wants an API key").waitFor();
    },
  },
  {
    name: "spaces-new",
    at: "/prompts?dialog=spaces",
    ready: async (page) => {
      await page.getByRole("button", { name: "New space" }).click();
      await page.getByRole("textbox", { name: "Name" }).fill("Support team");
      await page.getByRole("button", { name: "Create space" }).click();
      await page.getByText("is already taken").waitFor();
    },
  },
  {
    name: "spaces-changes",
    at: "/prompts?dialog=spaces&space=U3BhY2U6MjpRd0Vy",
    ready: async (page) => {
      await page.getByRole("button", { name: "Look for changes" }).click();
      await page.getByRole("button", { name: "Pull 2 changes" }).waitFor();
    },
  },
  {
    name: "spaces-notes",
    at: "/prompts?dialog=spaces&space=U3BhY2U6MjpRd0Vy",
    ready: async (page) => {
      await page.getByRole("button", { name: "Look for changes" }).click();
      await page.getByText("other prompts are the same").scrollIntoViewIfNeeded();
    },
  },
  {
    name: "spaces-changed-since",
    at: "/prompts?dialog=spaces&space=U3BhY2U6MjpRd0Vy",
    ready: async (page) => {
      await page.getByRole("button", { name: "Look for changes" }).click();
      await page.getByRole("checkbox", { name: "tone-of-voice" }).click();
      await page.getByRole("button", { name: "Pull 3 changes" }).click();
      await page.getByText("were read again just now").waitFor();
    },
  },
  {
    name: "spaces-changes-small",
    size: SMALL,
    at: "/prompts?dialog=spaces&space=U3BhY2U6MjpRd0Vy",
    ready: async (page) => {
      await page.getByRole("button", { name: "Look for changes" }).click();
      await page.getByRole("radio", { name: "Push there" }).click();
      await page.getByRole("checkbox", { name: "tone-of-voice" }).click();
      await page.getByRole("button", { name: "Push 1 change" }).waitFor();
    },
  },
  {
    name: "settings-network-small",
    size: SMALL,
    at: "/prompts?dialog=settings",
    ready: async (page) => {
      await page.getByText("upload.wikimedia.org").waitFor();
      await page.getByRole("button", { name: "Clear the list" }).scrollIntoViewIfNeeded();
    },
  },
  { name: "settings-small", size: SMALL, at: "/prompts?dialog=settings", ready: text("Requests at once") },
  { name: "project-ineligible", at: "/projects/project-video", ready: text("Prompts cannot use this project") },
  { name: "import", at: "/projects?dialog=import", ready: text("Drop the files here") },
  {
    name: "import-plan",
    at: "/projects?dialog=import",
    ready: async (page) => {
      await page.getByRole("button", { name: "Choose files" }).click();
      await page.getByText("What the config asks for").waitFor();
    },
  },
  {
    name: "import-problems",
    at: "/projects",
    ready: async (page) => {
      await page.getByText("Answer pairs").waitFor();
      await page.evaluate(() =>
        window.fake.send.fileDrop({ kind: "dropped", paths: ["/home/ann/reviews.json", "/home/ann/notes.docx"] }),
      );
      await page.getByText("This cannot be imported yet").waitFor();
    },
  },
  {
    name: "import-columns",
    at: "/projects",
    ready: async (page) => {
      await page.getByText("Answer pairs").waitFor();
      await page.evaluate(() =>
        window.fake.send.fileDrop({ kind: "dropped", paths: ["/home/ann/config.xml", "/home/ann/reviews.csv"] }),
      );
      await page.getByText("Which column is which").waitFor();
    },
  },
  {
    name: "import-tasks",
    at: "/projects/project-sample?dialog=import&project=project-sample",
    ready: text("Choose a folder"),
  },
  {
    name: "import-report-later",
    at: "/projects/project-sample?dialog=import-report&project=project-sample",
    ready: text("Duplicate"),
  },
  {
    name: "project-export",
    at: "/projects/project-sample",
    ready: async (page) => {
      await page.getByRole("button", { name: "Actions for this project" }).click();
      await page.getByRole("menuitem", { name: "Export project" }).click();
      await page.getByText("Only tasks that have an annotation").waitFor();
    },
  },
  {
    name: "import-report",
    at: "/projects?dialog=import",
    ready: async (page) => {
      await page.getByRole("button", { name: "Choose files" }).click();
      await page.getByRole("button", { name: "Import project" }).last().click();
      await page.getByText("Items that were not taken as they were").first().waitFor();
    },
  },
  {
    name: "palette",
    at: "/prompts",
    ready: async (page) => {
      await page.getByText("Sort support tickets").waitFor();
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Search commands, prompts and projects" }).waitFor();
    },
  },
  { name: "shortcuts", at: "/prompts?dialog=shortcuts", ready: text("Collapse or expand") },
  { name: "prompts-zoomed", at: "/prompts", size: ZOOMED, ready: text("Sort support tickets") },
  { name: "keys-zoomed", at: "/prompts?dialog=keys", size: ZOOMED, ready: text("Works, answered in") },
  { name: "create-zoomed", at: "/prompts?dialog=create&project=project-sample", size: ZOOMED, ready: text("Billing") },
  { name: "project-zoomed", at: "/projects/project-sample?task=2", size: ZOOMED, ready: text("Ground truth") },
  { name: "import-zoomed", at: "/projects?dialog=import", size: ZOOMED, ready: text("Drop the files here") },
  {
    name: "prompts-running",
    scene: "running",
    at: "/prompts",
    ready: (page) => whyInSight(page),
  },
  ...[SMALL, WIDE].map(
    (size): Screen => ({
      name: `prompts-running-${size.width}`,
      scene: "running",
      at: "/prompts",
      size,
      ready: (page) => whyInSight(page),
    }),
  ),
  { name: "prompts-paused", scene: "running", at: "/prompts", ready: refuse },
  { name: "prompts-paused-960", scene: "running", at: "/prompts", size: SMALL, ready: refuse },
  { name: "projects-paused-1920", scene: "running", at: "/projects", size: WIDE, ready: refuse },
  { name: "runs-paused", scene: "running", at: "/prompts/prompt-contracts?tab=runs", ready: refuse },
  {
    name: "prompts-queued",
    scene: "queued",
    at: "/prompts",
    ready: text("number 2 on"),
  },
  { name: "run-now", scene: "running", at: CONTRACTS, ready: runNow },
  { name: "run-now-960", scene: "running", at: CONTRACTS, size: SMALL, ready: runNow },
  { name: "run-now-paused", scene: "running", at: CONTRACTS, ready: runNowPaused },
  { name: "dock", scene: "queued", at: "/prompts", ready: manyRuns },
  { name: "dock-960", scene: "queued", at: "/prompts", size: SMALL, ready: lowDock },
  { name: "dock-open-960", scene: "queued", at: "/prompts", size: SMALL, ready: openDock },
  { name: "dock-1920", scene: "queued", at: "/prompts", size: WIDE, ready: manyRuns },
  {
    name: "runs-queued",
    scene: "queued",
    at: "/prompts/prompt-contracts?tab=runs",
    ready: (page) => page.getByRole("button", { name: "Start run 5 now" }).waitFor(),
  },
  {
    name: "results-queued",
    scene: "queued",
    at: "/prompts/prompt-contracts?tab=results",
    ready: text("go one after the other"),
  },
  {
    name: "prompts-interrupted",
    scene: "interrupted",
    at: "/prompts",
    ready: text("Broken off at 31 of 60"),
  },
  {
    name: "prompts-held",
    scene: "held",
    at: "/prompts",
    ready: text("3 runs wait"),
  },
  {
    name: "results-offline",
    scene: "offline",
    at: "/prompts/prompt-contracts?tab=results",
    ready: text("Offline is off now"),
  },
  {
    name: "runs-pausing",
    scene: "running",
    at: "/prompts/prompt-contracts?tab=runs",
    ready: async (page) => {
      await page.getByRole("button", { name: "More requests at once" }).click();
      await text("12 at once")(page);
      await page.getByRole("button", { name: "Pause run 3" }).click();
      await text("Pausing once")(page);
    },
  },
  {
    name: "results-paused",
    scene: "running",
    at: "/prompts/prompt-contracts?tab=results",
    ready: async (page) => {
      await page.getByRole("button", { name: "Pause", exact: true }).click();
      await text("Paused by hand")(page);
    },
  },
  {
    name: "run-menu",
    at: "/prompts/prompt-sample",
    ready: async (page) => {
      await page.getByRole("button", { name: "Which tasks to run" }).click();
      await page.getByRole("menuitemradio", { name: "Only failed (2)" }).waitFor();
    },
  },
  {
    name: "run-sample",
    at: "/prompts/prompt-sample",
    ready: async (page) => {
      await page.getByRole("button", { name: "Which tasks to run" }).click();
      await page.getByRole("menuitem", { name: "Another sample" }).click();
      await page.getByRole("textbox", { name: "How many tasks" }).fill("x");
      await page.getByRole("radio", { name: "At random" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Choose" }).click();
      await text("Enter a whole number")(page);
    },
  },
  { name: "projects-error", scene: "failing", at: "/projects", ready: text("The projects could not be read") },
  {
    name: "projects-loading",
    scene: "loading",
    at: "/projects",
    ready: (page) => page.getByRole("status", { name: "Reading the projects" }).waitFor(),
  },
  { name: "projects-no-match", at: "/projects?q=zebra", ready: text("No project matches") },
  {
    name: "project-error",
    scene: "failing",
    at: "/projects/project-sample",
    ready: text("The project could not be read"),
  },
  {
    name: "keys-error",
    scene: "failing",
    at: "/prompts?dialog=keys",
    ready: text("The connections could not be read"),
  },
  {
    name: "create-error",
    scene: "failing",
    at: "/prompts?dialog=create",
    ready: (page) => page.getByRole("dialog").getByText("The projects could not be read").waitFor(),
  },
  {
    name: "keys-remove",
    at: "/prompts?dialog=keys",
    ready: async (page) => {
      await page.getByRole("button", { name: "Remove connection" }).click();
      await page.getByRole("alertdialog").waitFor();
    },
  },
  { name: "not-found", at: "/nowhere", ready: text("This screen does not exist") },
  { name: "locked", scene: "locked", at: "/prompts", ready: text("The workspace could not be opened") },
];

checkScreens(screens);
