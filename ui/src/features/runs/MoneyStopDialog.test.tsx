import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { MoneyStopDialog } from "./MoneyStopDialog";

const lost = { words: "$0.05 may have been charged for 24 answers whose cost is not known", micros: 50_000 };

it.each([
  ["0", undefined, "Enter more than $0, or nothing for no stop."],
  ["1.5", 1_971_300, "The run has cost $1.9713 already; enter more."],
  ["0.04", 0, `The run has cost $0 already, and ${lost.words}; enter more.`],
])("does not take $%s for no stop, nor for one that is passed already", async (typed, spent, words) => {
  const onSet = vi.fn();
  const had = spent === undefined ? {} : spent === 0 ? { spent, lost } : { spent };
  render(<MoneyStopDialog onClose={() => {}} limit={null} action="Set" onSet={onSet} {...had} />);
  const user = userEvent.setup();
  const field = screen.getByRole("textbox", { name: /Dollars/ });
  await user.type(field, `${typed}{Enter}`);
  expect(screen.getByText(words)).toBeTruthy();
  expect(onSet).not.toHaveBeenCalled();
  await user.clear(field);
  await user.type(field, "{Enter}");
  expect(onSet).toHaveBeenCalledWith(null);
});
