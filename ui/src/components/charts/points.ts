/** The points of a chart for keyboard, pointer and screen reader: one stop of the Tab key, between which arrow keys step. */
import { type KeyboardEvent, useState } from "react";

type Points = {
  /** The point whose values are read out: that which has the focus, or is pointed at. */
  at: number | undefined;
  /** For the group around the points. */
  group: { onKeyDown: (event: KeyboardEvent<SVGGElement>) => void; onPointerLeave: () => void };
  /** For the element of a point; `words` say what it stands for. */
  point: (index: number, words: string) => PointProps;
};

type PointProps = {
  role: "img";
  "aria-label": string;
  "data-point": true;
  tabIndex: 0 | -1;
  className: string;
  onFocus: () => void;
  onBlur: () => void;
  onPointerEnter: () => void;
};

/** `count` points, in the order in which arrow keys go from one to the next. */
export function usePoints(count: number): Points {
  const [pointed, setPointed] = useState<number>();
  const [focused, setFocused] = useState<number>();
  /** The point that Tab leads to. */
  const [stop, setStop] = useState(0);
  const current = Math.min(stop, Math.max(0, count - 1));
  const onKeyDown = (event: KeyboardEvent<SVGGElement>) => {
    const steps: Record<string, number> = {
      ArrowRight: current + 1,
      ArrowDown: current + 1,
      ArrowLeft: current - 1,
      ArrowUp: current - 1,
      Home: 0,
      End: count - 1,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const points = event.currentTarget.querySelectorAll<SVGElement>("[data-point]");
    points[Math.min(Math.max(0, next), count - 1)]?.focus();
  };
  return {
    at: pointed ?? focused,
    group: { onKeyDown, onPointerLeave: () => setPointed(undefined) },
    point: (index, words) => ({
      role: "img",
      "aria-label": words,
      "data-point": true,
      tabIndex: index === current ? 0 : -1,
      // A ring of the chart's own shows the focus: engines draw outlines of shapes differently, or not at all.
      className: "outline-none",
      onFocus: () => {
        setStop(index);
        setFocused(index);
      },
      onBlur: () => setFocused(undefined),
      onPointerEnter: () => setPointed(index),
    }),
  };
}
