import { useSyncExternalStore } from "react";

/** A window in which a screen has to save height: `low:` of the style sheet. */
export const LOW = "(max-height: 700px)";

/** Whether the window is as the query says, now and whenever that changes. */
export function useMediaQuery(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = window.matchMedia(query);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => window.matchMedia(query).matches,
  );
}
