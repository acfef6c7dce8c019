import type { ReactNode, Ref } from "react";
import { classes } from "@/lib/classes";

/** Shows the edge while what is first in its frame can be scrolled on sideways. */
function watch(edge: HTMLElement): (() => void) | undefined {
  const part = edge.parentElement?.firstElementChild;
  if (!(part instanceof HTMLElement) || typeof ResizeObserver === "undefined") return;
  let left = 0;
  const mark = () => {
    left = part.scrollLeft;
    edge.hidden = part.scrollWidth - part.clientWidth - left <= 1;
  };
  const sizes = new ResizeObserver(() => {
    const { clientLeft, clientTop, clientWidth, clientHeight, offsetWidth, offsetHeight } = part;
    // Inside its border and its scroll bars.
    edge.style.inset = `${clientTop}px ${offsetWidth - clientLeft - clientWidth}px ${offsetHeight - clientTop - clientHeight}px auto`;
    mark();
  });
  for (const sized of [part, ...part.children]) sizes.observe(sized);
  // Down and up nothing changes at the side, and rows are drawn meanwhile.
  const scrolled = () => part.scrollLeft !== left && mark();
  part.addEventListener("scroll", scrolled, { passive: true });
  return () => {
    sizes.disconnect();
    part.removeEventListener("scroll", scrolled);
  };
}

const watched = (edge: HTMLElement | null) => (edge === null ? undefined : watch(edge));

type MoreBesideProps = {
  ref?: Ref<HTMLDivElement>;
  className?: string | undefined;
  /** First the part that scrolls, which gives the frame its size. */
  children: ReactNode;
};

/** The frame of a table: what its edge cuts fades, so that no number seems to end there. */
export function MoreBeside({ ref, className, children }: MoreBesideProps) {
  return (
    <div ref={ref} className={classes("relative min-w-0", className)}>
      {children}
      <span
        ref={watched}
        aria-hidden
        data-more
        hidden
        className="pointer-events-none absolute z-10 w-10 bg-linear-to-l from-background from-15% to-transparent"
      />
    </div>
  );
}
