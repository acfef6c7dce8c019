import { useNavigate, useRouter } from "@tanstack/react-router";
import { useCallback } from "react";
import { useWhileHere } from "./useWhileHere";

/** Another of these is another place: a part of the screen, or another run. */
const PLACES: readonly string[] = ["tab", "part", "run"];

/** To open one of these where none was open is a step; to go on to the next one, or to close it, is none. */
const OPENED: readonly string[] = ["task", "version"];

type Search = Readonly<Record<string, unknown>>;

/**
 * Whether Back leads from `after` to `before` again. All else that an address holds (a search, an order, a filter, a choice of
 * what is shown) only tells how the place looks: it takes the address of before in its stead.
 */
export function isStep(before: Search, after: Search): boolean {
  return (
    PLACES.some((key) => before[key] !== after[key]) ||
    OPENED.some((key) => before[key] === undefined && after[key] !== undefined)
  );
}

/**
 * The way to another place of this screen, and to another look of the same one: changes these parts of the address, as a step
 * of history or not. What is closed leaves an address that is there twice; Back passes over it (`app/steps.ts`).
 */
export function useMove<Part extends object>(): (part: Partial<Part>) => void {
  const router = useRouter();
  const go = useWhileHere(useNavigate());
  return useCallback(
    (part: Partial<Part>) => {
      const before: Search = router.latestLocation.search;
      const after = { ...before, ...part };
      void go({ to: ".", search: () => after as never, replace: !isStep(before, after) });
    },
    [router, go],
  );
}
