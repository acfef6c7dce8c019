// Label Studio's own labeling view, in Chromium: a prediction that was given back shows there, with its class chosen.
//
//     node labeling_view.mjs URL EMAIL PASSWORD PROJECT TASK MODEL_VERSION CLASS [PICTURE]
//
// CLASS is chosen by nothing else of the task.

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

// The packages of the journeys are the UI's.
const require = createRequire(new URL("../../ui/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const PATIENCE_MS = 60_000;

/** How long the page may take to show what was pressed, on a machine that does much else. */
const SHOWN_MS_MAX = 300_000;

/** How long one look at it may take, and how long passes between two. */
const LOOK_MS = 10_000;
const LOOK_AGAIN_MS = 500;

const [url, email, password, project, task, modelVersion, chosen, picture] = process.argv.slice(2);
const profile = mkdtempSync(path.join(tmpdir(), "label-studio-view-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  viewport: { width: 1280, height: 800 },
  args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  // Nothing but the server is asked, whatever its page would like to have.
  await page.route("**", (route) => (route.request().url().startsWith(url) ? route.continue() : route.abort()));
  await page.goto(`${url}/user/login/`);
  await page.locator("input[name=email]").fill(email);
  await page.locator("input[name=password]").fill(password);
  await page.locator("input[name=password]").press("Enter");
  await page.waitForURL((at) => !at.pathname.startsWith("/user/login"));
  await page.goto(`${url}/projects/${project}/data?task=${task}`);
  // Long names are cut short in their middle.
  const plain = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const shown = new RegExp(
    `^(${plain(modelVersion)}|${plain(modelVersion.slice(0, 8))}.*${plain(modelVersion.slice(-6))})$`,
  );
  const prediction = page.getByText(shown).first();
  await prediction.waitFor();
  const end = Date.now() + SHOWN_MS_MAX;
  while (!(await isChosen(page))) {
    if (Date.now() > end) throw new Error(`“${chosen}” is not chosen:\n${await page.locator("body").innerText()}`);
    // A press is lost where the page is not done with itself, or draws its list anew.
    await prediction.click({ timeout: LOOK_MS }).catch(() => {});
    await page.waitForTimeout(LOOK_AGAIN_MS);
  }
  if (picture !== undefined) await page.screenshot({ path: picture });
  console.log(`the labeling view shows “${modelVersion}” with “${chosen}”`);
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}

/** Whether the class is checked among the choices. */
function isChosen(page) {
  return page.evaluate(
    (name) =>
      [...document.querySelectorAll("input:checked")].some((input) => {
        const words = input.closest("label")?.innerText ?? "";
        return words.replace(/\[.*?\]/g, "").trim() === name;
      }),
    chosen,
  );
}
