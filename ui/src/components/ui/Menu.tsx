import { Menu as BaseMenu } from "@base-ui/react/menu";
import { Check, ChevronRight, type LucideIcon } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { classes } from "@/lib/classes";
import type { CommandId } from "@/lib/commands";
import { CommandKbd } from "./Kbd";
import { itemClass, popupClass } from "./popup";

type MenuProps = {
  /** The button that opens it. */
  trigger: ReactElement<Record<string, unknown>>;
  align?: "start" | "center" | "end";
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
};

export function Menu({ trigger, align = "start", open, onOpenChange, children }: MenuProps) {
  return (
    <BaseMenu.Root {...(open === undefined ? {} : { open })} onOpenChange={(next) => onOpenChange?.(next)}>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner sideOffset={4} align={align} collisionPadding={8} className="z-50 outline-none">
          <BaseMenu.Popup
            className={classes(popupClass, "scroll-area max-h-(--available-height) max-w-96 min-w-44 p-1")}
          >
            {children}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

/** Beside the first of two lines, and not between them. */
const FIRST_LINE = "mt-0.5 self-start";

type MenuItemProps = {
  icon?: LucideIcon;
  tone?: "neutral" | "negative";
  /** Shows the shortcut of a command that does the same. */
  command?: CommandId;
  /** A second line. */
  hint?: ReactNode;
  /** Refuses, with the reason as second line. */
  disabledReason?: string | undefined;
  /** Refuses because what it does makes no sense now. */
  disabled?: boolean;
  onClick: () => void;
  children: ReactNode;
};

export function MenuItem({
  icon: Icon,
  tone = "neutral",
  command,
  hint,
  disabledReason,
  disabled = false,
  onClick,
  children,
}: MenuItemProps) {
  const second = disabledReason ?? hint;
  return (
    <BaseMenu.Item
      disabled={disabled || disabledReason !== undefined}
      onClick={onClick}
      className={classes(
        itemClass,
        tone === "negative" && "text-negative-content data-highlighted:not-data-disabled:bg-negative-tint",
      )}
    >
      {Icon !== undefined && (
        <Icon aria-hidden className={classes("size-4 shrink-0 opacity-80", second !== undefined && FIRST_LINE)} />
      )}
      <ItemWords second={second}>{children}</ItemWords>
      {command !== undefined && <CommandKbd command={command} className="text-subtler" />}
    </BaseMenu.Item>
  );
}

function ItemWords({ second, children }: { second: ReactNode; children: ReactNode }) {
  return (
    <span className="min-w-0 flex-1">
      <span className="block truncate">{children}</span>
      {second !== undefined && <span className="block text-xs text-subtler">{second}</span>}
    </span>
  );
}

/** An item that opens a menu of its own. */
export function Submenu({ label, children }: { label: string; children: ReactNode }) {
  return (
    <BaseMenu.SubmenuRoot>
      <BaseMenu.SubmenuTrigger className={classes(itemClass, "data-popup-open:bg-primary-tint")}>
        <span className="flex-1">{label}</span>
        <ChevronRight aria-hidden className="size-4 shrink-0 opacity-80" />
      </BaseMenu.SubmenuTrigger>
      <BaseMenu.Portal>
        <BaseMenu.Positioner sideOffset={2} alignOffset={-4} collisionPadding={8} className="z-50 outline-none">
          <BaseMenu.Popup
            className={classes(popupClass, "scroll-area max-h-(--available-height) max-w-96 min-w-44 p-1")}
          >
            {children}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.SubmenuRoot>
  );
}

export function MenuSeparator() {
  return <BaseMenu.Separator className="-mx-1 my-1 h-px bg-border" />;
}

type MenuCheckboxProps = {
  checked: boolean;
  onChange: (checked: boolean) => void;
  /** A second line. */
  hint?: ReactNode;
  children: ReactNode;
};

/** The menu stays open: what it changes is told in it. */
export function MenuCheckbox({ checked, onChange, hint, children }: MenuCheckboxProps) {
  return (
    <BaseMenu.CheckboxItem checked={checked} onCheckedChange={onChange} closeOnClick={false} className={itemClass}>
      <span
        className={classes(
          "flex size-4 shrink-0 items-center justify-center rounded-sm border border-border-field bg-background",
          hint !== undefined && FIRST_LINE,
        )}
      >
        <BaseMenu.CheckboxItemIndicator>
          <Check aria-hidden className="size-3 text-primary-content" strokeWidth={3.5} />
        </BaseMenu.CheckboxItemIndicator>
      </span>
      <ItemWords second={hint}>{children}</ItemWords>
    </BaseMenu.CheckboxItem>
  );
}

type MenuRadioGroupProps<Value extends string> = {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly {
    value: Value;
    label: string;
    icon?: LucideIcon;
    /** A second line. */
    hint?: ReactNode;
    /** Refuses, with the reason as second line. */
    disabledReason?: string | undefined;
  }[];
};

export function MenuRadioGroup<Value extends string>({ label, value, onChange, options }: MenuRadioGroupProps<Value>) {
  return (
    <BaseMenu.RadioGroup value={value} onValueChange={(next: Value) => onChange(next)} aria-label={label}>
      {options.map(({ value: option, label: text, icon: Icon, hint, disabledReason }) => (
        <BaseMenu.RadioItem
          key={option}
          value={option}
          closeOnClick
          disabled={disabledReason !== undefined}
          className={itemClass}
        >
          {Icon !== undefined && <Icon aria-hidden className="size-4 shrink-0 opacity-80" />}
          <ItemWords second={disabledReason ?? hint}>{text}</ItemWords>
          <BaseMenu.RadioItemIndicator>
            <Check aria-hidden className="size-4 text-primary-content" />
          </BaseMenu.RadioItemIndicator>
        </BaseMenu.RadioItem>
      ))}
    </BaseMenu.RadioGroup>
  );
}
