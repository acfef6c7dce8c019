import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import { AS_MADE } from "./arrangement";
import { ColumnsMenu } from "./ColumnsMenu";

const columns = [
  { id: "text", title: "text", about: "data", width: "1fr" },
  { id: "answer", title: "Prediction", width: "1fr" },
  { id: "cost", title: "Cost", width: "80px", isOptional: true },
];

async function open() {
  const user = userEvent.setup();
  const onResize = vi.fn();
  const onFit = vi.fn();
  function Menu() {
    const [arrangement, setArrangement] = useState(AS_MADE);
    return (
      <TipProvider>
        <ColumnsMenu
          columns={columns}
          arrangement={arrangement}
          onChange={setArrangement}
          onResize={onResize}
          onFit={onFit}
        />
      </TipProvider>
    );
  }
  render(<Menu />);
  await user.click(screen.getByRole("button", { name: "Columns" }));
  const list = await screen.findByRole("list", { name: "Columns from left to right" });
  const box = (name: RegExp) => within(list).getByRole("checkbox", { name });
  const names = () =>
    within(list)
      .getAllByRole("checkbox")
      .map((one) => one.getAttribute("aria-checked"));
  const order = () =>
    within(list)
      .getAllByRole("listitem")
      .map((item) => item.dataset.column);
  return { user, box, names, order, onResize, onFit };
}

it("shows a column that is not shown at first, and hides another", async () => {
  const { user, box, names } = await open();
  expect(names()).toEqual(["true", "true", "false"]);
  await user.click(box(/^Cost/));
  await user.click(box(/^text/));
  expect(names()).toEqual(["false", "true", "true"]);
});

it("moves a column and changes its width by keyboard, and stays on it", async () => {
  const { user, box, order, onResize } = await open();
  box(/^Prediction/).focus();
  await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
  expect(order()).toEqual(["answer", "text", "cost"]);
  expect(document.activeElement).toBe(box(/^Prediction/));
  await user.keyboard("{ArrowRight}{ArrowLeft}");
  expect(onResize.mock.calls).toEqual([
    ["answer", 16],
    ["answer", -16],
  ]);
  await user.keyboard("{ArrowDown}");
  expect(document.activeElement).toBe(box(/^text/));
});

it("moves and fits by its buttons, and is as made again", async () => {
  const { user, box, order, onFit } = await open();
  box(/^text/).focus();
  await user.click(screen.getByRole("button", { name: "Move text to the right" }));
  expect(order()).toEqual(["answer", "text", "cost"]);
  await user.click(screen.getByRole("button", { name: "Fit the width of text" }));
  expect(onFit).toHaveBeenCalledWith("text");
  await user.click(screen.getByRole("button", { name: "Reset" }));
  expect(order()).toEqual(["text", "answer", "cost"]);
});
