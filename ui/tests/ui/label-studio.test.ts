/** Both ways with a Label Studio server: connected, a project picked, its changes pulled, and a run given back. */
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, DESKTOP, launch, SMALL, ZOOMED } from "./browser";
import { checkScreens, type Screen } from "./checkScreens";

const scene = "linked";
const settings = "/prompts?dialog=label-studio";
const picker = "/projects?dialog=from-label-studio";
const project = "/projects/project-contracts";
const pull = `${project}?dialog=pull&project=project-contracts`;
const results = "/prompts/prompt-contracts?tab=results&run=run-contracts-2";
const push = `${results}&dialog=push`;

const dialog = (page: Page, name: string) => page.getByRole("dialog", { name });
const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();
const search = (page: Page) => page.getByRole("combobox", { name: "Search the projects" });
const option = (page: Page, name: string | RegExp) => page.getByRole("option", { name });
const servers = (page: Page) => page.getByRole("list", { name: "Label Studio servers" });

/** No server is reached any more. */
const goAway = (page: Page) =>
  page.evaluate(() => {
    const { world, send } = window.fake;
    world.labelStudio.gone = "Nothing listens at label.team.example:443. Is the server running?";
    send.changed({ kind: "label_studio" });
  });

/** The next window begins with the first server again. */
const forgetServer = (page: Page) => page.evaluate(() => localStorage.removeItem("touchstone.label-studio-server"));

async function fillServer(page: Page, address = "https://label.team.example"): Promise<void> {
  await page.getByRole("textbox", { name: "Address" }).fill(address);
  await page.getByLabel("Token", { exact: true }).fill("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl");
}

/** The section begins at the top of what is in sight, however much is read above it and in it. */
async function atServers(page: Page): Promise<void> {
  await servers(page).waitFor();
  await page
    .getByText(/^To “Framework/)
    .first()
    .waitFor();
  const heading = page.getByRole("heading", { name: "Label Studio", exact: true });
  const description = page.getByText("Changes apply at once.", { exact: false });
  const below = async () => {
    const [box, above] = await Promise.all([heading.boundingBox(), description.boundingBox()]);
    return (box?.y ?? 0) - (above?.y ?? 0) - (above?.height ?? 0);
  };
  await expect.poll(below).toBeLessThan(60);
}

/** The tasks of both sides were compared, and the text of both configs drawn. */
async function planned(page: Page): Promise<void> {
  await page.getByText("New tasks").waitFor();
  await page.getByText("Bonus").first().waitFor();
}

