/** What somebody else did meanwhile, through the local API or in another window, and the way on. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axe, type Chromium, launch, picture, SMALL, type Theme } from "./browser";

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

/** A version that is not of this window, on top of a prompt's others. */
function saveElsewhere(page: Page): Promise<void> {
  return page.evaluate(() => {
    const { world, send } = window.fake;
    const prompt = world.prompts.find(({ id }) => id === "prompt-contracts");
    const [newest] = prompt?.versions ?? [];
    if (prompt === undefined || newest === undefined) return;
    prompt.basedOn = newest.number;
    const content = structuredClone(newest.content);
    Object.assign(content.messages[0] ?? {}, { content: "You mark clauses in contracts, and nothing else." });
    const message = "Do not explain";
    prompt.versions.unshift({ ...newest, id: "version-elsewhere", number: newest.number + 1, message, content });
    send.changed({ kind: "prompt", prompt_id: prompt.id });
  });
}

async function deleteElsewhere(page: Page): Promise<void> {
  await page.getByText("Unsaved changes since").waitFor();
  await page.evaluate(() => void window.fake.commands.deletePrompt("prompt-contracts"));
}

describe.each<Theme>(["light", "dark"])("%s", (theme) => {
  it("says before saving that a version came on top, and compares with it", async () => {
    const page = await chromium.open({ at: "/prompts/prompt-contracts?tab=versions", theme });
    await page.getByText("Unsaved changes since v4").waitFor();
    await page.keyboard.press("Control+s");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "Message" }).waitFor();
    expect(await dialog.getByText("from which this draft began").count()).toBe(0);
    await saveElsewhere(page);
    await dialog.getByText("Version 5 was saved after version 4, from which this draft began").waitFor();
    await dialog.getByRole("button", { name: "Save version 6" }).waitFor();
    await picture(page, `meanwhile-save-${theme}`);
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Compare" }).click();
    await page.getByRole("region", { name: "Version 5" }).getByText("Compared with the draft").waitFor();
    await picture(page, `meanwhile-compare-${theme}`);
    // Back at no version of its own, the newest one answers.
    await page.goBack();
    await page.getByText("Compared with version 4").waitFor();
    await page.getByRole("button", { name: "Labels" }).click();
    await page.getByRole("menuitem", { name: /^New label/ }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+s");
    await dialog.getByRole("button", { name: "Save version 6" }).click();
    await page.getByText("Saved as version 6").waitFor();
    await page.close();
  });

  it("leads back to a prompt that was deleted while it was open", async () => {
    const page = await chromium.open({ at: "/prompts/prompt-contracts", theme });
    await deleteElsewhere(page);
    await page.getByRole("heading", { name: "This prompt is in the bin" }).waitFor();
    await page.getByRole("button", { name: "Back to the list" }).waitFor();
    await picture(page, `meanwhile-bin-${theme}`);
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Restore" }).click();
    await page.getByText("Unsaved changes since").waitFor();
    await page.close();
  });

  it("says of an address of no prompt that there is none", async () => {
    const page = await chromium.open({ at: "/prompts/prompt-of-last-year", theme, size: SMALL });
    await page.getByRole("heading", { name: "There is no such prompt" }).waitFor();
    await picture(page, `meanwhile-gone-${theme}`);
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Back to the list" }).click();
    await page.getByRole("heading", { name: "Prompts" }).waitFor();
    await page.close();
  });

  it("asks for another name where that of a deleted prompt is taken", async () => {
    const page = await chromium.open({ at: "/prompts", theme });
    await page.getByRole("button", { name: "Actions for Ticket urgency" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Undo" }).waitFor();
    await page.evaluate(() => {
      const other = window.fake.world.prompts.find(({ id }) => id === "prompt-elsewhere");
      if (other !== undefined) other.name = "Ticket urgency";
    });
    await page.getByRole("button", { name: "Undo" }).click();
    const dialog = page.getByRole("dialog", { name: "Deleted prompts" });
    const name = dialog.getByRole("textbox", { name: "Name" });
    await dialog.getByText("Another prompt has this name now").waitFor();
    expect(await name.inputValue()).toBe("Ticket urgency 2");
    expect(await name.getAttribute("aria-invalid"), "a proposal is no error").not.toBe("true");
    await picture(page, `meanwhile-name-${theme}`);
    expect(await axe(page)).toEqual([]);
    await name.fill("Ticket urgency");
    await page.keyboard.press("Enter");
    await dialog.getByText("exists already").waitFor();
    expect(await name.getAttribute("aria-invalid")).toBe("true");
    await picture(page, `meanwhile-name-taken-${theme}`);
    await name.fill("Ticket urgency, as it was");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Ticket urgency, as it was" }).waitFor();
    expect(await dialog.count()).toBe(0);
    await page.close();
  });

  it("names the model that a prompt from elsewhere keeps", async () => {
    const page = await chromium.open({ at: "/prompts/prompt-elsewhere", theme });
    const model = page.getByRole("combobox", { name: "Base model" });
    await page.getByText("anthropic.claude · AWS Bedrock, not set up here").waitFor();
    await model.click();
    await page.getByText("Kept as it is until you choose another").waitFor();
    await picture(page, `meanwhile-model-${theme}`);
    expect(await axe(page)).toEqual([]);
    await page.getByRole("option", { name: "qwen3:8b" }).first().click();
    await page.getByText("Unsaved changes since v1").waitFor();
    await model.click();
    expect(await page.getByText("not set up here").count()).toBe(0);
    await page.close();
  });
});

it("says of an open prompt that is not in the bin either that it is gone", async () => {
  const page = await chromium.open({ at: "/prompts/prompt-contracts" });
  await page.getByRole("tab", { name: "Results" }).waitFor();
  await page.evaluate(() => {
    window.fake.commands.listDeletedPrompts = async () => ({ status: "ok", data: [] });
  });
  await deleteElsewhere(page);
  await page.getByRole("heading", { name: "This prompt is gone for good" }).waitFor();
  await page.close();
});
