import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import { ConcurrencyDialog } from "./ConcurrencyDialog";

it("takes a number of requests at once that there can be, or none", async () => {
  const onSet = vi.fn();
  const user = userEvent.setup();
  render(
    <TipProvider>
      <ConcurrencyDialog concurrency={8} onSet={onSet} onClose={() => undefined} />
    </TipProvider>,
  );
  const field = screen.getByRole("textbox", { name: /^At once/ });
  for (const typed of ["0", "513", "eight"]) {
    await user.clear(field);
    await user.type(field, `${typed}{Enter}`);
    expect(screen.getByText("Enter a whole number from 1 to 512, or nothing."), typed).toBeTruthy();
  }
  expect(onSet).not.toHaveBeenCalled();
  await user.clear(field);
  await user.type(field, "16{Enter}");
  expect(onSet).toHaveBeenLastCalledWith(16);
  await user.clear(field);
  await user.type(field, "{Enter}");
  expect(onSet).toHaveBeenLastCalledWith(null);
});
