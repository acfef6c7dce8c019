/** A window of the app in Chromium, at a given size and theme, over a given scene. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { inject } from "vitest";
import type { Scene } from "../../src/ipc/fake";
import { NOW } from "../../src/ipc/fake-world";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const pictures = new URL("./screenshots/", import.meta.url).pathname;

/** `system` is light until `turn` says otherwise. */
export type Theme = "light" | "dark" | "system";
export type View = {
  scene?: Scene;
  theme?: Theme;
  at?: string;
  size?: { width: number; height: number };
  sidebar?: "collapsed";
  /** Otherwise the clock stands still, so that pictures can be compared; timers and frames are then not the browser's own. */
  clock?: "running";
};

export const DESKTOP = { width: 1280, height: 800 };
export const SMALL = { width: 960, height: 600 };
export const WIDE = { width: 1920, height: 1080 };
/** What 200 % zoom leaves of `DESKTOP`. */
export const ZOOMED = { width: 640, height: 400 };

export type Chromium = { open(view: View): Promise<Page>; close(): Promise<void> };

export async function launch(): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), "touchstone-screens-"));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    reducedMotion: "reduce",
    colorScheme: "light",
    locale: "en-GB",
    timezoneId: "UTC",
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  return {
    async open({ scene = "lived", theme = "light", at = "/prompts", size = DESKTOP, sidebar, clock }) {
      const page = await context.newPage();
      page.on("pageerror", (error) => {
        throw error;
      });
      await page.setViewportSize(size);
      if (clock !== "running") await page.clock.setFixedTime(NOW);
      // Not in the address: the hash history of the router would take its query for its own.
      await page.addInitScript(
        (wanted) => {
          window.wanted = wanted;
        },
        { scene, theme, sidebarCollapsed: sidebar === "collapsed" },
      );
      await page.goto(`${inject("address")}#${at}`);
      await page.evaluate(() => document.fonts.ready);
      page.setDefaultTimeout(10_000);
      return page;
    },
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Makes the system's colors those of `scheme`, under a page that goes by the system. */
export async function turn(page: Page, scheme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  await page.locator(`html[data-color-scheme=${scheme}]`).waitFor();
}

/** The rules of axe-core that go by colors, so that they may differ from theme to theme. */
export const COLORS = ["color-contrast", "link-in-text-block"];

/** What axe-core finds wrong on the page by all its `rules`, or by these, in words; empty when nothing is. */
export async function axe(page: Page, rules?: string[]): Promise<string[]> {
  await page.addScriptTag({ path: axePath });
  return page.evaluate(async (rules) => {
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    // Menus, tooltips, suggestions and toasts lie over the page and belong to none of its landmarks.
    const over = ["[data-base-ui-portal]", "body > :has(> .cm-tooltip)"];
    const selector = `body *:not(${over.map((one) => `${one}, ${one} *`).join(", ")})`;
    axe.configure({ rules: [{ id: "region", selector }] });
    const { violations } = await axe.run(document, {
      resultTypes: ["violations"],
      ...(rules !== undefined && { runOnly: rules }),
    });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(
        (node) => `${id}: ${help} | ${node.html.slice(0, 160)} | ${node.failureSummary?.replaceAll("\n", " ")}`,
      ),
    );
  }, rules);
}

export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
