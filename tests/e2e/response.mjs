// How quickly the built program answers in its real window, and how much memory it takes, beside a bare app window of Chromium and
// a bare one of WebKitGTK of the same run: `node response.mjs [TASKS]`, a million without a number. Prints one JSON line.
// Nothing is asserted: the figures are those of a machine at a moment, and belong beside the bare windows' only.
//
// - start: from the process to the last change of the screen before it rests, on a workspace that is there, without and with all
//   tasks open; the median of several
// - screen switch: from the press to the frame that shows the other screen, which was there before
// - key press: from the key in a prompt of 50 kB, in paragraphs, to the frame after it
// - scrolling: the table moved on by three rows a frame
// - PSS: of all processes of a window together, what they share shared out

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLine, layDesk, program } from "./desk.mjs";
import { CONFIG } from "./news.mjs";

const SAMPLE = "Ticket topics (sample)";
const STARTS = 5;
const SWITCHES = 10;
const KEYS = 40;
const FRAMES = 200;
// The screen is looked at this often, and rests once nothing has moved for that long.
const LOOK_MS = 8;
const REST_MS = 700;

const tasks = Number(process.argv[2] ?? 1_000_000);
const page = await servePage();
const desk = await layDesk();
try {
  const own = path.join(desk.env.XDG_DATA_HOME, "app.touchstone.desktop/workspace.touchstone");
  await desk.open();
  await desk.until("the sample to be finished", async () => (await desk.text()).includes("Completed"));
  await desk.quit();
  const million = await importTasks(own);

  const chromium = ["--no-sandbox", "--no-first-run", `--user-data-dir=${path.join(desk.folder, "chromium")}`];
  const windows = {
    touchstone: [program, []],
    touchstone_with_tasks: [program, [`touchstone://project/${million}`]],
    chromium: ["chromium", [`--app=${page.address}`, ...chromium]],
    webkitgtk: [bareWindow(), [page.address]],
  };
  const result = { tasks };
  for (const [name, [command, args]] of Object.entries(windows)) {
    const starts = [];
    for (let time = 0; time < STARTS; time += 1) starts.push(await start(command, args));
    // The first one fills caches.
    result[name] = {
      start_ms: median(starts.slice(1).map(({ ms }) => ms)),
      pss_mb: median(starts.map(({ mb }) => mb)),
    };
  }

  await desk.open();
  Object.assign(result, await measureInPage(million));
  console.log(JSON.stringify(result));
} finally {
  page.server.close();
  await desk.end();
}

/** A page that is no more than its first frame. */
async function servePage() {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!doctype html><title>Bare</title><h1>Bare</h1><p>As little as a window can show.");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, address: `http://127.0.0.1:${server.address().port}/` };
}

