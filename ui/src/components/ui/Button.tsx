import { Button as Base } from "@base-ui/react/button";
import type { LucideIcon } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { CommandTitle, runCommand } from "@/components/commands";
import { classes } from "@/lib/classes";
import { ariaKeys, type CommandId } from "@/lib/commands";
import { Tip } from "./Tip";

type Variant = "primary" | "neutral" | "negative";
type Look = "filled" | "outlined" | "string";
type Size = "small" | "medium" | "large";

const disabledBox = "data-disabled:border-border data-disabled:bg-surface";

const looks: Record<Look, Record<Variant, string>> = {
  filled: {
    primary:
      "border-primary-edge bg-primary text-on-primary shadow-xs not-data-disabled:hover:bg-primary-hover not-data-disabled:data-popup-open:bg-primary-hover not-data-disabled:active:bg-primary-edge",
    neutral:
      "border-border-bold bg-inset text-content shadow-xs not-data-disabled:hover:bg-surface-hover not-data-disabled:data-popup-open:bg-surface-hover",
    negative:
      "border-negative-edge bg-negative text-on-negative shadow-xs not-data-disabled:hover:bg-negative-hover not-data-disabled:data-popup-open:bg-negative-hover not-data-disabled:active:bg-negative-edge",
  },
  outlined: {
    primary:
      "border-primary-content/70 text-primary-content not-data-disabled:hover:bg-primary-tint not-data-disabled:data-popup-open:bg-primary-tint",
    neutral:
      "border-border-bold text-content not-data-disabled:hover:bg-surface-hover not-data-disabled:data-popup-open:bg-surface-hover",
    negative:
      "border-negative-content/70 text-negative-content not-data-disabled:hover:bg-negative-tint not-data-disabled:data-popup-open:bg-negative-tint",
  },
  string: {
    primary:
      "border-transparent text-primary-content not-data-disabled:hover:bg-primary-tint not-data-disabled:data-popup-open:bg-primary-tint",
    neutral:
      "border-transparent text-subtle not-data-disabled:hover:bg-surface-hover not-data-disabled:data-popup-open:bg-surface-hover not-data-disabled:hover:text-content",
    negative:
      "border-transparent text-negative-content not-data-disabled:hover:bg-negative-tint not-data-disabled:data-popup-open:bg-negative-tint",
  },
};

const sizes: Record<Size, string> = {
  small: "h-6 gap-1 px-2 text-xs",
  medium: "h-8 gap-1.5 px-3 text-sm",
  large: "h-10 gap-2 px-4 text-sm",
};

const iconSizes: Record<Size, string> = { small: "w-6 px-0", medium: "w-8 px-0", large: "w-10 px-0" };

const shared =
  "inline-flex shrink-0 items-center justify-center rounded-sm border font-semibold whitespace-nowrap outline-offset-1 transition-[background-color,border-color,color] duration-100 select-none data-disabled:text-disabled data-disabled:shadow-none";

type Shared = {
  variant?: Variant;
  look?: Look;
  size?: Size;
  /** Names the command that this button carries out: its tooltip shows the shortcut, and without `onClick` it runs it. */
  command?: CommandId;
  /** Refuses, and says why in the tooltip; the button stays reachable by keyboard. */
  disabledReason?: string | undefined;
  /** Work is under way: refuses until it is over. */
  waiting?: boolean;
};

/**
 * A button that refuses keeps the focus and answers no key: those of commands are not its own to keep, and Base UI would keep
 * every one but Tab.
 */
function BaseButton({ disabled = false, ...props }: ComponentProps<typeof Base>) {
  const refusing = disabled && {
    render: (shown: ComponentProps<"button">) => <button {...shown} onKeyDown={undefined} />,
  };
  return <Base {...props} {...refusing} disabled={disabled} focusableWhenDisabled />;
}

type ButtonProps = Omit<ComponentProps<typeof BaseButton>, "className"> &
  Shared & { icon?: LucideIcon; iconAfter?: LucideIcon; className?: string; children: ReactNode };

export function Button({
  variant = "neutral",
  look = "outlined",
  icon: Icon,
  iconAfter: After,
  children,
  ...rest
}: ButtonProps) {
  const { size = "medium", command, disabledReason, waiting = false, className, onClick, disabled, ...props } = rest;
  const button = (
    <BaseButton
      {...props}
      disabled={disabled || waiting || disabledReason !== undefined}
      aria-busy={waiting || undefined}
      aria-keyshortcuts={command && ariaKeys(command)}
      onClick={onClick ?? (command ? () => runCommand(command) : undefined)}
      className={classes(shared, looks[look][variant], look !== "string" && disabledBox, sizes[size], className)}
    >
      {Icon !== undefined && <Icon aria-hidden className={size === "small" ? "size-3.5" : "size-4"} strokeWidth={2} />}
      {children}
      {After !== undefined && (
        <After aria-hidden className={size === "small" ? "size-3.5" : "size-4"} strokeWidth={2} />
      )}
    </BaseButton>
  );
  if (disabledReason !== undefined) return <Tip content={disabledReason}>{button}</Tip>;
  if (command !== undefined) {
    return (
      <Tip content={<CommandTitle command={command} />} command={command}>
        {button}
      </Tip>
    );
  }
  return button;
}

type IconButtonProps = Omit<ComponentProps<typeof BaseButton>, "className" | "children"> &
  Shared & { icon: LucideIcon; label: string; className?: string; tipSide?: "top" | "bottom" | "left" | "right" };

/** A button without a word on it: the label is its accessible name and its tooltip. */
export function IconButton({ variant = "neutral", look = "string", icon: Icon, label, ...rest }: IconButtonProps) {
  const {
    size = "medium",
    command,
    disabledReason,
    waiting = false,
    className,
    onClick,
    disabled,
    tipSide,
    ...props
  } = rest;
  return (
    <Tip content={disabledReason ?? label} command={command} side={tipSide ?? "bottom"}>
      <BaseButton
        {...props}
        aria-label={label}
        disabled={disabled || waiting || disabledReason !== undefined}
        aria-busy={waiting || undefined}
        aria-keyshortcuts={command && ariaKeys(command)}
        onClick={onClick ?? (command ? () => runCommand(command) : undefined)}
        className={classes(
          shared,
          looks[look][variant],
          look !== "string" && disabledBox,
          sizes[size],
          iconSizes[size],
          className,
        )}
      >
        <Icon aria-hidden className={size === "small" ? "size-3.5" : "size-4"} strokeWidth={2} />
      </BaseButton>
    </Tip>
  );
}
