import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import { Toasts } from "@/components/ui/toast";
import type { ErrorCode, PushPlan } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { followEvents } from "@/ipc/events";
import { createFake, type Fake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { PushDialog } from "./PushDialog";

const RUN = "run-contracts-2";

let stop = () => {};
afterEach(() => stop());

/** The dialog over a world in which nothing of the run was given back, and a button that leaves it. */
async function opened(change: (fake: Fake) => void = () => {}) {
  const fake = createFake("linked");
  fake.world.labelStudio.pushes = [];
  change(fake);
  connect(fake);
  const client = createQueryClient();
  stop = followEvents(client);
  const window = (isOpen: boolean) => (
    <QueryClientProvider client={client}>
      <TipProvider>
        {isOpen && <PushDialog runId={RUN} onClose={() => rerender(window(false))} onShowWaiting={() => {}} />}
        <Toasts />
      </TipProvider>
    </QueryClientProvider>
  );
  const { rerender } = render(window(true));
  return { fake, user: userEvent.setup() };
}

const action = () => screen.findByRole("button", { name: /^Write/ });
const cancel = () => screen.findByRole("button", { name: "Cancel" });
const isRefused = (button: HTMLElement) => button.getAttribute("aria-disabled") === "true";
const told = (words: string | RegExp) => screen.findAllByText(words);

/** Pressed once the plan says what is written. */
async function give(user: ReturnType<typeof userEvent.setup>) {
  await waitFor(async () => expect(isRefused(await action())).toBe(false));
  await user.click(await action());
}

/** A push that is refused with `code` after part of it was written, and what is left to write then. */
function breaksOff(code: ErrorCode, left: number) {
  return ({ commands }: Fake) => {
    const { planPush } = commands;
    let part: Partial<PushPlan> = {};
    commands.planPush = async (...asked) => {
      const planned = await planPush(...asked);
      return planned.status === "ok" ? { ...planned, data: { ...planned.data, ...part } } : planned;
    };
    commands.pushRun = async () => {
      part = { predictions: left };
      return { status: "error", error: { code, message: "the project is no longer there", field: null } };
    };
  };
}

it.each<ErrorCode>(["invalid", "canceled"])(
  "says what is left to write after a push that ended as %s",
  async (code) => {
    const { user } = await opened(breaksOff(code, 7));
    expect((await action()).textContent).not.toContain("7 predictions");
    await give(user);
    await screen.findByRole("button", { name: "Write 7 predictions" });
    await told(code === "canceled" ? /^Giving back was canceled/ : "The project is no longer there.");
  },
);

it("refuses to write by a plan that is being made anew, or could not be", async () => {
  const { fake, user } = await opened(breaksOff("invalid", 7));
  await action();
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { pushRun } = fake.commands;
  fake.commands.pushRun = async (...asked) => {
    fake.commands.planPush = async () => {
      await answered;
      return { status: "error", error: { code: "internal", message: "the token was revoked", field: null } };
    };
    return pushRun(...asked);
  };
  await give(user);
  await told("The run was not given back");
  expect(isRefused(await action()), "it is what was so before").toBe(true);
  answer();
  await told("What would be written could not be found out");
  expect(isRefused(screen.getByRole("button", { name: "Give back" }))).toBe(true);
});

it("cancels a push that has not told of itself yet", async () => {
  const { fake, user } = await opened(({ commands, send }) => {
    const { pushProgress } = send;
    send.pushProgress = () => {};
    const { cancelPush } = commands;
    commands.cancelPush = async (id) => {
      send.pushProgress = pushProgress;
      return cancelPush(id);
    };
  });
  const canceled = vi.spyOn(fake.commands, "cancelPush");
  await give(user);
  await user.click(await cancel());
  await told("Giving back was canceled; what was written stays");
  expect(canceled).toHaveBeenCalledOnce();
  expect(fake.world.labelStudio.pushes).toEqual([]);
});

it("cancels a push that is listed but was not taken yet", async () => {
  const canceled = vi.fn();
  const { user } = await opened(({ commands, world }) => {
    const [waiting] = createFake("linked").world.labelStudio.pushes;
    commands.pushRun = () => {
      if (waiting !== undefined) world.labelStudio.pushes = [{ ...waiting, id: 12, run_id: RUN, state: "waiting" }];
      return new Promise(() => {});
    };
    commands.cancelPush = async (id) => {
      canceled(id);
      return { status: "ok", data: null };
    };
  });
  await give(user);
  await user.click(await cancel());
  await waitFor(() => expect(canceled).toHaveBeenCalledWith(12));
});

it("says so where there is nothing to cancel", async () => {
  const { user } = await opened(({ commands }) => {
    commands.pushRun = () => new Promise(() => {});
  });
  await give(user);
  await user.click(await cancel());
  await told("It was not canceled");
});

it("tells at the end of a push that goes on without its dialog", async () => {
  const { fake, user } = await opened();
  await give(user);
  await user.click(await screen.findByRole("button", { name: "Go on in the background" }));
  await told(/^[\d,]+ predictions given back$/);
  expect(fake.world.labelStudio.pushes.map(({ state }) => state)).toEqual(["done"]);
});

it("tells of a push that fails without its dialog", async () => {
  const { fake, user } = await opened();
  await give(user);
  await user.click(await screen.findByRole("button", { name: "Go on in the background" }));
  fake.world.labelStudio.gone = "the token was revoked";
  await told("The run was not given back");
  await told("The token was revoked.");
});

it("says which part of a run the server did not take, and why", async () => {
  const { fake, user } = await opened(({ world }) => {
    world.labelStudio.refused = { predictions: 3, reason: "the server answered 500 for these tasks" };
  });
  await give(user);
  await told("Not all of it was written");
  await told("The server answered 500 for these tasks.");
  expect(fake.world.labelStudio.pushes).toMatchObject([{ state: "done", failed: 3 }]);
});

it("lets tasks begin with it where they begin empty, leaves another version alone, and obeys whoever says otherwise", async () => {
  const first = await opened();
  const pushed = vi.spyOn(first.fake.commands, "pushRun");
  await give(first.user);
  await told("Tasks that nobody has annotated begin with it from now on.");
  expect(pushed).toHaveBeenCalledWith(RUN, expect.objectContaining({ prelabel: true }));
  cleanup();

  const { user } = await opened(({ commands }) => {
    const { planPush } = commands;
    commands.planPush = async (...asked) => {
      const planned = await planPush(...asked);
      return planned.status === "ok" ? { ...planned, data: { ...planned.data, prelabels_with: "Other @1" } } : planned;
    };
  });
  const prelabel = await screen.findByRole("checkbox", { name: /^Let tasks that nobody has annotated begin/ });
  expect(prelabel.getAttribute("aria-checked")).toBe("false");
  await told(/It names “Other\s@1” now/);
  await user.click(prelabel);
  await waitFor(() => expect(prelabel.getAttribute("aria-checked")).toBe("true"));
});

it("lets tasks begin with it where the version that they begin with is deleted, unless somebody says otherwise", async () => {
  const { user } = await opened(({ commands }) => {
    const { planPush } = commands;
    commands.planPush = async (run, options) => {
      const planned = await planPush(run, options);
      const count = options.other_versions === "replace" ? 40 : 0;
      const replaced = { prelabels_with: "Earlier @1", prelabels_replaced: count, covers_all: true };
      return planned.status === "ok" ? { ...planned, data: { ...planned.data, ...replaced } } : planned;
    };
  });
  const prelabel = await screen.findByRole("checkbox", { name: /^Let tasks that nobody has annotated begin/ });
  expect(prelabel.getAttribute("aria-checked")).toBe("false");
  await user.click(screen.getByRole("radio", { name: "Are deleted" }));
  await told(/It names “Earlier\s@1” now. 40 predictions of it are deleted/);
  expect(prelabel.getAttribute("aria-checked")).toBe("true");
});
