/**
 * Something is taken with the pointer and let go over something else in the window. The browser's own drag and drop is
 * not for this: the shell takes it for the files that are dropped on the window.
 */
import { type PointerEvent as Press, type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";

/** Of the window, in pixels. */
export type Point = { x: number; y: number };

type Places<Item, Target> = {
  /** What is seen at a point, if the item can be let go there. */
  targetAt: (point: Point, item: Item) => Target | undefined;
  /** Called for every frame, so many milliseconds after the one before it: scrolls what the point is at the edge of. */
  scroll: (point: Point, elapsed_ms: number) => void;
  onDrop: (item: Item, target: Target) => void;
};

type Drag<Item, Target> = {
  /** `undefined` while nothing is dragged. */
  dragged: { item: Item; target: Target | undefined } | undefined;
  /** To be called when the pointer is pressed on an item. A press that does not move stays a click. */
  press: (event: Press, item: Item) => void;
  /** The element to be shown while something is dragged, fixed at the window's upper left corner: it follows the pointer. */
  ghost: RefObject<HTMLDivElement | null>;
};

/** A hand that clicks moves the pointer by less. */
const START_PX = 4;

export function useDrag<Item, Target>(places: Places<Item, Target>): Drag<Item, Target> {
  const [dragged, setDragged] = useState<{ item: Item; target: Target | undefined }>();
  const ghost = useRef<HTMLDivElement>(null);
  const latest = useRef(places);
  latest.current = places;
  const leave = useRef<() => void>(undefined);
  useEffect(() => () => leave.current?.(), []);

  const press = useCallback((event: Press, item: Item) => {
    if (event.button !== 0) return;
    leave.current?.();
    const { pointerId, clientX, clientY } = event;
    const box = event.currentTarget.getBoundingClientRect();
    let point = pointOf(event);
    let phase: "pressed" | "dragging" | "cancelled" = "pressed";
    let target: Target | undefined;
    let frame = 0;
    let drawnAt = 0;

    // Also while the pointer rests: what is under it may scroll away.
    const draw = (now: number) => {
      frame = requestAnimationFrame(draw);
      if (ghost.current !== null) {
        ghost.current.style.translate = `${point.x - clientX + box.left}px ${point.y - clientY + box.top}px`;
      }
      latest.current.scroll(point, Math.max(0, now - drawnAt));
      drawnAt = now;
      const seen = latest.current.targetAt(point, item);
      if (seen !== target) setDragged({ item, target: seen });
      target = seen;
    };
    const begin = () => {
      phase = "dragging";
      // Not the item's own element, which may be another row's once the table has scrolled.
      document.documentElement.setPointerCapture(pointerId);
      document.documentElement.dataset.dragging = "";
      // The ghost must be there to be placed before it is first seen.
      flushSync(() => setDragged({ item, target }));
      drawnAt = performance.now();
      draw(drawnAt);
    };
    const putAway = () => {
      cancelAnimationFrame(frame);
      delete document.documentElement.dataset.dragging;
      setDragged(undefined);
    };
    const listening = new AbortController();
    const end = () => {
      listening.abort();
      leave.current = undefined;
      if (phase === "dragging") putAway();
    };
    leave.current = end;

    const listen = <Name extends keyof WindowEventMap>(name: Name, heard: (event: WindowEventMap[Name]) => void) =>
      window.addEventListener(name, heard, { capture: true, signal: listening.signal });
    listen("pointermove", (event) => {
      if (event.pointerId !== pointerId) return;
      // It was let go where nobody could tell us.
      if (event.buttons === 0) {
        end();
        return;
      }
      point = pointOf(event);
      if (phase === "pressed" && Math.hypot(point.x - clientX, point.y - clientY) >= START_PX) begin();
    });
    listen("pointerup", (event) => {
      if (event.pointerId !== pointerId) return;
      if (phase !== "pressed") swallowClick();
      const under = phase === "dragging" ? latest.current.targetAt(pointOf(event), item) : undefined;
      end();
      if (under !== undefined) latest.current.onDrop(item, under);
    });
    listen("pointercancel", (event) => {
      if (event.pointerId === pointerId) end();
    });
    listen("keydown", (event) => {
      if (event.key !== "Escape" || phase !== "dragging") return;
      event.preventDefault();
      event.stopPropagation();
      phase = "cancelled";
      putAway();
    });
    // A press on selected text is a drag to the browser.
    listen("dragstart", (event) => event.preventDefault());
  }, []);
  return { dragged, press, ghost };
}

function pointOf({ clientX: x, clientY: y }: { clientX: number; clientY: number }): Point {
  return { x, y };
}

/** To the browser, a press and a release make a click on whatever holds them both, such as a row. */
function swallowClick(): void {
  const listening = new AbortController();
  const swallow = (event: Event) => event.stopPropagation();
  window.addEventListener("click", swallow, { capture: true, signal: listening.signal });
  setTimeout(() => listening.abort());
}
