/** A project of a million tasks, for what only so long a table can show. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { type Chromium, DESKTOP } from "./browser";

export const MILLION = 1_000_000;

export const taskGrid = (page: Page) => page.getByRole("grid", { name: "Tasks" });

/** The project, once its table is as long as it. Its clock runs, so that the browser draws frames as it always does. */
export async function openMillion(chromium: Chromium, size = DESKTOP): Promise<Page> {
  const page = await chromium.open({ at: "/projects/project-sample", size, clock: "running" });
  await taskGrid(page).getByText("charged twice").first().waitFor();
  await page.evaluate((tasks) => {
    const project = window.fake.world.projects.find(({ summary }) => summary.id === "project-sample");
    if (project !== undefined) project.summary.task_count = tasks;
    window.fake.send.changed({ kind: "everything" });
  }, MILLION);
  await expect.poll(() => taskGrid(page).getAttribute("aria-rowcount")).toBe(String(MILLION + 1));
  return page;
}
