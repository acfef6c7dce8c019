import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import { Toasts } from "@/components/ui/toast";
import { connect } from "@/ipc/client";
import { followEvents } from "@/ipc/events";
import { createFake, type Fake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { PushList } from "./PushList";

let stop = () => {};
afterEach(() => stop());

function opened(change: (fake: Fake) => void = () => {}) {
  const fake = createFake("linked");
  change(fake);
  connect(fake);
  const client = createQueryClient();
  stop = followEvents(client);
  render(
    <QueryClientProvider client={client}>
      <TipProvider>
        <PushList />
        <Toasts />
      </TipProvider>
    </QueryClientProvider>,
  );
  return { fake, user: userEvent.setup() };
}

const items = () => screen.findAllByRole("listitem");
const first = async () => {
  const [item] = await items();
  if (item === undefined) throw new Error("something waits");
  return within(item);
};

it("does not say that nothing waits before it is read", async () => {
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  opened(({ commands }) => {
    const { pushes } = commands;
    commands.pushes = () => answered.then(pushes);
  });
  await screen.findByRole("status", { name: "Reading what waits to be given back" });
  expect(screen.queryByText(/^Nothing waits/)).toBeNull();
  answer();
  expect(await items()).toHaveLength(2);
});

it("says why it could not be read, and nothing else", async () => {
  opened(({ commands }) => {
    commands.pushes = async () => ({ status: "error", error: { code: "internal", message: "no", field: null } });
  });
  await screen.findByText("What waits to be given back could not be read");
  expect(screen.queryByText(/^Nothing waits/)).toBeNull();
});

it("keeps a push of which something failed, with the reason, until it is dismissed", async () => {
  const { fake, user } = opened(({ world }) => {
    const { labelStudio } = world;
    labelStudio.pushes = labelStudio.pushes.slice(0, 1);
    labelStudio.refused = { predictions: 3, reason: "the server answered 500 for these tasks" };
  });
  await user.click((await first()).getByRole("button", { name: /^Try .* now$/ }));
  await screen.findByText("Not all written");
  await screen.findByText("The server answered 500 for these tasks.");
  await user.click((await first()).getByRole("button", { name: /^Dismiss/ }));
  await screen.findByText(/^Nothing waits/);
  expect(fake.world.labelStudio.pushes).toEqual([]);
  expect(document.activeElement?.textContent, "the focus stays close by").toBe("Waiting to be given back");
});

it("goes on with what waits, and cancels what is not to be given back any more", async () => {
  const { user } = opened();
  await user.click((await first()).getByRole("button", { name: /^Try .* now$/ }));
  await waitFor(async () => expect(await items()).toHaveLength(1));
  await user.click((await first()).getByRole("button", { name: /^Dismiss/ }));
  await screen.findByText(/^Nothing waits/);
});