const screens: Screen[] = [
  { name: "label-studio-settings", scene, at: settings, ready: atServers },
  { name: "label-studio-settings-small", scene, at: settings, size: SMALL, ready: atServers },
  { name: "label-studio-settings-zoomed", scene, at: settings, size: ZOOMED, ready: atServers },
  { name: "label-studio-settings-empty", at: settings, ready: text("No server is connected.") },
  {
    name: "label-studio-settings-failing",
    scene: "failing",
    at: settings,
    ready: text("The servers could not be read"),
  },
  {
    name: "label-studio-checked",
    scene,
    at: settings,
    ready: async (page) => {
      await page.getByRole("button", { name: "Check Annotation team again" }).click();
      await page.getByText("Read projects, tasks and annotations.").waitFor();
    },
  },
  {
    name: "label-studio-gone",
    scene,
    at: settings,
    ready: async (page) => {
      await goAway(page);
      await page.getByRole("button", { name: "Check Annotation team again" }).click();
      await page.getByText("“Annotation team” cannot be used now").waitFor();
    },
  },
  {
    name: "label-studio-remove",
    scene,
    at: settings,
    ready: async (page) => {
      await page.getByRole("button", { name: "Remove Annotation team" }).click();
      await page.getByText("1 project that came from it stays here").waitFor();
    },
  },
  {
    name: "label-studio-connect",
    at: settings,
    ready: async (page) => {
      await page.getByRole("button", { name: "Connect a server…" }).click();
      await fillServer(page, "https://enterprise.team.example");
      await page.getByRole("button", { name: "Test" }).click();
      await page.getByText("Works: Label Studio 2.36.0, Enterprise").waitFor();
    },
  },
  {
    name: "label-studio-connect-refused",
    at: settings,
    size: SMALL,
    ready: async (page) => {
      await page.getByRole("button", { name: "Connect a server…" }).click();
      await fillServer(page, "https://www.example.org");
      await page.getByRole("button", { name: "Advanced" }).click();
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.getByText("is no Label Studio").waitFor();
    },
  },
  {
    name: "label-studio-connect-no-keychain",
    scene: "no-keychain",
    at: settings,
    ready: async (page) => {
      await page.getByRole("button", { name: "Connect a server…" }).click();
      await fillServer(page);
      await page.getByRole("checkbox", { name: "Keep this token only until I quit" }).waitFor();
    },
  },
  {
    name: "label-studio-change",
    scene,
    at: settings,
    ready: async (page) => {
      await page.getByRole("button", { name: /^Change Research/ }).click();
      await page.getByRole("textbox", { name: "Proxy" }).waitFor();
    },
  },
  { name: "label-studio-pick", scene, at: picker, ready: text("38 minutes ago") },
  {
    name: "label-studio-pick-small",
    scene,
    at: picker,
    size: SMALL,
    ready: text("38 minutes ago"),
  },
  {
    name: "label-studio-pick-zoomed",
    scene,
    at: picker,
    size: ZOOMED,
    ready: (page) => option(page, /^Product/).waitFor(),
  },
  {
    name: "label-studio-pick-loading",
    scene: "loading",
    at: picker,
    ready: (page) => page.getByRole("status", { name: "Reading the servers" }).waitFor(),
  },
  {
    name: "label-studio-pick-reading",
    scene,
    at: "/projects",
    ready: async (page) => {
      await page.getByRole("button", { name: "From Label Studio" }).waitFor();
      await page.evaluate(() => {
        window.fake.commands.serverProjects = () => new Promise(() => {});
      });
      await page.getByRole("button", { name: "From Label Studio" }).click();
      await page.getByRole("status", { name: "Reading the projects" }).waitFor();
    },
  },
  {
    name: "label-studio-pulling",
    scene,
    at: picker,
    ready: async (page) => {
      await option(page, /^Product reviews/).waitFor();
      await page.evaluate(() => {
        window.fake.commands.pullProject = async (server_id, remote_id) => {
          setTimeout(
            () => window.fake.send.pullProgress({ server_id, remote_id, done: 1_200, total: 1_850, bytes: 0 }),
            50,
          );
          return new Promise(() => {});
        };
      });
      await search(page).press("Enter");
      await page.getByText("1,200 of 1,850 tasks read").waitFor();
    },
  },
  { name: "label-studio-pick-first", at: picker, ready: text("Connect a Label Studio server") },
  {
    name: "label-studio-pick-many",
    scene,
    at: picker,
    ready: async (page) => {
      await page.getByRole("combobox", { name: "Server" }).click();
      await page.getByRole("option", { name: /^Research/ }).click();
      await option(page, /^Scratch/).waitFor();
      await forgetServer(page);
    },
  },
  {
    name: "label-studio-pick-none",
    scene,
    at: picker,
    ready: async (page) => {
      await search(page).fill("zebra");
      await page.getByText("No project has “zebra” in its title").waitFor();
    },
  },
  {
    name: "label-studio-pick-gone",
    scene,
    at: "/projects",
    ready: async (page) => {
      await page.getByRole("button", { name: "From Label Studio" }).waitFor();
      await goAway(page);
      await page.getByRole("button", { name: "From Label Studio" }).click();
      await page.getByText("The projects could not be read").waitFor();
    },
  },
  {
    name: "label-studio-pulled",
    scene,
    at: picker,
    ready: async (page) => {
      await option(page, /^Product reviews/).waitFor();
      await search(page).press("Enter");
      await page.getByText("“Product reviews, third quarter” is here.").waitFor();
    },
  },
  { name: "label-studio-create", scene, at: "/prompts?dialog=create", ready: text("From Label Studio…") },
  { name: "label-studio-project", scene, at: project, ready: text("Annotation team") },
  { name: "label-studio-project-small", scene, at: project, size: SMALL, ready: text("Annotation team") },
  { name: "label-studio-projects", scene, at: "/projects", ready: text("Linked") },
  { name: "label-studio-plan", scene, at: pull, ready: planned },
  { name: "label-studio-plan-small", scene, at: pull, size: SMALL, ready: planned },
  {
    name: "label-studio-plan-loading",
    scene,
    at: project,
    ready: async (page) => {
      await page.getByRole("button", { name: "Pull changes" }).waitFor();
      await page.evaluate(() => {
        window.fake.commands.planPull = () => new Promise(() => {});
      });
      await page.getByRole("button", { name: "Pull changes" }).click();
      await page.getByText("Comparing the tasks of both sides").waitFor();
    },
  },
  {
    name: "label-studio-plan-same",
    scene,
    at: project,
    ready: async (page) => {
      await page.getByRole("button", { name: "Pull changes" }).waitFor();
      await page.evaluate(() => {
        window.fake.world.labelStudio.changes = {};
      });
      await page.getByRole("button", { name: "Pull changes" }).click();
      await page.getByText("Nothing changed there").waitFor();
    },
  },
  {
    name: "label-studio-plan-gone",
    scene,
    at: project,
    ready: async (page) => {
      await page.getByRole("button", { name: "Pull changes" }).waitFor();
      await goAway(page);
      await page.getByRole("button", { name: "Pull changes" }).click();
      await page.getByText("The changes could not be read").waitFor();
    },
  },
  {
    name: "label-studio-export-menu",
    scene,
    at: results,
    ready: async (page) => {
      await page.getByRole("button", { name: "Give back…" }).waitFor();
      await page.getByRole("button", { name: "Export" }).click();
      await page.getByRole("menuitem", { name: "CSV" }).waitFor();
    },
  },
  { name: "label-studio-push", scene, at: push, ready: text("Predictions to write") },
  {
    name: "label-studio-push-other-data",
    scene,
    at: results,
    ready: async (page) => {
      await page.getByRole("button", { name: "Export" }).waitFor();
      await page.evaluate(() => {
        window.fake.world.labelStudio.otherData = 12;
      });
      await page.getByRole("button", { name: "Give back…" }).click();
      await page.getByText("Of them, of data that changed since").waitFor();
    },
  },
  { name: "label-studio-push-small", scene, at: push, size: SMALL, ready: text("Predictions to write") },
  {
    name: "label-studio-push-replace",
    scene,
    at: push,
    ready: async (page) => {
      await page.getByRole("radio", { name: "Are deleted" }).click();
      await page.getByRole("button", { name: /, delete 412$/ }).click();
      await page.getByRole("alertdialog", { name: "Delete 412 predictions there?" }).waitFor();
    },
  },
  {
    name: "label-studio-push-waits",
    scene,
    at: results,
    ready: async (page) => {
      await page.getByRole("button", { name: "Export" }).waitFor();
      await goAway(page);
      await page.getByRole("button", { name: "Give back…" }).click();
      await page.getByText("The server is not reached now").waitFor();
    },
  },
  {
    name: "label-studio-pushing",
    scene,
    at: push,
    ready: async (page) => {
      await page.getByRole("button", { name: /^Write/ }).waitFor();
      await page.evaluate(() => {
        window.fake.commands.pushRun = async (run_id) => {
          setTimeout(() => window.fake.send.pushProgress({ push_id: 8, run_id, done: 1_500, total: 3_120 }), 50);
          return new Promise(() => {});
        };
      });
      await page.getByRole("button", { name: /^Write/ }).click();
      await page.getByText("1,500 of 3,120 tasks gone through").waitFor();
    },
  },
  {
    name: "label-studio-pushed",
    scene,
    at: push,
    ready: async (page) => {
      await page.getByRole("button", { name: /^Write/ }).click();
      await page.getByText("It is there", { exact: true }).waitFor();
    },
  },
  { name: "label-studio-runs", scene, at: "/prompts/prompt-contracts?tab=runs", ready: text("Run 3") },
];

