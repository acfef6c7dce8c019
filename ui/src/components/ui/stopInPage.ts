/** Where the keyboard was in the page itself, for what lies over it to go back to. It keeps nothing alive that is gone. */
let last: WeakRef<HTMLElement> | undefined;

const has = (element: Element | null) => element?.closest("#root") != null;

document.addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLElement && has(target)) last = new WeakRef(target);
});

export const stopInPage = {
  /** Whether it is in the page, and not in what lies over it. */
  has,
  /** Where the focus was last; on another screen, or where that now refuses, the screen itself. */
  last: (): HTMLElement | null => {
    const element = last?.deref();
    // What is gone or folded away has no place.
    const isThere =
      element?.isConnected === true && element.getClientRects().length > 0 && element.ariaDisabled !== "true";
    return isThere ? element : document.getElementById("main");
  },
};
