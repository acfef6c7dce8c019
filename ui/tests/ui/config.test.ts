/** Writing a labeling config: the screen, its dialogs, and what the keyboard reaches. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch, SMALL } from "./browser";
import { checkScreens } from "./checkScreens";

const config = "/projects/project-sample/config";
const editor = (page: Page) => page.getByRole("textbox", { name: "Labeling config" });
const opened = (page: Page) => editor(page).getByText("Choices").first().waitFor();

/** Types over all of the text. */
async function write(page: Page, change: (text: string) => string): Promise<void> {
  await opened(page);
  const text = await page.evaluate(
    () => window.fake.world.projects.find(({ summary }) => summary.id === "project-sample")?.xml ?? "",
  );
  await editor(page).focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(change(text));
}

checkScreens([
  { name: "config", at: config, ready: opened },
  { name: "config-small", size: SMALL, at: config, ready: opened },
  {
    name: "config-classes",
    at: `${config}?part=classes`,
    ready: (page) => page.getByRole("textbox", { name: "Name of Billing" }).waitFor(),
  },
  {
    name: "config-colour",
    at: `${config}?part=classes`,
    ready: (page) => page.getByRole("button", { name: "Colour of Billing" }).click(),
  },
  { name: "config-schema", at: `${config}?part=schema`, ready: opened },
  {
    name: "config-problems",
    at: config,
    ready: async (page) => {
      await write(page, (text) =>
        text.replace('toName="text"', 'toName="txt"').replace("</View>", "  <Colour/>\n</View>"),
      );
      await page.getByText("2 problems").waitFor();
    },
  },
  {
    name: "config-save",
    at: config,
    ready: async (page) => {
      await write(page, (text) => text.replace('"Billing"', '"Invoices"'));
      await page.keyboard.press("Control+s");
      await page.getByText("Classes that are gone").waitFor();
    },
  },
  {
    name: "config-templates",
    at: config,
    ready: async (page) => {
      await page.getByRole("button", { name: "Templates" }).click();
      await page.getByRole("radio", { name: /^Compare two/ }).click();
    },
  },
  {
    name: "import-template",
    at: "/projects?dialog=import",
    ready: async (page) => {
      await page.getByRole("button", { name: "Start from a template" }).click();
      await page.getByRole("radio", { name: /^Sentiment/ }).click();
      await page.getByRole("button", { name: "Use template" }).click();
      await page.getByRole("button", { name: "Use its 6 sample tasks" }).waitFor();
    },
  },

  {
    name: "import-template-small",
    size: SMALL,
    at: "/projects?dialog=templates",
    ready: (page) => page.getByRole("radio", { name: /^Named entities.*Labels, 6 sample tasks/ }).click(),
  },
]);

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

it("brings a template with its sample tasks, found by the control", async () => {
  const page = await chromium.open({ at: "/projects" });
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /^Search commands/ }).fill("samples pairwise");
  await page.getByRole("option", { name: "Samples by control" }).click();
  await page.getByRole("radio", { name: /Pairwise, TextArea, 6 sample tasks/ }).click();
  await page.getByRole("button", { name: "Use template" }).click();
  const use = page.getByRole("button", { name: "Use its 6 sample tasks" });
  await page.getByRole("textbox", { name: "Name" }).fill("Support tickets (sample)");
  await use.click();
  await page.getByText(/exists already/).waitFor();
  await page.getByRole("textbox", { name: "Name" }).fill("Which is better?");
  await use.click();
  await page.getByText("“Which is better?” is imported.").waitFor();
  await page.getByRole("button", { name: "Open project" }).click();
  await page.getByRole("heading", { name: "Which is better?" }).waitFor();
  await page.close();
});

