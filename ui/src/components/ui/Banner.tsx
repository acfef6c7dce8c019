import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "@/lib/classes";
import { IconButton } from "./Button";
import { showMe } from "./showMe";

const kinds = {
  info: { icon: Info, className: "border-primary-border bg-primary-tint", mark: "text-primary-content" },
  positive: { icon: CircleCheck, className: "border-positive-border bg-positive-tint", mark: "text-positive-content" },
  warning: { icon: TriangleAlert, className: "border-warning-border bg-warning-tint", mark: "text-warning-content" },
  negative: { icon: CircleAlert, className: "border-negative-border bg-negative-tint", mark: "text-negative-content" },
};

type BannerProps = {
  kind?: keyof typeof kinds;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  onDismiss?: () => void;
  /** `alert` when it appears in answer to something the user did and stands in the way. */
  role?: "alert" | "status";
  /** Scrolls to where it is seen when it appears. */
  inSight?: boolean;
  className?: string;
};

export function Banner({
  kind = "info",
  title,
  children,
  actions,
  onDismiss,
  role,
  inSight = false,
  className,
}: BannerProps) {
  const { icon: Icon, className: colours, mark } = kinds[kind];
  return (
    <div
      ref={inSight ? showMe : undefined}
      role={role}
      className={classes(
        "flex items-start gap-2.5 rounded-md border px-3 py-2.5 text-sm",
        colours,
        inSight && "scroll-mb-5",
        className,
      )}
    >
      <Icon aria-hidden className={classes("mt-0.5 size-4 shrink-0", mark)} />
      {/* Rather than squeeze the words, the buttons go below them. */}
      <div className="flex min-w-0 flex-1 flex-wrap gap-x-2.5 gap-y-2">
        <div className="min-w-0 flex-[1_1_15rem] select-text">
          {title !== undefined && <div className="font-semibold break-words">{title}</div>}
          {children !== undefined && <div className="break-words text-subtle">{children}</div>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2 self-start">{actions}</div>}
      </div>
      {onDismiss !== undefined && <IconButton icon={X} size="small" label="Dismiss" onClick={onDismiss} />}
    </div>
  );
}
