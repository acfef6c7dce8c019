import type { RouterHistory } from "@tanstack/react-router";

/** A dialog that leads on is replaced by where it led: Back from there does not open it again. */
export function passOverDialogs(history: RouterHistory): RouterHistory {
  const { push, replace } = history;
  history.push = (...to) => (new URLSearchParams(history.location.search).has("dialog") ? replace(...to) : push(...to));
  return history;
}

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
