import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "@/lib/classes";

type EmptyStateProps = {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  tone?: "primary" | "negative";
  /** `h1` where it is the whole screen. */
  heading?: "h1" | "h2";
  className?: string;
};

/** Where a list would be: what this place is for, and the way to fill it. */
export function EmptyState({ icon: Icon, title, children, actions, tone = "primary", ...rest }: EmptyStateProps) {
  const { heading: Heading = "h2", className } = rest;
  return (
    <div className={classes("flex flex-col items-center px-6 py-12 text-center low:py-4 cramped:py-2", className)}>
      <div
        className={classes(
          "mb-4 flex size-12 items-center justify-center rounded-full low:mb-2 low:size-9 cramped:hidden",
          tone === "primary" ? "bg-primary-tint text-primary-content" : "bg-negative-tint text-negative-content",
        )}
      >
        <Icon aria-hidden className="size-6 low:size-5" strokeWidth={1.75} />
      </div>
      <Heading className="text-lg font-semibold">{title}</Heading>
      {children !== undefined && (
        <div className="mt-1 max-w-md text-sm text-balance text-subtler select-text">{children}</div>
      )}
      {actions !== undefined && <div className="mt-5 flex flex-wrap justify-center gap-2 cramped:mt-2">{actions}</div>}
    </div>
  );
}
