import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import type { PauseCause, RunSummary, RunWorker } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { followEvents } from "@/ipc/events";
import { createFake, type Fake, type Scene } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { formatNumber } from "@/lib/format";
import { RunDock } from "./RunDock";

let stop = () => {};
afterEach(() => stop());

beforeEach(() => localStorage.clear());

/** A window over a world: its dock. */
function open(fake: Fake) {
  connect(fake);
  const client = createQueryClient();
  stop = followEvents(client);
  const router = createRouter({
    routeTree: createRootRoute({ component: RunDock }),
    history: createMemoryHistory(),
  });
  return render(
    <QueryClientProvider client={client}>
      <TipProvider>
        <RouterProvider router={router} />
      </TipProvider>
    </QueryClientProvider>,
  );
}

const dock = () => within(screen.getByRole("region", { name: "Runs at work" }));
const noDock = () => waitFor(() => expect(screen.queryByRole("region", { name: "Runs at work" })).toBeNull());

/** The dock of a world in which a run is at work. */
async function show(scene: Scene = "running") {
  const fake = createFake(scene);
  const { unmount } = open(fake);
  await screen.findByRole("button", { name: "Pause" });
  const owner = fake.world.prompts.find(({ runs }) => runs.some(({ status }) => status === "in_progress"));
  const run = owner?.runs.find(({ status }) => status === "in_progress");
  if (owner === undefined || run === undefined) throw new Error("a run is at work");
  /** The program that was at work on it pauses it. */
  const pause = async (reason: string | null, cause?: PauseCause) => {
    // Each pause is at another moment of its work.
    Object.assign(run, { status: "paused", reason, cause, wallMs: run.wallMs + 1 });
    const summary = await fake.commands.getRun(run.id);
    if (summary.status !== "ok") throw new Error("there is such a run");
    tell(summary.data);
  };
  const tell = (summary: RunSummary) => {
    const still = { rate: null, eta_ms: null, in_flight: 0, concurrency: 8, is_pausing: false, waiting: null };
    const worker = { kind: "here" } as const;
    fake.send.runProgress({ run: summary, worker, ...still });
    fake.send.changed({ kind: "runs", prompt_id: owner.id });
  };
  /** The window is closed and opened anew. */
  const restart = () => {
    unmount();
    stop();
    open(fake);
  };
  return { fake, owner, run, pause, restart, user: userEvent.setup() };
}

it("keeps a run that pauses in sight, with its cause and what helps, and says so", async () => {
  const { pause, run, user } = await show();
  await pause("the server refused the key (HTTP 401)", "refused");
  expect(await screen.findByText("The server refused the key (HTTP 401).")).toBeTruthy();
  expect(dock().getByText(`Paused at ${formatNumber(run.done)} of ${formatNumber(run.total)}`)).toBeTruthy();
  expect(dock().getByRole("button", { name: "API Keys" })).toBeTruthy();
  await waitFor(() =>
    expect(screen.getAllByRole("status").map(({ textContent }) => textContent)).toContainEqual(
      expect.stringMatching(/paused: the server refused the key \(HTTP 401\)$/),
    ),
  );

  await user.click(dock().getByRole("button", { name: "Resume" }));
  expect(await screen.findByRole("button", { name: "Pause" })).toBeTruthy();
  expect(screen.queryByText("The server refused the key (HTTP 401).")).toBeNull();
  const told = screen.getAllByRole("status").map(({ textContent }) => textContent);
  expect(told, "what is no longer so").not.toContainEqual(expect.stringMatching(/paused/));

  await pause(null);
  expect(await screen.findByText("Paused by hand.")).toBeTruthy();
  expect(dock().queryByRole("button", { name: "API Keys" }), "nothing stands in the way").toBeNull();
  await user.click(dock().getByRole("button", { name: "Stop" }));
  await noDock();
});

it("forgets a paused run that is dismissed, until it was at work again", async () => {
  const { fake, pause, run, user } = await show();
  await pause("out of money");
  await user.click(await screen.findByRole("button", { name: "Dismiss" }));
  await noDock();
  await fake.commands.resumeRun(run.id);
  await screen.findByRole("button", { name: "Pause" });
  await pause("out of money again");
  expect(await screen.findByText("out of money again.", { exact: false })).toBeTruthy();
});

it("shows a run that another program paused", async () => {
  const { fake, owner, run } = await show();
  // No message tells of its progress.
  Object.assign(run, { status: "paused", reason: "ten failures in a row" });
  fake.send.changed({ kind: "everything" });
  expect(await screen.findByText("Ten failures in a row.")).toBeTruthy();
  Object.assign(run, { status: "completed", done: run.total, reason: null });
  fake.send.changed({ kind: "runs", prompt_id: owner.id });
  await noDock();
});

