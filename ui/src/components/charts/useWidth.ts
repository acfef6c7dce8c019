import { type RefObject, useLayoutEffect, useRef, useState } from "react";

/** Where nothing is laid out, as in a test. */
const WIDTH_PX = 480;

/**
 * The width that an element has, as it changes, or what is made of it: where that is a number of columns, nothing is drawn again
 * for every pixel. While the element is not shown it keeps the last one. `made` must stay the same while it means the same.
 */
export function useWidth<Sized extends HTMLElement>(
  made: (width: number) => number = Math.floor,
): { ref: RefObject<Sized | null>; width: number } {
  const ref = useRef<Sized>(null);
  const [width, setWidth] = useState(() => made(WIDTH_PX));
  // Before it is seen: the first picture has the width that there is.
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null || typeof ResizeObserver === "undefined") return;
    const take = (now: number) => {
      if (now > 0) setWidth(made(now));
    };
    take(element.clientWidth);
    const observer = new ResizeObserver(([entry]) => take(entry?.contentRect.width ?? 0));
    observer.observe(element);
    return () => observer.disconnect();
  }, [made]);
  return { ref, width };
}
