import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { LabelStudioServer } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { createFake, type Scene } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { ServerDialog } from "./ServerDialog";

function opened(scene: Scene, server?: LabelStudioServer) {
  const fake = createFake(scene);
  connect(fake);
  const onClose = vi.fn();
  render(
    <QueryClientProvider client={createQueryClient()}>
      <ServerDialog {...(server !== undefined && { server })} onClose={onClose} />
    </QueryClientProvider>,
  );
  return { fake, onClose, user: userEvent.setup() };
}

const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label);

it("calls a server after its address until somebody names it", async () => {
  const { fake, onClose, user } = opened("lived");
  await user.type(field("Address"), "https://label.team.example/");
  expect(field("Name").value).toBe("label.team.example");
  await user.clear(field("Name"));
  await user.type(field("Name"), "Team");
  await user.type(field("Token"), "0f9a8c");
  await user.click(screen.getByRole("button", { name: "Connect" }));
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(fake.world.labelStudio.servers.map(({ name, address }) => [name, address])).toEqual([
    ["Team", "https://label.team.example"],
  ]);
});

it("says at the field what is refused, and keeps what was typed", async () => {
  const { fake, onClose, user } = opened("lived");
  await user.type(field("Address"), "https://label.team.example");
  await user.type(field("Token"), "revoked");
  await user.click(screen.getByRole("button", { name: "Test" }));
  await screen.findByText("The server does not know this token.");
  expect(field("Token").getAttribute("aria-invalid")).toBe("true");
  await user.click(screen.getByRole("button", { name: "Connect" }));
  await waitFor(() => expect(screen.getByText("The server does not know this token.")).toBeTruthy());
  expect(onClose).not.toHaveBeenCalled();
  expect(fake.world.labelStudio.servers).toEqual([]);
  expect(field("Address").value).toBe("https://label.team.example");
});

it("forgets what a test said once something else is typed", async () => {
  const { user } = opened("lived");
  await user.type(field("Address"), "https://label.team.example");
  await user.type(field("Token"), "0f9a8c");
  await user.click(screen.getByRole("button", { name: "Test" }));
  await screen.findByText(/^Works: Label Studio 1\.23\.2, Community/);
  await user.type(field("Token"), "1");
  await waitFor(() => expect(screen.queryByText(/^Works/)).toBeNull());
});

it("keeps the token that is there where none is entered", async () => {
  const [server] = createFake("linked").world.labelStudio.servers;
  if (server === undefined) throw new Error("the scene has servers");
  const { fake, onClose, user } = opened("linked", { ...server, linked: 1 });
  const edit = vi.spyOn(fake.commands, "editServer");
  await user.clear(field("Name"));
  await user.type(field("Name"), "Annotators");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(edit.mock.calls[0]).toEqual([
    server.id,
    { name: "Annotators", address: server.address, token: null, until_quit: false, proxy: null, custom_ca: null },
  ]);
});

it("offers to keep the token until the end of the program where there is no keychain", async () => {
  const { fake, onClose, user } = opened("no-keychain");
  await user.type(field("Address"), "https://label.team.example");
  await user.type(field("Token"), "0f9a8c");
  await user.click(await screen.findByRole("checkbox", { name: "Keep this token only until I quit" }));
  await user.click(screen.getByRole("button", { name: "Connect" }));
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(fake.world.labelStudio.servers[0]?.key_storage).toBe("until_quit");
});
