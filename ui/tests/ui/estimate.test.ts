/** What a run would take, wherever one is about to be started. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { checkScreens } from "./checkScreens";

const openMenu = (page: Page) => page.getByRole("button", { name: "Which tasks to run" }).click();

checkScreens([
  {
    name: "estimate-menu",
    scene: "providers",
    at: "/prompts/prompt-new",
    ready: async (page) => {
      await openMenu(page);
      await page.getByText("By rule of thumb").waitFor();
      await page.getByRole("menuitem", { name: /^Try 20 tasks first/ }).waitFor();
    },
  },
  {
    name: "estimate-menu-free",
    at: "/prompts/prompt-sample",
    ready: async (page) => {
      await openMenu(page);
      await page.getByText(/ owned · free · /).waitFor();
      expect(await page.getByRole("menuitem", { name: /first$/ }).count(), "a pilot would tell no more").toBe(0);
    },
  },
  {
    name: "estimate-sample",
    scene: "providers",
    at: "/prompts/prompt-new",
    ready: async (page) => {
      await openMenu(page);
      await page.getByRole("menuitem", { name: "Another sample" }).click();
      await page.getByRole("textbox", { name: "How many tasks" }).fill("50");
      await page.getByText(/50 tasks, 50 to ask/).waitFor();
    },
  },
  {
    name: "estimate-refused",
    scene: "providers",
    at: "/prompts/prompt-sample",
    ready: async (page) => {
      await openMenu(page);
      await page.getByRole("menuitem", { name: /Money stop/ }).click();
      await page.getByRole("textbox", { name: /Dollars/ }).fill("2.5");
      await page.getByText("A money stop could not be kept").waitFor();
    },
  },
  {
    name: "estimate-picked",
    scene: "providers",
    at: "/projects/project-sample",
    ready: async (page) => {
      await page.getByRole("row").nth(1).focus();
      await page.keyboard.press("Shift+ArrowDown");
      await page.getByRole("button", { name: "Run a prompt" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("combobox", { name: "Prompt" }).click();
      await page.getByRole("option", { name: "Ticket urgency" }).click();
      await dialog.getByRole("button", { name: /^By rule of thumb/ }).hover();
      await page.getByText("at the provider’s price of batches").waitFor();
    },
  },
]);
