import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { runCommand } from "@/components/commands";
import { TipProvider } from "@/components/ui/Tip";
import { Toasts } from "@/components/ui/toast";
import type { ResultRow } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { followEvents } from "@/ipc/events";
import { createFake } from "@/ipc/fake";
import { createQueryClient, resultQuery } from "@/ipc/queries";
import type { CommandId } from "@/lib/commands";
import { ResultActions } from "./ResultActions";

let stop = () => {};
afterEach(() => stop());

/** With `null`, the result is not read yet. */
async function open(
  part: Partial<ResultRow> | null = {},
  onDecide?: (decide: () => Promise<boolean>) => Promise<void>,
) {
  const fake = createFake();
  connect(fake);
  const run = fake.world.prompts.find(({ id }) => id === "prompt-sample")?.runs[0]?.id ?? "";
  const query = { filter: "wrong", sort: "position", search: "", cell: null } as const;
  const page = await fake.commands.resultRows(run, query, 0, 1);
  const found = page.status === "ok" ? page.data.rows[0] : undefined;
  if (found === undefined) throw new Error("a result of the sample is wrong");
  const { task_id } = found;
  function Actions() {
    const row = useQuery(resultQuery(run, task_id)).data?.row;
    const shown = row && part !== null ? { ...row, ...part } : undefined;
    return (
      <ResultActions runId={run} projectId="project-sample" row={shown} {...(onDecide !== undefined && { onDecide })} />
    );
  }
  const client = createQueryClient();
  stop = followEvents(client);
  const decideReviews = vi.spyOn(fake.commands, "decideReviews");
  const undoReviews = vi.spyOn(fake.commands, "undoReviews");
  const router = createRouter({
    routeTree: createRootRoute({ component: Actions }),
    history: createMemoryHistory(),
  });
  render(
    <QueryClientProvider client={client}>
      <TipProvider>
        <RouterProvider router={router} />
        <Toasts />
      </TipProvider>
    </QueryClientProvider>,
  );
  const reject = await screen.findByRole("button", { name: "Reject" });
  if (part !== null) await waitFor(() => expect(reject.getAttribute("aria-disabled")).toBe("false"));
  return { user: userEvent.setup(), run, task_id, decideReviews, undoReviews };
}

const button = (name: string) => screen.getByRole("button", { name });
const isRefused = (name: string) => button(name).getAttribute("aria-disabled") === "true";

it("accepts what was answered as ground truth, and takes that back", async () => {
  const { user, run, task_id, decideReviews, undoReviews } = await open();
  button("Accept").focus();
  await user.keyboard("{Enter}");
  const undo = await screen.findByRole("button", { name: "Undo" });
  const tasks = { kind: "these", task_ids: [task_id] };
  expect(decideReviews).toHaveBeenCalledWith(run, tasks, { kind: "accept", ground_truth: true });
  expect(document.activeElement).toBe(button("Accept"));
  undo.focus();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(screen.queryByRole("button", { name: "Undo" })).toBeNull());
  expect(undoReviews).toHaveBeenCalledTimes(1);
  expect(document.activeElement).toBe(button("Accept"));
});

it("decides otherwise by the other button", async () => {
  const { user } = await open();
  await user.click(button("Accept"));
  await waitFor(() => expect(isRefused("Accept")).toBe(true));
  await user.click(button("Reject"));
  await waitFor(() => expect(isRefused("Reject")).toBe(true));
  expect(isRefused("Accept")).toBe(false);
});

it.each<[what: string, reason: string, part: Partial<ResultRow>]>([
  ["a failed task", "It failed: there is no answer", { prediction: null, correct: null }],
  ["what the ground truth says", "The ground truth says the same", { correct: true }],
  ["what was accepted before", "It is accepted already", { review: "accepted" }],
])("does not accept %s, and says why", async (_, reason, part) => {
  const { user, decideReviews } = await open(part);
  const accept = screen.getByRole("button", { name: "Accept" });
  await user.click(accept);
  expect(decideReviews).not.toHaveBeenCalled();
  await user.hover(accept);
  expect(await screen.findByText(reason)).toBeTruthy();
});

it.each<CommandId>(["review.accept", "review.reject", "review.correct", "result.copy"])(
  "refuses %s before the result is read, and says so",
  async (command) => {
    const { decideReviews } = await open(null);
    act(() => runCommand(command));
    expect((await screen.findAllByText("The result is still being read")).length).toBeGreaterThan(0);
    expect(decideReviews).not.toHaveBeenCalled();
  },
);

it("lets the table go on with another where the decided one leaves it, and tells what was decided", async () => {
  const onDecide = vi.fn(async (decide: () => Promise<boolean>) => void (await decide()));
  const { user } = await open({}, onDecide);
  await user.click(screen.getByRole("button", { name: "Reject" }));
  await waitFor(() => expect(onDecide).toHaveBeenCalledTimes(1));
  expect(await screen.findByText("Rejected")).toBeTruthy();
});

it("says what went wrong, and has it undecided", async () => {
  const { user, decideReviews } = await open();
  decideReviews.mockResolvedValue({
    status: "error",
    error: { code: "internal", message: "The disk is full.", field: null },
  });
  await user.click(screen.getByRole("button", { name: "Reject" }));
  // Beside the toast, it is announced.
  expect((await screen.findAllByText("The disk is full.")).length).toBeGreaterThan(0);
  expect(isRefused("Reject")).toBe(false);
  expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
});
