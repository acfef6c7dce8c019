import { type RefObject, useEffect, useRef } from "react";

/** Once what was open beside `table` is closed, also by Back, the keyboard goes on in it. */
export function useFocusBack(isOpen: boolean, table: RefObject<{ focus: () => void } | null>): void {
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    const isClosed = wasOpen.current && !isOpen;
    wasOpen.current = isOpen;
    // Where the focus was elsewhere, it stays there.
    if (isClosed && document.activeElement === document.body) table.current?.focus();
  }, [isOpen, table]);
}