function bareWindow() {
  const built = path.join(desk.folder, "bare-window");
  const source = new URL("bare-window.c", import.meta.url).pathname;
  const flags = spawnSync("pkg-config", ["--cflags", "--libs", "webkit2gtk-4.1"], { encoding: "utf8" }).stdout;
  const made = spawnSync("cc", ["-O2", "-o", built, source, ...flags.trim().split(/\s+/)], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  return built;
}

/** A project of `tasks` short texts; its id. */
async function importTasks(workspace) {
  const file = path.join(desk.folder, "tasks.csv");
  const stream = createWriteStream(file);
  stream.write("text\n");
  for (let row = 1; row <= tasks; row += 1) {
    if (!stream.write(`The customer of order ${row} was charged twice and wants the money back\n`))
      await once(stream, "drain");
  }
  stream.end();
  await once(stream, "finish");
  const config = desk.file("million.xml", CONFIG);
  const args = ["--workspace", workspace, "--json", "project", "import", file, "--config", config, "--name", "Million"];
  const done = spawnSync(commandLine, args, { encoding: "utf8", maxBuffer: 2 ** 26, env: desk.env });
  assert.equal(done.status, 0, done.stderr + done.stdout);
  return JSON.parse(done.stdout.trim().split("\n").at(-1)).project_id;
}

/** Starts a window, waits until it rests, and ends it: how long that took, and what it holds then. */
async function start(command, args) {
  const screen = () => readFileSync(path.join(desk.folder, "Xvfb_screen0"));
  // Both as the program sets itself up on a machine like this one.
  const env = { ...desk.env, WEBKIT_DISABLE_DMABUF_RENDERER: "1" };
  let last = screen();
  const began = performance.now();
  const child = spawn(command, args, { env, stdio: "ignore", detached: true });
  let changed;
  for (;;) {
    await sleep(LOOK_MS);
    const now = performance.now();
    const next = screen();
    if (!next.equals(last)) [last, changed] = [next, now];
    if (changed !== undefined && now - changed > REST_MS) break;
    if (now - began > 60_000) throw new Error(`${command} showed nothing`);
  }
  await sleep(3000);
  const mb = pss(child.pid);
  const ended = once(child, "exit");
  process.kill(-child.pid, "SIGTERM");
  await Promise.race([ended, sleep(5000).then(() => process.kill(-child.pid, "SIGKILL"))]);
  // Its helpers end a moment after it.
  await desk.until("the window to be gone", () => family(child.pid).length === 0);
  return { ms: changed - began, mb };
}

/** The processes that a process started, it among them; helpers of a sandbox are found by their group. */
function family(root) {
  const parents = new Map();
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const [, , rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${name}/stat`, "latin1"));
      const [state, parent, group] = rest.split(" ");
      if (state !== "Z") parents.set(Number(name), { parent: Number(parent), group: Number(group) });
    } catch {
      // It ended meanwhile.
    }
  }
  const belongs = (pid) => {
    for (let at = pid; parents.has(at); at = parents.get(at).parent) {
      if (at === root || parents.get(at).group === root) return true;
    }
    return false;
  };
  return [...parents.keys()].filter(belongs);
}

function pss(root) {
  let kb = 0;
  for (const pid of family(root)) {
    try {
      kb += Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))[1]);
    } catch {
      // It ended meanwhile.
    }
  }
  return Math.round(kb / 1024);
}

async function measureInPage(million) {
  const { browser } = desk;
  await desk.sees(SAMPLE);
  await browser.setTimeout({ script: 120_000 });

  // Both were there before: from the cache, as the target says.
  const switches = await browser.executeAsync((count, done) => {
    const link = (name) =>
      [...document.querySelectorAll("nav a")].find((one) => (one.ariaLabel ?? one.innerText) === name);
    const shown = (name) => document.querySelector("main h1")?.innerText === name;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const press = async (name) => {
      const began = performance.now();
      link(name).click();
      while (!shown(name)) await frame();
      await frame();
      return performance.now() - began;
    };
    (async () => {
      for (const name of ["Projects", "Prompts"]) await press(name);
      const times = [];
      for (let time = 0; time < count; time += 1) times.push(await press(time % 2 === 0 ? "Projects" : "Prompts"));
      done(times);
    })();
  }, SWITCHES);

  await desk.click("link", SAMPLE);
  const message = await desk.click("textbox", "User message");
  await browser.execute((size) => {
    const words = `${"Which of these topics is the ticket of this customer about? ".repeat(10)}\n`;
    document.execCommand("insertText", false, words.repeat(Math.ceil(size / words.length)));
    window.pressTimes = [];
    addEventListener(
      "keydown",
      () => {
        const began = performance.now();
        // After the frame that shows what was typed.
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => window.pressTimes.push(performance.now() - began);
          port2.postMessage(null);
        });
      },
      { capture: true },
    );
  }, 50_000);
  assert.ok((await message.getText()).length > 1000, "the prompt is long");
  for (let key = 0; key < KEYS; key += 1) {
    await browser.keys(["x"]);
    await sleep(50);
  }
  const presses = await browser.execute("return window.pressTimes");

  await browser.execute((id) => {
    location.hash = `#/projects/${id}`;
  }, million);
  await desk.rows("Tasks");
  const frames = await browser.executeAsync((count, done) => {
    const grid = document.querySelector("[role=grid]");
    const height = grid.querySelector("[aria-rowindex='3']").getBoundingClientRect().height;
    const times = [];
    let last;
    const step = (now) => {
      if (last !== undefined) times.push(now - last);
      last = now;
      if (times.length === count) return done(times);
      const inside = grid.querySelector("[role=gridcell]") ?? grid;
      inside.dispatchEvent(new WheelEvent("wheel", { deltaY: 3 * height, bubbles: true, cancelable: true }));
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }, FRAMES);
  const first = await browser.execute(() =>
    document.querySelectorAll("[role=grid] [role=row]")[1]?.getAttribute("aria-rowindex"),
  );
  return {
    screen_switch_ms: spread(switches),
    key_press_50_kb_ms: spread(presses),
    scrolling_frame_ms: spread(frames),
    scrolled_to_row: Number(first),
  };
}

function median(numbers) {
  return spread(numbers).median;
}

function spread(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] * 10) / 10;
  return { median: at(0.5), p95: at(0.95), worst: at(1), of: sorted.length };
}
