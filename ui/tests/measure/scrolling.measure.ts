/**
 * How long the page works for a frame while a million tasks are scrolled: printed, never asserted.
 *
 * A frame's work is all that ran on the page's main thread from its beginning to that of the next frame, as Chromium's own
 * trace has it: events, React, style, layout and paint.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch } from "../ui/browser";
import { openMillion } from "../ui/million";

const FRAMES = 240;

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

/** What happens in each frame, as JavaScript of `grid` and `frame` that runs in the page. */
const ways = {
  "wheel, 3 rows a frame": wheel(132),
  "wheel, 100 rows a frame": wheel(4_400),
  "scrollbar, another page each frame":
    "grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * ((frame * 0.618) % 1)",
};

function wheel(deltaY: number): string {
  return `grid.dispatchEvent(new WheelEvent("wheel", { deltaY: ${deltaY}, bubbles: true, cancelable: true }))`;
}

type TraceEvent = { name: string; ph: string; pid: number; tid: number; ts: number; dur?: number; tdur?: number };

/** Milliseconds, by the clock and of the processor. */
type Work = { wall: number; cpu: number };

/** The work of each frame while `step` is carried out once a frame. */
async function worksOf(page: Page, step: string): Promise<Work[]> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"] },
  });
  await page.evaluate(
    async ({ step, frames }) => {
      const grid = document.querySelector<HTMLElement>("[role=grid]");
      const carryOut = new Function("grid", "frame", step);
      for (let frame = 0; frame < frames; frame += 1) {
        await new Promise(requestAnimationFrame);
        carryOut(grid, frame);
      }
    },
    { step, frames: FRAMES },
  );
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  return frameWorks(events);
}

/** A frame is over when its layers are handed on for drawing. */
function frameWorks(events: readonly TraceEvent[]): Work[] {
  const commits = events.filter(({ name }) => name === "Commit").sort((a, b) => a.ts - b.ts);
  const first = commits[0];
  if (first === undefined) return [];
  const tasks = events.filter(({ name, pid, tid }) => name === "RunTask" && pid === first.pid && tid === first.tid);
  return commits.slice(1).map((commit, index) => {
    const since = commits[index]?.ts ?? 0;
    const own = tasks.filter(({ ts }) => ts > since && ts <= commit.ts);
    return {
      wall: own.reduce((sum, { dur = 0 }) => sum + dur, 0) / 1_000,
      cpu: own.reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1_000,
    };
  });
}

function percentile(works: readonly number[], share: number): number {
  return [...works].sort((a, b) => a - b)[Math.min(works.length - 1, Math.floor(works.length * share))] ?? Number.NaN;
}

it.each(Object.entries(ways))("%s", async (name, step) => {
  const page = await openMillion(chromium);
  await worksOf(page, step);
  const works = await worksOf(page, step);
  const told = (["wall", "cpu"] as const).map((kind) => {
    const times = works.map((work) => work[kind]);
    return `${kind} p50 ${percentile(times, 0.5).toFixed(1)}, p95 ${percentile(times, 0.95).toFixed(1)}`;
  });
  process.stdout.write(`${name}: ${told.join("; ")} ms (${works.length} frames)\n`);
  expect(works.length).toBeGreaterThan(FRAMES / 2);
  await page.close();
});
