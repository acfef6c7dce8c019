import type { ReactNode } from "react";
import { classes } from "@/lib/classes";

/** A part that scrolls and may hold nothing to focus: it takes the focus itself, so that arrow keys can scroll it. */
export function ScrollRegion({
  label,
  className,
  children,
}: {
  label: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard cannot reach what is out of sight
    <section aria-label={label} tabIndex={0} className={classes("scroll-area outline-offset-[-2px]", className)}>
      {children}
    </section>
  );
}
