// What the window costs with the results of a large run in it: `node results-cost.mjs WORKSPACE RUN`, the id of a run that is over or the
// start of one. The workspace is copied. Prints one JSON line with the milliseconds until the results are there after they were asked
// for, as the first screen and again from another, until the first rows of each filter are (null where it has none), and the
// memory (PSS, in MB) of the program and of its page. Nothing is asserted: the figures are those of a machine at a moment.

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLine, layDesk } from "./desk.mjs";

const [workspace, wanted] = process.argv.slice(2);
const FILTERS = ["wrong", "correct", "failed", "needs_review", "changed", "all"];
// What is freed is freed by then.
const REST_MS = 3_000;

const desk = await layDesk();
try {
  const own = path.join(desk.home, ".local/share/app.touchstone.desktop/workspace.touchstone");
  mkdirSync(path.dirname(own), { recursive: true });
  // What a program that was killed left beside it belongs to it.
  for (const part of ["", "-wal"]) if (existsSync(workspace + part)) cpSync(workspace + part, own + part);
  const said = execFileSync(commandLine, ["--workspace", own, "--json", "run", "show", wanted], { encoding: "utf8" });
  const run = JSON.parse(said.trimEnd().split("\n").at(-1));
  await desk.open();
  await sleep(REST_MS);
  const idle = memory();
  const results = `#/prompts/${run.prompt_id}?tab=results&run=${run.run_id}`;
  const opened = await shown(results);
  await shown("#/prompts");
  const again = await shown(results);
  const filters = {};
  for (const filter of FILTERS) filters[filter] = await shown(`${results}&filter=${filter}`);
  const scrolled = await scroll();
  await sleep(REST_MS);
  const figures = { tasks: run.total, opened_ms: opened, opened_again_ms: again, filters_ms: filters, ...scrolled };
  console.log(JSON.stringify({ ...figures, idle_mb: idle, open_mb: memory() }));
} finally {
  await desk.end();
}

/** Goes to an address, and says after how many milliseconds a table with its rows, or word that there are none, was painted. */
function shown(address) {
  return desk.browser.executeAsync((address, done) => {
    const before = document.querySelector("[role=grid]");
    const text = before?.innerText;
    const start = performance.now();
    location.hash = address.slice(1);
    const look = () => {
      const grid = document.querySelector("[role=grid]");
      const isThere =
        grid !== null &&
        grid.ariaBusy !== "true" &&
        (grid !== before || grid.innerText !== text) &&
        (grid.querySelector("[aria-rowindex='2'] [role=gridcell]") !== null || grid.ariaRowCount === "1");
      const isOver = performance.now() - start > 20_000;
      if (isThere || isOver) requestAnimationFrame(() => done(isOver ? null : Math.round(performance.now() - start)));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, address);
}

/** Scrolls through all rows in 300 steps, and says how long frames took. */
function scroll() {
  return desk.browser.executeAsync((done) => {
    const grid = document.querySelector("[role=grid]");
    const scroller = [grid, ...grid.querySelectorAll("*")].find(
      (part) => part.scrollHeight > part.clientHeight + 100 && /auto|scroll/.test(getComputedStyle(part).overflowY),
    );
    const times = [];
    let last = performance.now();
    const step = (now) => {
      times.push(now - last);
      last = now;
      if (times.length > 300) {
        times.sort((one, other) => one - other);
        const at = (share) => Math.round(times[Math.floor(share * (times.length - 1))] * 10) / 10;
        done({ frame_p50_ms: at(0.5), frame_p95_ms: at(0.95), frame_max_ms: at(1) });
        return;
      }
      scroller.scrollTop = (scroller.scrollHeight * times.length) / 300;
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
}

/** Megabytes (PSS) of the program and of the processes that show its page. */
function memory() {
  const kilobytes = { program: 0, page: 0 };
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "latin1").includes(`HOME=${desk.home}\0`)) continue;
      const name = readFileSync(`/proc/${pid}/comm`, "utf8");
      const part = name.startsWith("touchstone") ? "program" : name.startsWith("WebKit") ? "page" : undefined;
      if (part === undefined) continue;
      kilobytes[part] += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1]);
    } catch {
      // It ended meanwhile.
    }
  }
  return { program: Math.round(kilobytes.program / 1024), page: Math.round(kilobytes.page / 1024) };
}
