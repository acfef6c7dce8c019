/** What a webview does as a browser would, and a window of a desktop program must not. */
import { matches } from "@/lib/commands";

/** Print, find, reload, view source, caret browsing: each would leave the program or lay the browser's own bar over it. */
const BROWSER_KEYS = ["Mod+p", "Mod+f", "Mod+g", "Mod+r", "Mod+Shift+r", "Mod+u", "F3", "F5", "F7"];

/** Keeps the webview from doing what a browser does for these keys, which no command answered. */
export function refuseBrowserKeys(event: KeyboardEvent): void {
  if (import.meta.env.PROD && BROWSER_KEYS.some((keys) => matches(event, keys))) event.preventDefault();
}

export function refuseBrowserMenu(): void {
  window.addEventListener("contextmenu", (event) => {
    const target = event.target as HTMLElement;
    const editable = target.closest("input, textarea, [contenteditable=true]") !== null;
    const selected = getSelection()?.isCollapsed === false;
    // Cut, copy, paste and spelling stay; "Reload" and "Back" do not.
    if (!editable && !selected) event.preventDefault();
  });
}
