// What the window costs while a run is at work: `node window-cost.mjs [TASKS]`. Prints one JSON line with the processor time
// of the program and of its page for each task, 64 at once, and the longest time between two frames. Nothing is asserted: the figures
// are those of a machine at a moment.

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { layDesk } from "./desk.mjs";
import { startModelServer } from "./model-server.mjs";
import { draftOnNews } from "./news.mjs";

const tasks = Number(process.argv[2] ?? 20_000);
const PATIENCE_MS = 600_000;
const TICKS_PER_SECOND = 100;

const desk = await layDesk();
const model = await startModelServer();
try {
  await draftOnNews(desk, {
    count: tasks,
    model: "quick-model",
    endpoint: model.endpoint,
    message: "Weather, Sport or Music? What is this text about: ",
  });
  model.manner = { kind: "slow", ms: 20 };
  const before = model.requests;
  const reach = (share) =>
    desk.until(`${share} of the tasks to be asked`, () => model.requests - before > tasks * share, PATIENCE_MS);
  await desk.click("button", `Evaluate ${tasks.toLocaleString("en-US")} tasks`);
  const dock = () => desk.find("region", "Runs at work");
  while (!(await desk.text()).includes("64 at once")) {
    await desk.click("button", "More requests at once", { within: dock() });
    await sleep(300);
  }

  await reach(0.3);
  const [began, first, spent] = [performance.now(), model.requests, processorTime()];
  await reach(0.6);
  const asked = model.requests - first;
  const rate = asked / ((performance.now() - began) / 1000);
  const [program, page] = processorTime().map((ms, part) => (ms - spent[part]) / asked);

  // Apart: to count frames makes the page paint some.
  await desk.browser.execute(() => {
    window.frameTimes = [];
    let last;
    const count = (now) => {
      if (last !== undefined) window.frameTimes.push(now - last);
      last = now;
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  await reach(0.9);
  const frames = await desk.browser.execute("return window.frameTimes");
  frames.sort((one, other) => one - other);
  const round = (number) => Math.round(number * 1000) / 1000;
  console.log(
    JSON.stringify({
      tasks,
      tasks_per_s: round(rate),
      program_cpu_ms_per_task: round(program),
      page_cpu_ms_per_task: round(page),
      frames: frames.length,
      frame_p99_ms: round(frames[Math.floor(frames.length * 0.99)]),
      frame_max_ms: round(frames.at(-1)),
      frames_over_50_ms: frames.filter((ms) => ms > 50).length,
    }),
  );
} finally {
  model.close();
  await desk.end();
}

/** Milliseconds of the program, and of the processes that show its page. */
function processorTime() {
  const sums = [0, 0];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "latin1").includes(`HOME=${desk.home}\0`)) continue;
      const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "latin1"));
      const part = name.startsWith("touchstone") ? 0 : name.startsWith("WebKit") ? 1 : null;
      const [user, system] = rest.split(" ").slice(11, 13).map(Number);
      if (part !== null) sums[part] += ((user + system) * 1000) / TICKS_PER_SECOND;
    } catch {
      // It ended meanwhile.
    }
  }
  return sums;
}
