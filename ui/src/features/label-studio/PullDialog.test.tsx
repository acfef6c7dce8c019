import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import { Toasts } from "@/components/ui/toast";
import type { PullPlan } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { createFake, type Fake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { PullDialog } from "./PullDialog";

function opened(part: Partial<PullPlan>, change: (fake: Fake) => void = () => {}) {
  const fake = createFake("linked");
  const { changes } = fake.world.labelStudio;
  const known = changes["project-contracts"];
  if (known === undefined) throw new Error("the project came from a server");
  changes["project-contracts"] = { ...known, ...part };
  change(fake);
  connect(fake);
  const client = createQueryClient();
  const window = (isOpen: boolean) => (
    <QueryClientProvider client={client}>
      <TipProvider>
        {isOpen && <PullDialog projectId="project-contracts" onClose={() => {}} />}
        <Toasts />
      </TipProvider>
    </QueryClientProvider>
  );
  const { rerender } = render(window(true));
  return { fake, user: userEvent.setup(), leave: () => rerender(window(false)) };
}

const nothing = { new: 0, changed: 0, gone: 0, kept: 0, edited_here: 0, config: null };
const pull = () => screen.findByRole("button", { name: "Pull" });

/** Pressed once the plan is there. */
async function begin(user: ReturnType<typeof userEvent.setup>) {
  await waitFor(async () => expect((await pull()).getAttribute("aria-disabled")).toBe("false"));
  await user.click(await pull());
}

it("says that nothing changed there only where all tasks are here as they are there", async () => {
  opened(nothing);
  await screen.findByText("Nothing changed there");
});

it("tells what has annotations of yours even where a pull brings nothing", async () => {
  opened({ ...nothing, edited_here: 2 });
  await screen.findByText("With annotations of yours");
  expect(screen.queryByText("Nothing changed there")).toBeNull();
  expect((await pull()).getAttribute("aria-disabled")).toBe("true");
});

it("keeps what is gone there unless it is told twice to remove it", async () => {
  const { fake, user } = opened({ ...nothing, gone: 3, kept: 2 });
  const asked = vi.spyOn(fake.commands, "pullProject");
  await screen.findByText("Gone there");
  await user.click(await screen.findByRole("radio", { name: "Remove here" }));
  await user.click(await screen.findByRole("button", { name: "Pull and remove" }));
  const confirm = await screen.findByRole("alertdialog", { name: "Remove 5 tasks from this project?" });
  await user.click(within(confirm).getByRole("button", { name: "Cancel" }));
  expect(asked).not.toHaveBeenCalled();
  await user.click(await screen.findByRole("radio", { name: "Keep here" }));
  await begin(user);
  await screen.findByText("Gone there, kept here");
  expect(asked.mock.calls.map(([, , options]) => options)).toEqual([{ take_config: false, gone: "keep" }]);
});

it("removes what is gone there once that was said twice", async () => {
  const { fake, user } = opened({ ...nothing, gone: 3 });
  const asked = vi.spyOn(fake.commands, "pullProject");
  await user.click(await screen.findByRole("radio", { name: "Remove here" }));
  await user.click(await screen.findByRole("button", { name: "Pull and remove" }));
  const confirm = await screen.findByRole("alertdialog", { name: "Remove 3 tasks from this project?" });
  await user.click(within(confirm).getByRole("button", { name: "Pull and remove" }));
  await screen.findByText("Gone there, removed here");
  expect(asked.mock.calls.map(([, , options]) => options.gone)).toEqual(["remove"]);
});

it("says at the button that the server could not be asked", async () => {
  const { user } = opened({}, ({ world }) => {
    world.labelStudio.gone = "nothing listens at label.team.example:443";
  });
  await screen.findByText("The changes could not be read");
  await user.hover(await pull());
  await screen.findAllByText("The server could not be asked.");
});

it("says that a pull was not canceled", async () => {
  const { user } = opened({}, ({ commands }) => {
    commands.pullProject = () => new Promise(() => {});
    commands.cancelPull = async () => ({ status: "error", error: { code: "internal", message: "no", field: null } });
  });
  await begin(user);
  await user.click(await screen.findByRole("button", { name: "Cancel pull" }));
  await screen.findAllByText("The pull was not canceled");
});

it("tells at the end of a pull whose dialog was left", async () => {
  const { user, leave } = opened({});
  await begin(user);
  await screen.findByRole("button", { name: "Cancel pull" });
  leave();
  await screen.findAllByText("“Framework agreements 2019-2026” was pulled");
});

it("tells of a pull that fails after its dialog was left", async () => {
  const { fake, user, leave } = opened({});
  await begin(user);
  await screen.findByRole("button", { name: "Cancel pull" });
  leave();
  fake.world.labelStudio.gone = "nothing listens at label.team.example:443";
  await screen.findAllByText("“Framework agreements 2019-2026” was not pulled");
});
