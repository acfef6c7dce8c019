import { act, render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { useSpoken } from "./useSpoken";

it("tells the same words again as news, and nothing of them five seconds later", () => {
  vi.useFakeTimers();
  let say: (text: string) => void = () => {};
  function Place() {
    const [spoken, sayIt] = useSpoken();
    say = sayIt;
    return spoken;
  }
  render(<Place />);
  act(() => say("Removed the mark"));
  const first = screen.getByRole("status").firstElementChild;
  act(() => vi.advanceTimersByTime(3_000));
  act(() => say("Removed the mark"));
  expect(screen.getByRole("status").firstElementChild, "drawn anew").not.toBe(first);
  act(() => vi.advanceTimersByTime(3_000));
  expect(screen.getByRole("status").textContent).toBe("Removed the mark");
  act(() => vi.advanceTimersByTime(3_000));
  expect(screen.getByRole("status").textContent).toBe("");
  vi.useRealTimers();
});
