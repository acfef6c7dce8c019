import { fireEvent, render, screen } from "@testing-library/react";
import { X } from "lucide-react";
import { expect, it, vi } from "vitest";
import type { CommandId } from "@/lib/commands";
import { useCommand, useHotkeys } from "./commands";
import { Button, IconButton } from "./ui/Button";

const unanswered = () => {};

function Listening({ command, run }: { command: CommandId; run: () => void }) {
  useHotkeys(unanswered);
  useCommand(command, run);
  return null;
}

it.each<[string, CommandId, string, number]>([
  ["once decides about a task", "review.reject", "x", 1],
  ["again and again steps through them", "result.next", "j", 3],
])("a key that is held down %s", (_, command, key, times) => {
  const run = vi.fn();
  render(<Listening command={command} run={run} />);
  fireEvent.keyDown(document.body, { key });
  const held = [0, 1].map(() => fireEvent.keyDown(document.body, { key, repeat: true }));
  expect(run).toHaveBeenCalledTimes(times);
  expect(held, "the key does nothing else either").toEqual([false, false]);
});

it("a key answers while a button that refuses has the focus", () => {
  const run = vi.fn();
  render(
    <>
      <Listening command="review.reject" run={run} />
      <Button disabled>Save</Button>
      <IconButton icon={X} label="Undo" disabledReason="There is nothing to take back." />
    </>,
  );
  for (const button of screen.getAllByRole("button")) fireEvent.keyDown(button, { key: "x" });
  expect(run).toHaveBeenCalledTimes(2);
});
