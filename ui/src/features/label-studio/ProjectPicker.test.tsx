import { QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRef } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import { connect } from "@/ipc/client";
import { createFake, type Fake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { ProjectPicker } from "./ProjectPicker";

// Without a layout nothing has a height, and no row would be in sight.
beforeEach(() => void vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(480));

function opened(serverId: string, change: (fake: Fake) => void = () => {}) {
  const fake = createFake("linked");
  change(fake);
  connect(fake);
  render(
    <QueryClientProvider client={createQueryClient()}>
      <TipProvider>
        <ProjectPicker
          serverId={serverId}
          onChoose={() => {}}
          onTake={() => {}}
          inputRef={createRef()}
          onChangeServer={() => {}}
        >
          {null}
        </ProjectPicker>
      </TipProvider>
    </QueryClientProvider>,
  );
  return { fake, user: userEvent.setup() };
}

const search = () => screen.getByRole("combobox", { name: "Search the projects" });
const list = () => screen.getByRole("listbox", { name: "Projects of the server" });
const active = () => search().getAttribute("aria-activedescendant");

async function scrollTo(top: number, title: RegExp) {
  list().scrollTop = top;
  fireEvent.scroll(list());
  await screen.findByRole("option", { name: title });
}

it("says so where it could not be found out whether an ML backend predicts there too", async () => {
  opened("server-team", ({ commands }) => {
    commands.serverProject = async () => ({
      status: "error",
      error: { code: "internal", message: "the server took too long", field: null },
    });
  });
  const [remark] = await screen.findAllByText(
    /^Whether a machine learning backend is connected could not be found out/,
  );
  expect(remark?.closest("[role=option]")?.textContent).toContain("Product reviews");
});

it("names the option that it is at only while that one is there", async () => {
  const { user } = opened("server-research");
  await screen.findByRole("option", { name: /^Scratch/ });
  await user.type(search(), "{ArrowDown}");
  const named = active() ?? "";
  expect(document.getElementById(named)?.getAttribute("aria-selected")).toBe("true");
  await scrollTo(56 * 600, /batch 601\b/);
  expect(document.getElementById(named)).toBeNull();
  expect(active()).toBeNull();
  await user.type(search(), "{ArrowDown}");
  expect(document.getElementById(active() ?? "")?.getAttribute("aria-selected")).toBe("true");
});

it("begins with the first project that can be used, and goes to any", async () => {
  const { user } = opened("server-research");
  const scratch = await screen.findByRole("option", { name: /^Scratch/ });
  expect(scratch.getAttribute("aria-disabled")).toBe("true");
  const first = () => document.getElementById(active() ?? "");
  await waitFor(() => expect(first()?.getAttribute("aria-disabled")).toBeNull());
  await user.type(search(), "{PageUp}");
  expect(first()?.id).toBe(scratch.id);
});

it("begins another search with its first page, however far down the list was", async () => {
  const { fake, user } = opened("server-research");
  await screen.findByRole("option", { name: /^Scratch/ });
  await scrollTo(56 * 1200, /batch 1200/);
  const read = vi.spyOn(fake.commands, "serverProjects");
  await user.type(search(), "batch 7");
  await waitFor(() => expect(read).toHaveBeenCalled());
  await screen.findByRole("option", { name: /batch 7\b/ });
  const asked = read.mock.calls.filter(([, wanted]) => wanted === "batch 7").map(([, , page]) => page);
  expect(asked).toEqual([1]);
});
