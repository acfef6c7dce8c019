/** Where the user was in a workspace when the program ended: it begins there again. */
import { keep, readKept } from "@/lib/kept";
import type { AppRouter } from "./router";

const keyOf = (workspace: string) => `place:${workspace}`;

export function readPlace(workspace: string): string | undefined {
  const href = readKept(keyOf(workspace));
  return typeof href === "string" && href.startsWith("/") ? href : undefined;
}

/** Keeps each place that is gone to from now on, without the dialogs over it. */
export function followPlace(router: AppRouter, workspace: string): void {
  router.subscribe("onResolved", () => {
    const { pathname, search: all } = router.latestLocation;
    const { dialog: _, over: __, project: ___, prompt: ____, ...search } = all;
    keep(keyOf(workspace), pathname + router.options.stringifySearch(search));
  });
}
