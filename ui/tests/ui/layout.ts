/** What a screen must keep to whatever its size and its content, measured in the page. */
import type { Page } from "playwright-core";

/** WCAG 2.2, 2.5.8: the least side of a target. */
const TARGET_PX = 24;

/** What can be pointed at. */
export const CONTROLS =
  'button, a[href], input:not([type="hidden"]), textarea, select, [role="button"], [role="tab"], [role="radio"], [role="checkbox"], [role="switch"], [role="combobox"], [role="option"], [role="menuitem"]';

/** What of the layout of the page is wrong, in words; empty when nothing is. */
export async function layoutProblems(page: Page): Promise<string[]> {
  return page.evaluate(
    ([targetPx, CONTROLS]) => {
      const problems: string[] = [];
      const { clientWidth: width, clientHeight: height } = document.documentElement;
      const name = (element: Element) =>
        `<${element.tagName.toLowerCase()}> “${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 60)}”`;
      const isVisible = (element: Element) =>
        element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
      /** For readers of the screen only. */
      const isHidden = (element: Element) => element.closest(".sr-only, [aria-hidden=true], [inert]") !== null;
      type Box = { left: number; right: number; top: number; bottom: number };
      const intersection = (a: Box, b: Box): Box => ({
        left: Math.max(a.left, b.left),
        right: Math.min(a.right, b.right),
        top: Math.max(a.top, b.top),
        bottom: Math.min(a.bottom, b.bottom),
      });
      const isEmpty = ({ left, right, top, bottom }: Box) => right - left < 1 || bottom - top < 1;
      /** What of a box its clipping ancestors leave. */
      const inSight = (element: Element, box: Box): Box => {
        let left = intersection(box, { left: 0, right: width, top: 0, bottom: height });
        for (let at: Element | null = element; at !== null; at = at.parentElement) {
          const { overflowX, overflowY } = getComputedStyle(at);
          const around = at.getBoundingClientRect();
          if (overflowX !== "visible")
            left = intersection(left, { ...around.toJSON(), top: left.top, bottom: left.bottom });
          if (overflowY !== "visible")
            left = intersection(left, { ...around.toJSON(), left: left.left, right: left.right });
        }
        return left;
      };
      const scrolls = (element: Element, axis: "overflowX" | "overflowY") =>
        ["auto", "scroll"].includes(getComputedStyle(element)[axis]);

      if (document.documentElement.scrollWidth > width || document.body.scrollWidth > width)
        problems.push(`the page is ${document.body.scrollWidth} px wide in a window of ${width} px`);

      const controls = [...document.querySelectorAll(CONTROLS)].filter((one) => isVisible(one) && !isHidden(one));
      for (const control of controls) {
        const box = control.getBoundingClientRect();
        if (box.width === 0 || box.height === 0) continue;
        // Whatever is beyond an edge must be reached by scrolling.
        for (let at = control.parentElement; at !== null; at = at.parentElement) {
          if (scrolls(at, "overflowX")) break;
          const clips = getComputedStyle(at).overflowX !== "visible" || at === document.body;
          const around = at.getBoundingClientRect();
          const isOut = box.left < around.left - 1 || box.right > around.right + 1;
          if (getComputedStyle(at).textOverflow === "ellipsis") break;
          if (clips && isOut) {
            problems.push(
              `${name(control)} lies beyond the edge of <${at.tagName.toLowerCase()} class="${at.className}">`,
            );
            break;
          }
        }
        // Text is cut with an ellipsis, and then said in full to who points at it.
        for (const part of [control, ...control.querySelectorAll("*")]) {
          // What is for readers of the screen only is a pixel wide.
          if (!(part instanceof HTMLElement) || part.clientWidth <= 1 || part.matches("input, textarea")) continue;
          const style = getComputedStyle(part);
          if (style.overflowX === "visible" || part.scrollWidth <= part.clientWidth + 1) continue;
          const isTold = part.closest("[title], [aria-label]") !== null || part.querySelector("[title]") !== null;
          if (scrolls(part, "overflowX")) continue;
          if (style.textOverflow !== "ellipsis" && style.webkitLineClamp === "none")
            problems.push(`the text of ${name(control)} is cut`);
          else if (!isTold) problems.push(`the text of ${name(control)} is cut, and nowhere said in full`);
        }
      }

      // One of a few is seen with all the others.
      for (const group of document.querySelectorAll('[role="tablist"], [role="radiogroup"]')) {
        if (!isVisible(group)) continue;
        const rest = group.scrollWidth - group.clientWidth;
        if (rest > 1)
          problems.push(`${rest} px of the ${group.role} “${group.getAttribute("aria-label")}” are out of sight`);
      }

      // What is smaller must have the room of a target for itself.
      const targets = controls
        .map((control) => {
          const label =
            control.closest("label") ?? document.querySelector(`label[for="${CSS.escape(control.id || "-")}"]`);
          const own = control.getBoundingClientRect();
          const around = label?.getBoundingClientRect() ?? own;
          const box = {
            left: Math.min(own.left, around.left),
            right: Math.max(own.right, around.right),
            top: Math.min(own.top, around.top),
            bottom: Math.max(own.bottom, around.bottom),
          };
          return { control, box };
        })
        .filter(({ control, box }) => !isEmpty(inSight(control, box)));
      for (const { control, box } of targets) {
        if (box.right - box.left >= targetPx - 0.5 && box.bottom - box.top >= targetPx - 0.5) continue;
        // Links in a line of text are as high as the line.
        if (getComputedStyle(control).display === "inline") continue;
        const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
        const half = targetPx / 2;
        const room = { left: x - half, right: x + half, top: y - half, bottom: y + half };
        const near = targets.find(
          (other) =>
            !other.control.contains(control) &&
            !control.contains(other.control) &&
            !isEmpty(intersection(room, other.box)) &&
            document.elementsFromPoint(x, y).includes(control),
        );
        const size = `${Math.round(box.right - box.left)} × ${Math.round(box.bottom - box.top)} px`;
        if (near !== undefined) problems.push(`${name(control)} is ${size}, too near to ${name(near.control)}`);
      }

      // No text lies over another.
      const texts: { node: Node; element: Element; words: string; box: Box }[] = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let text = walker.nextNode(); text !== null; text = walker.nextNode()) {
        const element = text.parentElement;
        if (element === null || text.textContent?.trim() === "" || !isVisible(element) || isHidden(element)) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        for (const line of range.getClientRects()) {
          // Lines of text stand closer than their boxes are high.
          const lead = Math.max(0, (line.height - Number.parseFloat(getComputedStyle(element).fontSize)) / 2);
          const box = inSight(element, {
            left: line.left,
            right: line.right,
            top: line.top + lead,
            bottom: line.bottom - lead,
          });
          if (!isEmpty(box))
            texts.push({ node: text, element, words: text.textContent?.trim().slice(0, 40) ?? "", box });
        }
      }
      texts.sort((a, b) => a.box.top - b.box.top);
      for (const [index, one] of texts.entries()) {
        for (let next = index + 1; next < texts.length; next += 1) {
          const other = texts[next];
          if (other === undefined || other.box.top >= one.box.bottom) break;
          // Cut text has a box of its own beside that of the whole.
          if (one.node === other.node) continue;
          const both = intersection(one.box, other.box);
          if (both.right - both.left < 3 || both.bottom - both.top < 3) continue;
          // What lies under a dialog, a drawer or the head of a table is covered by it.
          const seen = document.elementsFromPoint((both.left + both.right) / 2, (both.top + both.bottom) / 2);
          const [top, below] = [seen.indexOf(one.element), seen.indexOf(other.element)].sort((a, b) => a - b);
          if (top === undefined || below === undefined || top === -1) continue;
          const isCovered = seen.slice(0, below).some((at) => {
            const { backgroundColor, backgroundImage } = getComputedStyle(at);
            return !/(^transparent$|, 0\))/.test(backgroundColor) || backgroundImage !== "none";
          });
          if (!isCovered) problems.push(`“${one.words}” and “${other.words}” lie over each other`);
        }
      }
      return [...new Set(problems)];
    },
    [TARGET_PX, CONTROLS] as const,
  );
}
