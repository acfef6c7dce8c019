import type { ReactNode, Ref } from "react";
import { classes } from "@/lib/classes";

/** A part that scrolls and may hold nothing to focus: it takes the focus itself, so that arrow keys can scroll it. */
export function ScrollRegion({
  label,
  className,
  ref,
  children,
}: {
  label: string;
  className?: string;
  ref?: Ref<HTMLElement>;
  children: ReactNode;
}) {
  return (
    <section
      ref={ref}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard cannot reach what is out of sight
      tabIndex={0}
      className={classes("scroll-area outline-offset-[-2px]", className)}
    >
      {children}
    </section>
  );
}