checkScreens(screens);

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

it("connects a server, pulls a project of it and creates a prompt for it, by keyboard alone", async () => {
  const page = await chromium.open({ at: "/prompts?dialog=create", clock: "running" });
  await page.getByRole("textbox", { name: "Name" }).fill("Stars of reviews");
  await page.getByRole("button", { name: "From Label Studio…" }).focus();
  await page.keyboard.press("Enter");
  const connect = page.getByRole("button", { name: "Connect a server…" });
  await connect.focus();
  await page.keyboard.press("Enter");
  await dialog(page, "Connect a Label Studio server").waitFor();
  await page.keyboard.type("https://label.team.example");
  await page.keyboard.press("Tab");
  await page.keyboard.type("0f9a8c");
  await page.keyboard.press("Enter");
  // The focus is in the search from the start: arrows move, Enter pulls.
  await option(page, /^Product reviews/).waitFor();
  await expect.poll(() => search(page).evaluate((input) => input === document.activeElement)).toBe(true);
  await page.keyboard.type("reviews, third");
  await option(page, /^Framework/).waitFor({ state: "detached" });
  await option(page, /^Product reviews/).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Use it for the prompt" }).waitFor();
  await page.keyboard.press("Control+Enter");
  await page.getByRole("button", { name: "Use it for the prompt" }).waitFor({ state: "detached" });
  const form = dialog(page, "Create Prompt");
  await expect
    .poll(() => form.getByRole("combobox", { name: "Target project" }).inputValue())
    .toBe("Product reviews, third quarter");
  expect(await form.getByRole("textbox", { name: "Name" }).inputValue(), "what was typed is kept").toBe(
    "Stars of reviews",
  );
  await page.close();
});

