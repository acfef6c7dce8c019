import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import { Toasts } from "@/components/ui/toast";
import { connect, ipc } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { ReportDialog } from "./ReportDialog";

async function open() {
  const fake = createFake("lived");
  connect(fake);
  const [run] = await ipc.listRuns("prompt-sample");
  if (run === undefined) throw new Error("the scene has runs");
  const written = vi.spyOn(fake.commands, "writeReport");
  const onClose = vi.fn();
  render(
    <QueryClientProvider client={createQueryClient()}>
      <TipProvider>
        <ReportDialog run={run} name="Topics v2 run 3" onClose={onClose} />
        <Toasts />
      </TipProvider>
    </QueryClientProvider>,
  );
  return { fake, run, written, onClose, user: userEvent.setup() };
}

it("writes the report without any task's data unless examples are asked for, and says where it is", async () => {
  const { run, written, onClose, user } = await open();
  await user.click(screen.getByRole("button", { name: "Choose a file and write" }));
  await screen.findByText("/home/ann/Documents/Topics v2 run 3 report.html");
  expect(written).toHaveBeenCalledWith(
    run.id,
    { examples: 0, against: null },
    "/home/ann/Documents/Topics v2 run 3 report.html",
  );
  expect(onClose).toHaveBeenCalled();
});

it("writes Markdown with so many examples as were asked for, and no more than there may be", async () => {
  const { written, user } = await open();
  await user.click(screen.getByRole("radio", { name: "Markdown" }));
  const examples = screen.getByRole("textbox", { name: "Examples" });
  await user.clear(examples);
  await user.type(examples, "201");
  await user.keyboard("{Enter}");
  expect(screen.getByText("Enter a whole number from 0 to 200.")).toBeTruthy();
  expect(written).not.toHaveBeenCalled();
  await user.clear(examples);
  await user.type(examples, "12{Enter}");
  await vi.waitFor(() =>
    expect(written).toHaveBeenCalledWith(
      expect.anything(),
      { examples: 12, against: null },
      expect.stringMatching(/\.md$/),
    ),
  );
});

it("stays open with the reason where the report could not be written", async () => {
  const { fake, onClose, user } = await open();
  fake.commands.writeReport = async () => ({
    status: "error",
    error: { code: "invalid", message: "the disk is full", field: null },
  });
  await user.click(screen.getByRole("button", { name: "Choose a file and write" }));
  expect((await screen.findByRole("alert")).textContent).toContain("The disk is full.");
  expect(onClose).not.toHaveBeenCalled();
});
