import type { LucideIcon } from "lucide-react";
import type { CSSProperties, ReactNode } from "react";
import { classes } from "@/lib/classes";

export type Tone = "neutral" | "primary" | "positive" | "warning" | "negative";

const tones: Record<Tone, string> = {
  neutral: "border-border bg-surface text-subtle",
  primary: "border-primary-border bg-primary-tint text-primary-content",
  positive: "border-positive-border bg-positive-tint text-positive-content",
  warning: "border-warning-border bg-warning-tint text-warning-content",
  negative: "border-negative-border bg-negative-tint text-negative-content",
};

type BadgeProps = {
  tone?: Tone;
  icon?: LucideIcon;
  /** `small` beside text, whose line it must not make higher. */
  size?: "small" | "medium";
  title?: string;
  className?: string;
  children: ReactNode;
};

/** A state in a word or two. */
export function Badge({ tone = "neutral", icon: Icon, size = "medium", title, className, children }: BadgeProps) {
  return (
    <span
      title={title}
      className={classes(
        "inline-flex max-w-full shrink-0 items-center gap-1 rounded-sm border px-1.5 font-medium whitespace-nowrap",
        size === "small" ? "h-4.5 text-2xs" : "h-5.5 text-xs",
        tones[tone],
        className,
      )}
    >
      {Icon !== undefined && <Icon aria-hidden className="size-3 shrink-0" strokeWidth={2.5} />}
      <span className="truncate">{children}</span>
    </span>
  );
}

/** A class of a labeling config: its colour as a bar and a tint, its name as text. */
export function ClassChip({
  colour,
  children,
  hotkey,
  title,
}: {
  colour: string;
  children: ReactNode;
  hotkey?: string | null;
  title?: string;
}) {
  return (
    <span
      title={title}
      style={{ "--class": colour } as CSSProperties}
      className="inline-flex h-6.5 max-w-full items-center gap-2 rounded-sm border-l-4 border-l-(--class) bg-[color-mix(in_srgb,var(--class)_18%,var(--background))] pr-2 pl-2 text-sm text-content"
    >
      <span className="truncate" dir="auto">
        {children}
      </span>
      {hotkey != null && <span className="text-xs text-subtle">{hotkey}</span>}
    </span>
  );
}
