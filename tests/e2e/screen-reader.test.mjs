// What a screen reader finds in the real window, through the system's own accessibility bus: everything that can be operated has a
// name, on each of the main screens.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { layDesk } from "./desk.mjs";

const SAMPLE = "Ticket topics (sample)";
const READER = fileURLToPath(new URL("./screen_reader.py", import.meta.url));
// Its bindings are the system's: another Python may come before it on the path.
const PYTHON = "/usr/bin/python3";

const OPERATED = new Set(
  [
    "push button",
    "toggle button",
    "link",
    "entry",
    "password text",
    "check box",
    "radio button",
    "combo box",
    "page tab",
  ].concat([
    "menu item",
    "check menu item",
    "radio menu item",
    "slider",
    "spin button",
    "table",
    "list box",
    "dialog",
    "tree table",
  ]),
);

test("a screen reader is told what everything in the window is", async (t) => {
  const desk = await layDesk({ isRead: true });
  t.after(() => desk.end());
  await desk.open();
  const read = () =>
    JSON.parse(execFileSync(PYTHON, [READER, "touchstone-desktop"], { env: desk.env, encoding: "utf8" }));
  /** Waits until all of `wanted`, as `role: name`, are on the screen, and gives back those that are operated and have no name. */
  const screen = async (...wanted) => {
    let nodes;
    const isThere = (one) => nodes.some(({ role, name }) => `${role}: ${name}` === one);
    await desk.until(
      () =>
        `${wanted.filter((one) => !isThere(one)).join(", ")}, among ${nodes.map(({ role, name }) => `${role}: ${name}`).join(", ")}`,
      () => {
        nodes = flat(read());
        return wanted.every(isThere);
      },
    );
    const nameless = nodes.filter(({ role, name }) => OPERATED.has(role) && name.trim() === "");
    assert.deepEqual(nameless, [], wanted.join(", "));
  };

  await desk.sees(SAMPLE);
  await screen("heading: Prompts", "push button: Create Prompt", "table: Prompts", `link: ${SAMPLE}`);
  await desk.click("link", SAMPLE);
  await desk.click("tab", "Results");
  await desk.rows("Results");
  await screen(`heading: ${SAMPLE}`, "page tab: Results", "page tab: Compare");
  await desk.click("tab", "Alignment");
  await screen("page tab: Alignment");
  await desk.click("link", "Projects");
  await screen("heading: Projects", "push button: Import project");
  await desk.browser.keys(["Control", ","]);
  await screen("dialog: Settings");
  await desk.closeDialog();
  await desk.browser.keys(["Control", "k"]);
  await screen("dialog: Search and commands");
});

/** Every part of a tree. */
function flat({ children, ...node }) {
  return [node, ...children.flatMap(flat)];
}
