import type { RouterHistory } from "@tanstack/react-router";

/** Goes back, or forward, to another place: a dialog that was closed left the address that it lay over twice. */
export function step(history: RouterHistory, direction: "back" | "forward"): void {
  const here = history.location.href;
  const stop = history.subscribe(() => {
    stop();
    // Not while the others are told, who would include whoever joins them meanwhile.
    if (history.location.href === here) setTimeout(() => step(history, direction));
  });
  history[direction]();
}
