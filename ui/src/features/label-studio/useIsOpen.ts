import { type RefObject, useEffect, useRef } from "react";

/** Whether the dialog is still there: what goes on without it is told of elsewhere at its end. */
export function useIsOpen(): RefObject<boolean> {
  const isOpen = useRef(true);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);
  return isOpen;
}
