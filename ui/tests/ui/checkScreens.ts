/** Tests over a list of screens, light and dark: nothing for axe to object to, and a picture to look at. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axe, type Chromium, COLORS, DESKTOP, launch, picture, turn, type View } from "./browser";

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

  it.each(screens)("$name has nothing axe objects to, light and dark", async ({ name, ready, ...view }) => {
    const page = await chromium.open({ size: DESKTOP, ...view, theme: "system" });
    try {
      await ready(page);
      await picture(page, `${name}-light`);
      expect(await axe(page)).toEqual([]);
      // The same page turns dark as it would with the system: a second one would take as long again to get there,
      // and only what is about colors can differ.
      await turn(page, "dark");
      await picture(page, `${name}-dark`);
      expect(await axe(page, COLORS)).toEqual([]);
    } finally {
      await page.close();
    }
  });
}
