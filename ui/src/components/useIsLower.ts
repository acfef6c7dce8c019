import { type RefObject, useCallback } from "react";
import { useSize } from "./useSize";

/** Whether an element is less high than `px`, as it changes. */
export function useIsLower(ref: RefObject<HTMLElement | null>, px: number): boolean {
  // Where nothing is laid out, or the half is folded away, nothing is too high for it.
  const isLower = useCallback(({ clientHeight }: HTMLElement) => clientHeight > 0 && clientHeight < px, [px]);
  return useSize(ref, isLower) ?? false;
}
