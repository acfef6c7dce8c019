import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { useHotkeys } from "@/components/commands";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { SaveVersionDialog } from "./SaveVersionDialog";

function Saving({ flush, onClose }: { flush: () => Promise<void>; onClose: () => void }) {
  useHotkeys(() => {});
  return (
    <SaveVersionDialog
      promptId="prompt-sample"
      number={3}
      basedOn={2}
      flush={flush}
      onCompare={() => {}}
      onClose={onClose}
    />
  );
}

it("saves by the keys that confirm a dialog, once however often they are pressed", async () => {
  const fake = createFake("first-run");
  connect(fake);
  const save = vi.spyOn(fake.commands, "saveVersion");
  const onClose = vi.fn();
  let flushed = () => {};
  const flush = () => new Promise<void>((resolve) => (flushed = resolve));
  render(
    <QueryClientProvider client={createQueryClient()}>
      <Saving flush={flush} onClose={onClose} />
    </QueryClientProvider>,
  );
  const user = userEvent.setup();
  await user.clear(await screen.findByRole("textbox", { name: "Message" }));
  await user.keyboard("Warmer{Control>}{Enter}{/Control}");
  await waitFor(() =>
    expect(screen.getByRole("button", { name: "Save version 3" }).getAttribute("aria-busy")).toBe("true"),
  );
  await user.keyboard("{Control>}{Enter}{/Control}{Enter}");
  flushed();
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(save.mock.calls).toEqual([["prompt-sample", "Warmer"]]);
});
