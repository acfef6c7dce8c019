import { type RefObject, useEffect, useRef, useState } from "react";

/** Where nothing is laid out, as in a test. */
const WIDTH_PX = 480;

/** The width that an element has, as it changes. While it is not shown it keeps the last one. */
export function useWidth<Sized extends HTMLElement>(): { ref: RefObject<Sized | null>; width: number } {
  const ref = useRef<Sized>(null);
  const [width, setWidth] = useState(WIDTH_PX);
  useEffect(() => {
    const element = ref.current;
    if (element === null || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(([entry]) => {
      const now = Math.floor(entry?.contentRect.width ?? 0);
      if (now > 0) setWidth(now);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}
