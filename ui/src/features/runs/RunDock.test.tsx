import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import type { RunSummary, RunWorker } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { followEvents } from "@/ipc/events";
import { createFake, type Scene } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { formatNumber } from "@/lib/format";
import { RunDock } from "./RunDock";

let stop = () => {};
afterEach(() => stop());

/** The dock of a world in which a run is at work. */
async function show(scene: Scene = "running") {
  const fake = createFake(scene);
  connect(fake);
  const client = createQueryClient();
  stop = followEvents(client);
  const router = createRouter({
    routeTree: createRootRoute({ component: RunDock }),
    history: createMemoryHistory(),
  });
  render(
    <QueryClientProvider client={client}>
      <TipProvider>
        <RouterProvider router={router} />
      </TipProvider>
    </QueryClientProvider>,
  );
  const dock = () => within(screen.getByRole("region", { name: "Runs at work" }));
  await screen.findByRole("button", { name: "Pause" });
  const owner = fake.world.prompts.find(({ runs }) => runs.some(({ status }) => status === "in_progress"));
  const run = owner?.runs.find(({ status }) => status === "in_progress");
  if (owner === undefined || run === undefined) throw new Error("a run is at work");
  /** The program that was at work on it pauses it. */
  const pause = async (reason: string | null) => {
    Object.assign(run, { status: "paused", reason });
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
  return { fake, owner, run, dock, pause, user: userEvent.setup() };
}

it("keeps a run that pauses in sight, with its cause and what helps, and says so", async () => {
  const { dock, pause, run, user } = await show();
  await pause("the server refused the key (HTTP 401)");
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

  await pause(null);
  expect(await screen.findByText("Paused by hand.")).toBeTruthy();
  expect(dock().queryByRole("button", { name: "API Keys" }), "nothing stands in the way").toBeNull();
  await user.click(dock().getByRole("button", { name: "Stop" }));
  await waitFor(() => expect(screen.queryByRole("region", { name: "Runs at work" })).toBeNull());
});

it("forgets a paused run that is dismissed, until it was at work again", async () => {
  const { fake, pause, run, user } = await show();
  await pause("out of money");
  await user.click(await screen.findByRole("button", { name: "Dismiss" }));
  await waitFor(() => expect(screen.queryByRole("region", { name: "Runs at work" })).toBeNull());
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
  await waitFor(() => expect(screen.queryByRole("region", { name: "Runs at work" })).toBeNull());
});

it("says who else is at work on a run, and lets nobody press what nobody obeys", async () => {
  const { fake, run, dock } = await show();
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
