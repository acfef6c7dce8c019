import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { useHotkeys } from "@/components/commands";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { ConnectionForm } from "./ConnectionForm";

function Adding() {
  useHotkeys(() => {});
  return <ConnectionForm provider="open_ai" onAdded={() => {}} onCancel={() => {}} />;
}

it("adds a connection once, however often the keys that confirm a dialog are pressed", async () => {
  const fake = createFake("lived");
  connect(fake);
  const add = vi.spyOn(fake.commands, "addConnection").mockReturnValue(new Promise(() => {}));
  render(
    <QueryClientProvider client={createQueryClient()}>
      <Adding />
    </QueryClientProvider>,
  );
  const user = userEvent.setup();
  await user.type(screen.getByLabelText(/API key/, { selector: "input" }), "sk-proj-1234567890");
  await user.keyboard("{Control>}{Enter}{/Control}");
  const button = screen.getByRole("button", { name: "Save and test" });
  await waitFor(() => expect(button.getAttribute("aria-busy")).toBe("true"));
  await user.keyboard("{Control>}{Enter}{/Control}");
  expect(add).toHaveBeenCalledTimes(1);
});
