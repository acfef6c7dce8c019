// A first start: the sample is there, was really run, and the window works in every locale.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { layDesk } from "./desk.mjs";

const SAMPLE = "Ticket topics (sample)";

// `C.UTF-8` is what containers and minimal installations have; WebKit takes it for a language.
for (const lang of ["en_US.UTF-8", "C.UTF-8"]) {
  test(`the first start shows the sample with two finished runs (${lang})`, async (t) => {
    const desk = await layDesk({ lang });
    t.after(() => desk.end());
    await desk.open();

    await desk.sees(SAMPLE);
    await desk.until("both runs to be finished", async () => {
      const page = await desk.text();
      return page.includes("Version 2") && page.includes("Completed");
    });
    assert.match(await desk.text(), /not a language model/, "nobody may take the practice model for a real one");
    await desk.picture(`first-start-prompts-${lang}`);

    await desk.click("link", SAMPLE);
    await desk.click("tab", /^Runs/);
    await desk.find("button", "Run 1");
    await desk.find("button", "Run 2");
    const [second, first] = await accuracies(desk);
    assert.ok(first > 0 && second <= 100, `accuracies are shares: ${first} %, ${second} %`);
    assert.ok(second > first, `better definitions score better: ${first} % before, ${second} % after`);
    await desk.picture(`first-start-runs-${lang}`);

    await editorHasLayout(desk);
    await desk.click("tab", "Results");
    await desk.rows("Results");
    await desk.picture(`first-start-results-${lang}`);
  });
}

test("a file that is no workspace is explained in the window, and left as it is", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  const folder = path.join(desk.env.XDG_DATA_HOME, "app.touchstone.desktop");
  const file = path.join(folder, "workspace.touchstone");
  const content = "Dear diary, this is no database. ".repeat(100);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, content);
  await desk.open();
  await desk.sees("The workspace could not be opened");
  await desk.sees("is not a Touchstone workspace");
  await desk.picture("first-start-no-workspace");
  assert.equal(readFileSync(file, "utf8"), content);
});

/** The accuracy of each run in the list, in percent, newest first. */
async function accuracies(desk) {
  const rows = await desk.browser.execute(() =>
    [...document.querySelectorAll("[role=tabpanel] tbody tr")].map((row) => row.innerText),
  );
  return rows.map((row) => Number(/(\d+(?:\.\d+)?)\s?%/.exec(row)?.[1]));
}

/** The editor's own styles arrive at run time; a page that refuses them shows text without layout, in built programs only. */
async function editorHasLayout(desk) {
  const layout = await desk.browser.execute(() => {
    const line = document.querySelector(".cm-editor .cm-line");
    return {
      display: getComputedStyle(document.querySelector(".cm-scroller")).display,
      width: line.getBoundingClientRect().width,
      height: line.getBoundingClientRect().height,
    };
  });
  assert.equal(layout.display, "flex", "the editor's own styles apply");
  assert.ok(layout.height > 10 && layout.width > 100, `a line has layout: ${JSON.stringify(layout)}`);
}
