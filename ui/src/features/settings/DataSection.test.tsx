import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { Toasts } from "@/components/ui/toast";
import { connect } from "@/ipc/client";
import { followEvents } from "@/ipc/events";
import { createFake, type Scene } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { DataSection } from "./DataSection";
import { PrivacySection } from "./PrivacySection";

function opened(scene: Scene = "lived") {
  const fake = createFake(scene);
  connect(fake);
  const client = createQueryClient();
  followEvents(client);
  render(
    <QueryClientProvider client={client}>
      <DataSection />
      <PrivacySection onDiagnostics={() => {}} />
      <Toasts />
    </QueryClientProvider>,
  );
  return { fake, user: userEvent.setup() };
}

it("says that a checked workspace is whole", async () => {
  const { user } = opened();
  await user.click(await screen.findByRole("button", { name: "Check" }));
  expect((await screen.findByText("The workspace is whole")).textContent).toBeTruthy();
});

it("says what is wrong with a damaged one before anybody asks", async () => {
  opened("damaged");
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("The workspace is damaged");
  expect(alert.textContent).toContain("2 problems");
  expect(alert.textContent).toContain("Tree 14 page 5120");
});

it("shows where the workspace is, and says why it could not", async () => {
  const { fake, user } = opened();
  const show = vi.spyOn(fake.commands, "showWorkspace");
  const button = await screen.findByRole("button", { name: "Show the workspace in its folder" });
  await user.click(button);
  await waitFor(() => expect(show).toHaveBeenCalledOnce());
  show.mockImplementation(() => {
    throw new Error("there is no file manager");
  });
  await user.click(button);
  await screen.findByText("The folder was not shown");
});

it("backs up to where the user says, and says why it could not", async () => {
  const { user } = opened();
  await user.click(await screen.findByRole("button", { name: "Back up…" }));
  await screen.findByText(/workspace backup\.touchstone/);
});

it("shows what went wrong with a backup in its place", async () => {
  const { user } = opened("damaged");
  await user.click(await screen.findByRole("button", { name: "Back up…" }));
  await screen.findByText("The workspace was not backed up");
});

it("restores a backup only once that is confirmed", async () => {
  const { fake, user } = opened();
  const restore = vi.spyOn(fake.commands, "restoreWorkspace");
  const table = await screen.findByRole("region", { name: "Backups beside the workspace" });
  const [newest] = within(table).getAllByRole("button", { name: "Restore…" });
  if (newest === undefined) throw new Error("a world of some weeks has backups");
  await user.click(newest);
  expect(restore).not.toHaveBeenCalled();
  const dialog = await screen.findByRole("alertdialog", { name: "Restore this backup?" });
  await user.click(within(dialog).getByRole("button", { name: "Restore and restart" }));
  await waitFor(() => expect(restore).toHaveBeenCalledWith(expect.stringContaining("schema-27.backup")));
});

it("counts what could not be salvaged", async () => {
  const { user } = opened("damaged");
  await user.click(await screen.findByRole("button", { name: "Salvage…" }));
  await screen.findByText("Some of it could not be read");
  await screen.findByText(/task: 12,420 rows kept, 60 rows lost/);
});

it("opens what was salvaged only once that is confirmed", async () => {
  const { fake, user } = opened("damaged");
  const open = vi.spyOn(fake.commands, "switchWorkspace");
  await user.click(await screen.findByRole("button", { name: "Salvage…" }));
  await user.click(await screen.findByRole("button", { name: "Open it…" }));
  expect(open).not.toHaveBeenCalled();
  await user.click(await screen.findByRole("button", { name: "Open workspace" }));
  await waitFor(() => expect(open).toHaveBeenCalledWith(expect.stringContaining("salvaged")));
});

it("shows the last crash, and says where there was none", async () => {
  const { user } = opened("crashed");
  await user.click(await screen.findByRole("button", { name: "Show the last crash" }));
  expect((await screen.findByRole("region", { name: "The last crash" })).textContent).toContain("panicked at");
  opened();
  await screen.findByText("No crash is on record.");
});
