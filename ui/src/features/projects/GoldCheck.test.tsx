import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import { Toasts } from "@/components/ui/toast";
import { connect } from "@/ipc/client";
import { followEvents } from "@/ipc/events";
import { createFake } from "@/ipc/fake";
import { createQueryClient, projectQuery } from "@/ipc/queries";
import { GoldCheck } from "./GoldCheck";

let stop = () => {};
afterEach(() => stop());

async function open(fake = createFake(), ready = /on which runs agree/) {
  connect(fake);
  function Checked() {
    const project = useQuery(projectQuery("project-sample")).data;
    return project === undefined ? null : <GoldCheck project={project} />;
  }
  const client = createQueryClient();
  stop = followEvents(client);
  const markGold = vi.spyOn(fake.commands, "markGold");
  const saveAnnotation = vi.spyOn(fake.commands, "saveAnnotation");
  const router = createRouter({
    routeTree: createRootRoute({ component: Checked }),
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
  await screen.findByRole("heading", { name: ready });
  return { user: userEvent.setup(), fake, markGold, saveAnnotation };
}

const tasks = () => screen.getAllByRole("listitem", { name: /^Task / });
const task = (index: number) => {
  const found = tasks()[index];
  if (found === undefined) throw new Error("the sample has more suspects");
  return found;
};
const named = (element: Element | null | undefined) => element?.getAttribute("aria-label");

it("moves from task to task by arrows", async () => {
  const { user } = await open();
  task(0).focus();
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}");
  expect(document.activeElement).toBe(task(1));
});

it("decides about the task at the keyboard, which goes on with the one in its place", async () => {
  const { user, markGold, saveAnnotation } = await open();
  const [first, second, third] = tasks().map(named);
  task(0).focus();
  await user.keyboard("k");
  await waitFor(() => expect(named(document.activeElement)).toBe(second));
  expect(tasks().map(named)).not.toContain(first);
  await user.keyboard("a");
  await waitFor(() => expect(named(document.activeElement)).toBe(third));
  expect(markGold.mock.calls.map(([, mark]) => mark)).toEqual(["kept", "ambiguous"]);
  await user.keyboard("f");
  await waitFor(() => expect(saveAnnotation).toHaveBeenCalledTimes(1));
});

it("decides about one task by a key that is held down", async () => {
  const { user, markGold } = await open();
  const second = named(task(1));
  task(0).focus();
  await user.keyboard("k");
  await waitFor(() => expect(named(document.activeElement)).toBe(second));
  fireEvent.keyDown(document.activeElement ?? document.body, { key: "k", repeat: true });
  await user.keyboard("{ArrowDown}");
  expect(markGold).toHaveBeenCalledTimes(1);
  expect(tasks().map(named)).toContain(second);
});

it("leaves the keyboard where it is when nothing could be decided", async () => {
  const { user, fake, markGold } = await open();
  markGold.mockResolvedValueOnce({
    status: "error",
    error: { code: "internal", message: "The disk is full.", field: null },
  });
  const [first, second] = tasks().map(named);
  task(0).focus();
  await user.keyboard("k");
  expect((await screen.findAllByText("The disk is full.")).length).toBeGreaterThan(0);
  expect(named(document.activeElement)).toBe(first);
  // Another program takes the first away: that is no decision made here, and takes the keyboard nowhere.
  (document.activeElement as HTMLElement).blur();
  await fake.commands.markGold(Number(/\d+/.exec(first ?? "")?.[0]), "kept");
  await waitFor(() => expect(named(tasks()[0])).toBe(second));
  expect(document.activeElement).toBe(document.body);
});

it("leads to the prompts while too few runs are good enough", async () => {
  const fake = createFake();
  const found = await fake.commands.goldCheck("project-sample");
  if (found.status !== "ok") throw new Error("the sample can be checked");
  found.data.runs.splice(1);
  vi.spyOn(fake.commands, "goldCheck").mockResolvedValue(found);
  await open(fake, /^Two good runs are needed/);
  expect(screen.getByRole("button", { name: "Open Prompts" }).getAttribute("href")).toBe("/prompts");
});
