import { type QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, it } from "vitest";
import { Toasts } from "@/components/ui/toast";
import { connect } from "@/ipc/client";
import { followEvents } from "@/ipc/events";
import { createFake } from "@/ipc/fake";
import { createQueryClient, reviewQueueQuery } from "@/ipc/queries";
import { useDecide } from "./decide";

const RUN = "run-sample-2";

let stop = () => {};
afterEach(() => stop());

/** The queue of a run as a screen has it, and the decisions about it. */
async function open(before: (client: QueryClient) => Promise<unknown> = async () => {}) {
  const fake = createFake("reviewed");
  connect(fake);
  const client: QueryClient = createQueryClient();
  stop = followEvents(client);
  await before(client);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>
      {children}
      <Toasts />
    </QueryClientProvider>
  );
  const { result } = renderHook(
    () => ({
      queue: useQuery(reviewQueueQuery(RUN, [], false, 0, 200)).data,
      ...useDecide(RUN, { isQuiet: true }),
    }),
    { wrapper },
  );
  await waitFor(() => expect(result.current.queue?.total).toBeGreaterThan(10));
  const ids = () => result.current.queue?.items.map(({ task_id }) => task_id) ?? [];
  const first = (number = 0) => {
    const id = ids().filter((id) => result.current.queue?.items.find(({ task_id }) => task_id === id)?.prediction)[
      number
    ];
    if (id === undefined) throw new Error("the queue has answers");
    return id;
  };
  return { fake, client, result, ids, first };
}

const these = (...task_ids: number[]) => ({ kind: "these" as const, task_ids });

it("takes a task out of the queue before the decision is kept", async () => {
  const { fake, result, ids, first } = await open();
  const { decideReviews } = fake.commands;
  let keep = () => {};
  const kept = new Promise<void>((resolve) => {
    keep = resolve;
  });
  fake.commands.decideReviews = async (...args) => {
    await kept;
    return decideReviews(...args);
  };
  const [task, total] = [first(), result.current.queue?.total ?? 0];
  let done: Promise<unknown> = Promise.resolve();
  act(() => {
    done = result.current.decide(these(task), { kind: "accept", ground_truth: true });
  });
  await waitFor(() => expect(ids()).not.toContain(task));
  expect(result.current.queue?.total).toBe(total - 1);
  // What is read meanwhile still has it, and does not bring it back.
  await act(async () => fake.send.changed({ kind: "everything" }));
  await waitFor(() => expect(result.current.queue?.total).toBe(total - 1));
  expect(ids()).not.toContain(task);
  await act(async () => {
    keep();
    await done;
  });
  await waitFor(() => expect(result.current.decisions).toHaveLength(1));
  expect(ids()).not.toContain(task);
});

it("takes a task out once, where its row was read alone before, as for the count of a run's results", async () => {
  const counted = reviewQueueQuery(RUN, [], false, 0, 1);
  const { fake, client, result, ids } = await open((client) => client.fetchQuery(counted));
  fake.commands.decideReviews = () => new Promise(() => {});
  const [all, total] = [ids(), result.current.queue?.total ?? 0];
  act(() => {
    void result.current.decide(these(all[0] ?? 0), { kind: "reject" });
  });
  await waitFor(() => expect(ids()).not.toContain(all[0]));
  expect(ids()).toEqual(all.slice(1));
  expect(result.current.queue?.total).toBe(total - 1);
  expect(client.getQueryData(counted.queryKey)).toMatchObject({ total: total - 1, items: [] });
});

it("puts a task back that could not be decided about, and says why", async () => {
  const { fake, result, ids, first } = await open();
  fake.commands.decideReviews = async () => ({
    status: "error",
    error: { code: "internal", message: "the disk is full", field: null },
  });
  const task = first();
  await act(async () => expect(await result.current.decide(these(task), { kind: "reject" })).toBe(false));
  await waitFor(() => expect(ids()).toContain(task));
  expect(result.current.decisions).toEqual([]);
  await waitFor(() => expect(document.body.textContent).toContain("The disk is full"));
});

it("puts a task back that nothing was decided about", async () => {
  const { fake, result, ids, first } = await open();
  fake.commands.decideReviews = async () => ({ status: "ok", data: { batch: 1, decided: 0, passed_over: 0 } });
  const task = first();
  await act(async () => expect(await result.current.decide(these(task), { kind: "reject" })).toBe(false));
  await waitFor(() => expect(ids()).toContain(task));
  expect(result.current.decisions).toEqual([]);
});

it("takes decisions back one by one, the last first, also one that is not kept yet", async () => {
  const { result, ids, first } = await open();
  const [one, two] = [first(0), first(1)];
  act(() => {
    void result.current.decide(these(one), { kind: "reject" });
    void result.current.decide(these(two), { kind: "accept", ground_truth: false });
    result.current.undo();
  });
  await waitFor(() => expect(result.current.decisions.map(({ tasks }) => tasks)).toEqual([these(one)]));
  await waitFor(() => expect(ids()).toContain(two));
  expect(ids()).not.toContain(one);
  act(() => result.current.undo());
  await waitFor(() => expect(ids()).toContain(one));
});

it("says how many had no answer to accept", async () => {
  const { result, ids } = await open();
  const failed = result.current.queue?.counts.failed ?? 0;
  expect(failed).toBeGreaterThan(0);
  await act(async () => {
    await result.current.decide({ kind: "all", reasons: [] }, { kind: "accept", ground_truth: true });
  });
  await waitFor(() => expect(ids()).toHaveLength(failed));
  expect(document.body.textContent).toContain(`${failed} tasks without a usable answer stay in the queue.`);
});
