import { type RefObject, useEffect, useRef } from "react";

/**
 * Once what was open beside the table `around` is closed, also by Back, the keyboard goes on from the row that was open: the
 * one that Tab leads to.
 */
export function useFocusBack(isOpen: boolean, around: RefObject<HTMLElement | null>): void {
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    const isClosed = wasOpen.current && !isOpen;
    wasOpen.current = isOpen;
    // Where the focus was elsewhere, it stays there.
    if (!isClosed || document.activeElement !== document.body) return;
    around.current?.querySelector<HTMLElement>("[role=row][tabindex='0']")?.focus({ preventScroll: true });
  }, [isOpen, around]);
}
