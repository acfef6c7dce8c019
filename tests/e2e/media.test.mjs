// Pictures: read from a folder by Rust, shown through the program's own scheme, marked with boxes, and checked.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { layDesk } from "./desk.mjs";

const CONFIG = `<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="boxes" toName="image"><Label value="Leaf"/><Label value="Stone"/></RectangleLabels>
</View>`;

test("pictures of a folder are shown, marked by the keys, and checked", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  const config = desk.file("config.xml", CONFIG);
  const folder = join(dirname(config), "pictures");
  mkdirSync(folder);
  copyFileSync(new URL("../fixtures/green.png", import.meta.url), join(folder, "1.png"));
  writeFileSync(join(folder, "2.png"), "no picture at all");
  await desk.open([config, folder]);
  const dialog = desk.find("dialog", "Import project");
  await desk.fill("textbox", "Name", "Garden");
  await desk.click("button", "Import project", { within: dialog });
  await desk.sees("“Garden” is imported");
  await desk.click("button", "Open project");
  await desk.sees("no ground truths");
  await desk.click("button", "Label tasks");
  await desk.sees("8 × 4 pixels");
  const shown = () =>
    desk.browser.execute(() => {
      const picture = document.querySelector("img[alt=image]");
      return picture?.complete && picture.naturalWidth === 8 && picture.src.startsWith("media:");
    });
  await desk.until("the picture to be shown through the program's scheme", shown);
  await desk.browser.keys(["2"]);
  await desk.click("button", "Add a box");
  await desk.sees("at 40\u202f%, 40\u202f%, 20 by 20\u202f%");
  const box = await desk.find("button", /^Stone, at 40/);
  await desk.browser.execute((element) => element.focus(), box);
  await desk.browser.keys(["ArrowRight"]);
  await desk.sees("at 41\u202f%, 40\u202f%, 20 by 20\u202f%");
  await desk.picture("media-boxes");
  await desk.browser.keys(["Control", "Enter"]);
  await desk.sees("It is neither a picture nor a PDF");
  await desk.picture("media-unusable");

  await desk.click("link", "Garden");
  await desk.sees(/1 ground truth/);
  await desk.click("button", "Actions for this project");
  await desk.click("menuitem", "Check pictures and PDFs");
  await desk.sees("1 task cannot be shown whole");
  assert.match(await desk.text(), /2 pieces of 2 tasks were read/);
  await desk.picture("media-check");
});
