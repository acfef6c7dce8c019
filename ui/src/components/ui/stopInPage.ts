/** Where the keyboard was in the page itself, for what lies over it to go back to. */
let last: Element | null = null;

const has = (element: Element | null) => element?.closest("#root") != null;

document.addEventListener("focusin", ({ target }) => {
  if (target instanceof Element && has(target)) last = target;
});

export const stopInPage = {
  /** Whether it is in the page, and not in what lies over it. */
  has,
  /** Where the focus was last; on another screen, or before it was anywhere, the first stop of what is on the screen. */
  last: (): HTMLElement | null =>
    last instanceof HTMLElement && last.isConnected && last.checkVisibility() ? last : document.getElementById("main"),
};