it("takes no project that a prompt cannot use, and opens one that is here", async () => {
  const page = await chromium.open({ scene, at: picker, clock: "running" });
  const scenes = option(page, /^Street scenes/);
  await scenes.waitFor();
  expect(await scenes.getAttribute("aria-disabled")).toBe("true");
  await scenes.dblclick({ force: true });
  await page.getByRole("button", { name: "Pull project" }).waitFor();
  expect(await page.getByRole("button", { name: "Pull project" }).getAttribute("aria-disabled")).toBe("true");
  await option(page, /^Framework agreements/).click();
  await page.getByRole("button", { name: "Open project" }).click();
  await page.getByRole("heading", { name: /^Contracts/ }).waitFor();
  await page.close();
});

it("leads from a list that cannot be read to the server's address and token, and back", async () => {
  const page = await chromium.open({ scene, at: "/projects", clock: "running" });
  await page.getByRole("button", { name: "From Label Studio" }).waitFor();
  await goAway(page);
  await page.getByRole("button", { name: "From Label Studio" }).click();
  await page.getByRole("button", { name: "Change the server…" }).click();
  await dialog(page, "Change “Annotation team”").waitFor();
  await page.evaluate(() => {
    window.fake.world.labelStudio.gone = null;
  });
  await page.getByRole("button", { name: "Save" }).click();
  await option(page, /^Product reviews/).waitFor();
  await page.close();
});

it("reaches the last of a thousand projects by scrolling, with no more rows than are in sight", async () => {
  const page = await chromium.open({ scene, at: picker, clock: "running" });
  await page.getByRole("combobox", { name: "Server" }).click();
  await page.getByRole("option", { name: /^Research/ }).click();
  await option(page, /^Scratch/).waitFor();
  await forgetServer(page);
  const list = page.getByRole("listbox", { name: "Projects of the server" });
  await list.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
  await option(page, /batch 1239/).waitFor();
  expect(await list.getByRole("option").count()).toBeLessThan(30);
  await page.close();
});

it("leaves a pull by its own button only, and changes nothing", async () => {
  const page = await chromium.open({ scene, at: pull, clock: "running" });
  await page.getByText("New tasks").waitFor();
  const contracts = () =>
    page.evaluate(() => window.fake.world.projects.find(({ summary }) => summary.id === "project-contracts"));
  const before = await contracts();
  expect(before?.summary.link).toBeTruthy();
  await page.getByRole("button", { name: "Pull", exact: true }).click();
  const cancel = page.getByRole("button", { name: "Cancel pull" });
  await cancel.waitFor();
  await page.keyboard.press("Escape");
  await cancel.click();
  await page.getByText("The pull was canceled; nothing was changed here").waitFor();
  await page.getByText("New tasks").waitFor();
  expect(await contracts()).toEqual(before);
  await page.close();
});

