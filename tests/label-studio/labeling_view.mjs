// Label Studio's own labeling view, in Chromium: a prediction that was given back shows there.
//
//     node labeling_view.mjs URL EMAIL PASSWORD PROJECT TASK MODEL_VERSION [PICTURE]

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

// The packages of the journeys are the UI's.
const require = createRequire(new URL("../../ui/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const PATIENCE_MS = 60_000;

const [url, email, password, project, task, modelVersion, picture] = process.argv.slice(2);
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
  const shown = new RegExp(`^(${plain(modelVersion)}|${plain(modelVersion.slice(0, 8))}.*${plain(modelVersion.slice(-6))})$`);
  await page.getByText(shown).first().waitFor();
  if (picture !== undefined) await page.screenshot({ path: picture });
  console.log(`the labeling view shows “${modelVersion}”`);
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