it("says who else is at work on a run, and lets nobody press what nobody obeys", async () => {
  const { fake, run } = await show();
  const activeRuns = fake.commands.activeRuns;
  let worker: RunWorker = { kind: "elsewhere" };
  fake.commands.activeRuns = async () => {
    const known = await activeRuns();
    return known.status === "ok" ? { ...known, data: known.data.map((one) => ({ ...one, worker })) } : known;
  };
  fake.send.changed({ kind: "everything" });
  expect(await screen.findByText(/a second, .* left · At work in another program/)).toBeTruthy();
  expect(dock().getByRole("button", { name: "Pause" })).toBeTruthy();

  // Nothing tells of it: it is looked at again and again.
  worker = { kind: "silent", gone_in_ms: 8200 };
  await screen.findByText(/in a program that does not answer; it can be resumed in 9 s\.$/, undefined, {
    timeout: 3000,
  });
  for (const name of ["Pause", "Stop", "Fewer requests at once"]) {
    expect(dock().queryByRole("button", { name }), name).toBeNull();
  }
  Object.assign(run, { status: "paused", isInterrupted: true, reason: "The program that was at work on it ended." });
  fake.send.changed({ kind: "everything" });
  await screen.findByText(/^Broken off at /, undefined, { timeout: 3000 });
  expect(dock().getAllByRole("button", { name: "Resume" })).toHaveLength(1);
});

it("offers a run that paused for a reason at every start, until its pause is dismissed", async () => {
  const { fake, run, pause, restart, user } = await show();
  await pause("10 tasks in a row failed in the same way.");
  await screen.findByText("10 tasks in a row failed in the same way.");
  restart();
  expect(await screen.findByText("10 tasks in a row failed in the same way.")).toBeTruthy();
  expect(dock().queryByRole("button", { name: "API Keys" }), "no key is at fault").toBeNull();
  const testConnection = fake.commands.testConnection;
  const tested: string[] = [];
  fake.commands.testConnection = (id, model) => {
    tested.push(`${id} ${model}`);
    return testConnection(id, model);
  };
  await user.click(dock().getByRole("button", { name: "Test connection" }));
  const summary = await fake.commands.getRun(run.id);
  if (summary.status === "ok") expect(tested).toEqual([`${summary.data.connection_id} ${summary.data.model}`]);

  await user.click(dock().getByRole("button", { name: "Dismiss" }));
  await noDock();
  restart();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await noDock();
  run.wallMs += 1000;
  await pause("10 tasks in a row failed in the same way.");
  expect(await screen.findByText("10 tasks in a row failed in the same way."), "another pause").toBeTruthy();
});

it("has one row for a run, also while what is read of it is of different moments", async () => {
  const { fake, run, pause } = await show();
  await pause("the server refused the key (HTTP 401)", "refused");
  await screen.findByText("The server refused the key (HTTP 401).");
  const { activeRuns, offeredRuns } = fake.commands;
  const before = await offeredRuns();
  const none = await activeRuns();
  // It goes on, and its row is the same until it is told how.
  fake.commands.activeRuns = async () => none;
  await fake.commands.resumeRun(run.id);
  await waitFor(() => expect(dock().queryByText(/HTTP 401/)).toBeNull());
  expect(dock().getAllByRole("progressbar")).toHaveLength(1);
  // It is at work, while what is offered was read before.
  fake.commands.offeredRuns = async () => before;
  fake.commands.activeRuns = activeRuns;
  fake.send.changed({ kind: "everything" });
  await screen.findByRole("button", { name: "Pause" });
  expect(dock().getAllByRole("progressbar")).toHaveLength(1);
  expect(dock().queryByRole("button", { name: "Resume" })).toBeNull();
});

it("says in words what its bar shows, and what is spent of a money stop", async () => {
  const { fake, owner, run } = await show();
  Object.assign(run, { costMicros: 120_000, limitMicros: 2_000_000 });
  fake.send.changed({ kind: "runs", prompt_id: owner.id });
  expect(await screen.findByText(/^\$0\.12 of \$2\.00 · 8\.4 a second/)).toBeTruthy();
  const bar = dock().getByRole("progressbar");
  expect(bar.getAttribute("aria-valuetext")).toMatch(
    /^\d+ correct, \d+ wrong, [\d,]+ answered, not scored, \d+ failed, [\d,]+ left$/,
  );
  expect([...bar.children].map((part) => part.getAttribute("data-part"))).toEqual([
    "correct",
    "wrong",
    "answered",
    "failed",
  ]);
});

it("folds rows away that there is no room for, and says how many", async () => {
  const { fake, owner, run, user } = await show("queued");
  for (const number of [7, 8])
    owner.runs.unshift({ ...run, id: `run-paused-${number}`, status: "paused", reason: "full", queuedAs: 0 });
  fake.send.changed({ kind: "runs", prompt_id: owner.id });
  const more = await screen.findByRole("button", { name: "2 more runs" });
  expect(more.getAttribute("aria-expanded")).toBe("false");
  expect(dock().getAllByText("full."), "what somebody has to see to comes before what is queued").toHaveLength(2);
  expect(dock().queryByRole("button", { name: "Start now" })).toBeNull();
  await user.click(more);
  expect(dock().getAllByRole("button", { name: "Start now" })).toHaveLength(2);
  await user.click(dock().getByRole("button", { name: "Show fewer" }));
  expect(dock().queryByRole("button", { name: "Start now" })).toBeNull();
});
