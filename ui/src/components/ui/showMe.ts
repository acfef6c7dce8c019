/** As the `ref` of what appears in answer to the user: scrolls to where it is seen. */
export function showMe(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest" });
}
