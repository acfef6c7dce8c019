/** Whether everything on the screen can be pointed at, in a window however small: measured in the page. */
import type { Page } from "playwright-core";
import { CONTROLS } from "./layout";

/**
 * What cannot be reached, in words; empty when everything can. Without scrolling there must be all but what is in a table, or in
 * a part that has more than it shows.
 */
export async function reachProblems(page: Page, { withoutScrolling = false } = {}): Promise<string[]> {
  return page.evaluate(
    ([CONTROLS, withoutScrolling]) => {
      const problems: string[] = [];
      const { clientWidth: width, clientHeight: height } = document.documentElement;
      const name = (element: Element) =>
        `<${element.tagName.toLowerCase()}> “${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 60)}”`;
      const isMeant = (element: Element) =>
        element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
        // A list with a key for every row draws only some of them.
        element.closest('.sr-only, [aria-hidden=true], [inert], [role="option"]') === null &&
        // Comes into sight once it has the focus.
        element.closest(".fixed.-translate-y-16") === null &&
        element.clientWidth > 1;
      /** The field itself may be drawn by what stands for it. */
      const standsFor = (seen: Element, control: Element) => {
        if (seen.contains(control) && seen.closest("label") !== null) return true;
        const label = control.id === "" ? null : document.querySelector(`label[for="${CSS.escape(control.id)}"]`);
        return label?.contains(seen) === true;
      };
      /** What covers the middle of what is in sight of a control. */
      const inTheWay = (control: Element): string | null => {
        const box = control.getBoundingClientRect();
        const sight = { left: 0, right: width, top: 0, bottom: height };
        for (let at = control.parentElement; at !== null; at = at.parentElement) {
          const { overflowX, overflowY, position } = getComputedStyle(at);
          const around = at.getBoundingClientRect();
          if (overflowX !== "visible") {
            sight.left = Math.max(sight.left, around.left);
            sight.right = Math.min(sight.right, around.right);
          }
          if (overflowY !== "visible") {
            sight.top = Math.max(sight.top, around.top);
            sight.bottom = Math.min(sight.bottom, around.bottom);
          }
          if (position === "fixed") break;
        }
        const left = Math.max(box.left, sight.left);
        const right = Math.min(box.right, sight.right);
        const top = Math.max(box.top, sight.top);
        const bottom = Math.min(box.bottom, sight.bottom);
        const middle = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
        const isCut = middle.x < left || middle.x > right || middle.y < top || middle.y > bottom;
        if (withoutScrolling && isCut) return "is cut";
        if (right - left < Math.min(box.width, 20) || bottom - top < Math.min(box.height, 20)) return "is out of sight";
        const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        if (seen === null) return "is out of sight";
        if (control.contains(seen) || standsFor(seen, control)) return null;
        return `is covered by ${name(seen)} class="${seen.getAttribute("class")?.slice(0, 60)}"`;
      };

      const scrolled = [...document.querySelectorAll("*")].map((element) => ({
        element,
        top: element.scrollTop,
        left: element.scrollLeft,
      }));

      // Dialogs are decided upon and closed without scrolling them.
      const dialogs = [...document.querySelectorAll('[role="dialog"], [role="alertdialog"]')].filter(isMeant);
      for (const dialog of dialogs) {
        const fixed = [...dialog.querySelectorAll('header button, footer button, button[aria-label="Close"]')];
        for (const button of fixed.filter(isMeant)) {
          const why = inTheWay(button);
          if (why !== null) problems.push(`of the dialog, ${name(button)} ${why} without scrolling`);
        }
      }

      const isScrolled = (element: Element): boolean => {
        const around = element.parentElement?.closest(".scroll-area, [role=grid]") ?? null;
        if (around === null) return false;
        return around.role === "grid" || around.scrollHeight > around.clientHeight || isScrolled(around);
      };
      const controls = [...document.querySelectorAll(CONTROLS)].filter(isMeant);
      for (const control of withoutScrolling ? controls.filter((one) => !isScrolled(one)) : controls) {
        if (!withoutScrolling) control.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
        const why = inTheWay(control);
        if (why !== null) problems.push(`${name(control)} ${why}`);
        // The page can scroll what its user cannot.
        for (let at = control.parentElement; at !== null; at = at.parentElement) {
          const { overflowX, overflowY } = getComputedStyle(at);
          if (at.scrollTop !== 0 && ["hidden", "clip", "visible"].includes(overflowY)) {
            problems.push(
              `${name(control)} is below what can be scrolled of <${at.tagName.toLowerCase()} class="${at.className}">`,
            );
            at.scrollTop = 0;
          }
          if (Math.abs(at.scrollLeft) > 1 && ["hidden", "clip", "visible"].includes(overflowX)) {
            problems.push(
              `${name(control)} is beside what can be scrolled of <${at.tagName.toLowerCase()} class="${at.className}">`,
            );
            at.scrollLeft = 0;
          }
        }
      }
      for (const { element, top, left } of scrolled) {
        if (element.scrollTop !== top) element.scrollTop = top;
        if (element.scrollLeft !== left) element.scrollLeft = left;
      }
      return [...new Set(problems)];
    },
    [CONTROLS, withoutScrolling] as const,
  );
}