it("keeps what was not saved when the screen is left, and saves it with the key", async () => {
  const page = await chromium.open({ at: config });
  await write(page, (text) => text.replace("<View>", "<View>\n  <!-- new -->"));
  await page.getByText("Not saved").waitFor();
  await page.reload();
  await page.getByText("Not saved").waitFor();
  await editor(page).getByText("<!-- new -->").waitFor();
  await editor(page).focus();
  await page.keyboard.press("Control+s");
  await page.getByText("Not saved").waitFor({ state: "detached" });
  await page.reload();
  await opened(page);
  expect(await page.getByText("Not saved").count()).toBe(0);
  await page.close();
});

it("mends a problem from below the text, and takes that back with one undo", async () => {
  const page = await chromium.open({ at: config });
  await write(page, (text) => text.replace('toName="text"', 'toName="txt"'));
  await page.getByRole("button", { name: "Use “text”" }).click();
  await page.getByText("No problems").waitFor();
  await editor(page).focus();
  await page.keyboard.press("Control+z");
  await page.getByText("1 problem").waitFor();
  await page.close();
});

it("offers tags and attributes while they are typed", async () => {
  const page = await chromium.open({ at: config });
  await opened(page);
  await editor(page).focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("<Ch");
  await page.getByRole("option", { name: /Choices/ }).waitFor();
  await page.close();
});

it("finds a class among a thousand in the list of classes", async () => {
  const page = await chromium.open({ scene: "unruly", at: "/projects/project-word/config?part=classes" });
  const names = page.getByRole("region", { name: "Classes of topic" }).getByRole("textbox", { name: /^Name of/ });
  await expect.poll(() => names.count()).toBe(100);
  await page.getByRole("searchbox", { name: "Filter classes of topic" }).fill("0500");
  await expect.poll(() => names.count()).toBe(1);
  expect(await names.inputValue()).toBe("Topic 0500");
  await names.fill("Returns");
  await names.press("Enter");
  await editor(page).getByText('<Choice value="Topic 0500"/>').waitFor({ state: "detached" });
  await page.getByText("Not saved").waitFor();
  await page.close();
});

it("keeps the keyboard in a class that was filtered for and is renamed, and no class leaves those in sight", async () => {
  const page = await chromium.open({
    scene: "unruly",
    at: "/projects/project-word/config?part=classes",
    clock: "running",
  });
  const topics = page.getByRole("region", { name: "Classes of topic" });
  const names = topics.getByRole("textbox", { name: /^Name of/ });
  await expect.poll(() => names.count()).toBe(100);
  expect(await topics.getByRole("button", { name: "Move Topic 0100 down" }).isEnabled()).toBe(false);
  expect(await topics.getByRole("button", { name: "Move Topic 0099 down" }).isEnabled()).toBe(true);
  // As Rust answers, with the class under its new name.
  await page.evaluate(() => {
    const { commands, world } = window.fake;
    const { editConfig } = commands;
    commands.editConfig = async (xml, edit) => {
      const edited = await editConfig(xml, edit);
      const project = world.projects.find(({ summary }) => summary.id === "project-word");
      if (edit.kind === "rename_class" && project !== undefined && edited.status === "ok") {
        const nodes = project.outline.nodes.map((node) => ({
          ...node,
          classes: node.classes.map((one) => (one.value === edit.from ? { ...one, value: edit.to } : one)),
        }));
        project.outline = { nodes };
        project.xml = edited.data;
      }
      return edited;
    };
  });
  const filter = page.getByRole("searchbox", { name: "Filter classes of topic" });
  // Another than above: what was not saved there is kept.
  await filter.fill("0999");
  await expect.poll(() => names.count()).toBe(1);
  await names.fill("Returns");
  await names.press("Enter");
  await topics.getByRole("textbox", { name: "Name of Returns" }).and(page.locator(":focus")).waitFor();
  await filter.fill("099");
  await topics.getByRole("textbox", { name: "Name of Topic 0998" }).waitFor();
  expect(await topics.getByRole("textbox", { name: "Name of Returns" }).count()).toBe(0);
  await page.close();
});
