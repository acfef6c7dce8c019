/** Tests over a list of screens, light and dark: nothing for axe to object to, and a picture to look at. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axe, type Chromium, DESKTOP, launch, picture, type Theme, type View } from "./browser";

export type Screen = Omit<View, "theme"> & {
  name: string;
  /** Waits for a text or a role that is there once the screen stands. */
  ready: (page: Page) => Promise<unknown>;
};

export function checkScreens(screens: readonly Screen[]): void {
  let chromium: Chromium;
  beforeAll(async () => {
    chromium = await launch();
  });
  afterAll(() => chromium.close());

  describe.each<Theme>(["light", "dark"])("%s", (theme) => {
    it.each(screens)("$name has nothing axe objects to", async ({ name, ready, ...view }) => {
      const page = await chromium.open({ size: DESKTOP, ...view, theme });
      try {
        await ready(page);
        await picture(page, `${name}-${theme}`);
        expect(await axe(page)).toEqual([]);
      } finally {
        await page.close();
      }
    });
  });
}
