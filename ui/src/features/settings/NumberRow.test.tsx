import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { createQueryClient } from "@/ipc/queries";
import { AmountRow } from "./NumberRow";

it("lets Rust judge an amount of nothing, which is not the same as none", async () => {
  const onSet = vi.fn(async () => null);
  render(
    <QueryClientProvider client={createQueryClient()}>
      <AmountRow label="Budget" hint="A day" value={2_500_000} onSet={onSet} errorOf={() => undefined} />
    </QueryClientProvider>,
  );
  const user = userEvent.setup();
  const field = screen.getByRole("textbox", { name: "Budget" });
  await user.clear(field);
  await user.type(field, "0{Enter}");
  await user.clear(field);
  await user.type(field, "{Enter}");
  expect(onSet.mock.calls).toEqual([[0], [null]]);
});
