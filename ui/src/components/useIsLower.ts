import { type RefObject, useLayoutEffect, useState } from "react";

/** Whether an element is less high than `px`, as it changes. Its height must not depend on what is made of the answer. */
export function useIsLower(ref: RefObject<HTMLElement | null>, px: number): boolean {
  const [isLower, setLower] = useState(false);
  // Before it is seen: the first picture has what there is room for.
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null || typeof ResizeObserver === "undefined") return;
    // Where nothing is laid out, or the half is folded away, nothing is too high for it.
    const measure = () => setLower(element.clientHeight > 0 && element.clientHeight < px);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref, px]);
  return isLower;
}
