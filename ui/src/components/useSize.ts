import { type RefObject, useLayoutEffect, useState } from "react";

/**
 * What is made of an element's size, as it changes. Where that is a number of columns, nothing is drawn again for every pixel.
 * While `made` answers nothing, as of an element that is not shown, it stays what it was. `made` must stay the same while it
 * means the same, and the size must not depend on what is made of it.
 */
export function useSize<Made>(
  ref: RefObject<HTMLElement | null>,
  made: (element: HTMLElement) => Made | undefined,
): Made | undefined {
  const [last, setLast] = useState<Made>();
  // Before it is seen: the first picture has what there is room for.
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null || typeof ResizeObserver === "undefined") return;
    const measure = () => {
      const now = made(element);
      if (now !== undefined) setLast(() => now);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref, made]);
  return last;
}