it("takes another config only when it is told to", async () => {
  const page = await chromium.open({ scene, at: pull, clock: "running" });
  await page.getByText("New tasks").waitFor();
  await page.getByRole("checkbox", { name: "Take their config" }).click();
  await page.getByRole("button", { name: "Pull", exact: true }).click();
  await page.getByText("Kept as they were edited here").waitFor();
  const xml = await page.evaluate(
    () => window.fake.world.projects.find(({ summary }) => summary.id === "project-contracts")?.xml,
  );
  expect(xml).toContain("Bonus");
  await page.close();
});

it("has nothing of the results beneath the open one", async () => {
  const page = await chromium.open({ scene, at: `${results}&task=2`, size: DESKTOP });
  await page.getByRole("heading", { name: "Task 2", exact: true }).waitFor();
  for (const name of ["Give back…", "Export", "Columns", "Run these tasks again"]) {
    const button = page.getByRole("main").getByRole("button", { name, exact: true });
    await button.scrollIntoViewIfNeeded();
    const isCovered = await button.evaluate((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return [left + 4, right - 4].some((x) => !element.contains(document.elementFromPoint(x, (top + bottom) / 2)));
    });
    expect(isCovered, name).toBe(false);
  }
  // Where there is no room for both, it takes all of it.
  await page.setViewportSize(SMALL);
  const widthOf = async (element: Locator) => (await element.boundingBox())?.width;
  const result = page.getByRole("complementary", { name: "Result" });
  expect(await widthOf(result)).toBe(await widthOf(page.getByRole("main")));
  await page.close();
});

it("writes once, and has nothing to write the second time", async () => {
  const page = await chromium.open({ scene, at: push, clock: "running" });
  await page.getByRole("button", { name: /^Write/ }).click();
  await page.getByText("It is there", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Give back…" }).click();
  await page.getByText("Predictions to write").waitFor();
  const again = page.getByRole("button", { name: "Give back", exact: true });
  expect(await again.getAttribute("aria-disabled")).toBe("true");
  await page.close();
});

it("has a run wait for a server that is gone, and goes on with it once it is back", async () => {
  const page = await chromium.open({ scene, at: results, clock: "running" });
  await page.getByRole("button", { name: "Export" }).waitFor();
  await page.evaluate(() => {
    window.fake.world.labelStudio.pushes = [];
  });
  await goAway(page);
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("combobox", { name: "Search commands, prompts and projects" });
  await palette.and(page.locator(":focus")).waitFor();
  await page.keyboard.type("give back");
  await page
    .getByRole("option", { name: /^Give back to Label Studio/ })
    .and(page.locator("[data-highlighted]"))
    .waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Give back once it is reached" }).click();
  await page.getByText("The run waits to be given back").first().waitFor();
  await page.getByRole("button", { name: "Show what waits" }).click();
  const again = page.getByRole("button", { name: /^Try Find parties.* now$/ });
  await again.click();
  await page.getByText("It could not go on").first().waitFor();
  await page.evaluate(() => {
    window.fake.world.labelStudio.gone = null;
  });
  await again.click();
  await page.getByText(/^Nothing waits/).waitFor();
  await page.close();
});

it("asks before it deletes, and writes nothing when that is refused", async () => {
  const page = await chromium.open({ scene, at: push, clock: "running" });
  await page.getByRole("radio", { name: "Are deleted" }).click();
  await page.getByRole("button", { name: /, delete 412$/ }).click();
  const question = page.getByRole("alertdialog", { name: "Delete 412 predictions there?" });
  await question.getByRole("button", { name: "Cancel" }).click();
  await question.waitFor({ state: "detached" });
  const pushed = await page.evaluate(() => window.fake.world.labelStudio.pushes.length);
  expect(pushed).toBe(3);
  await page.close();
});

it("removes a server with a word of its own, and its projects stay", async () => {
  const page = await chromium.open({ scene, at: settings, clock: "running" });
  await page.getByRole("button", { name: "Remove Annotation team" }).click();
  await page.getByRole("button", { name: "Remove server" }).click();
  await page.getByText("Removed “Annotation team”").waitFor();
  await page.getByRole("button", { name: "Connect a server…" }).waitFor();
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.textContent), { message: "the focus stays close by" })
    .toBe("Connect a server…");
  const links = await page.evaluate(() => window.fake.world.projects.filter(({ summary }) => summary.link !== null));
  expect(links).toEqual([]);
  expect(await page.evaluate(() => window.fake.world.projects.length)).toBe(6);
  await page.close();
});
