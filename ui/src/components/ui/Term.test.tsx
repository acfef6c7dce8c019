import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { terms } from "@/lib/terms";
import { Term } from "./Term";
import { TipProvider } from "./Tip";

it("tells by Tab what a word means, and to readers of the screen", async () => {
  render(
    <TipProvider>
      <Term of="hash" more="9f2c41d07be8">
        9f2c
      </Term>
    </TipProvider>,
  );
  await userEvent.tab();
  const word = screen.getByRole("button", { name: "9f2c" });
  expect(document.activeElement).toBe(word);
  const told = `9f2c41d07be8\n${terms.hash}`;
  expect(word.getAttribute("aria-description")).toBe(told);
  expect((await screen.findByText(/^9f2c41d07be8/)).textContent).toBe(told);
});

it("tells after it what a word beside it means", () => {
  render(
    <TipProvider>
      <Term of="accuracy" also="difference">
        Accuracy
      </Term>
    </TipProvider>,
  );
  const told = screen.getByRole("button", { name: "Accuracy" }).getAttribute("aria-description");
  expect(told).toBe(`${terms.accuracy}\n${terms.difference}`);
});
