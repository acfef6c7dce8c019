import { Select as BaseSelect } from "@base-ui/react/select";
import { Check, ChevronDown } from "lucide-react";
import type { ReactNode, Ref } from "react";
import { classes } from "@/lib/classes";
import { itemClass, popupClass } from "./popup";

type Option<Value extends string> = { value: Value; label: string; hint?: ReactNode; disabled?: boolean };

type SelectProps<Value extends string> = {
  /** Accessible name; give none inside a Field, which names it. */
  label?: string;
  value: Value | null;
  onChange: (value: Value) => void;
  options: readonly Option<Value>[];
  placeholder?: string;
  size?: "medium" | "large";
  /** Words before the value on the trigger: "Sort: Updated". */
  prefix?: string;
  disabled?: boolean;
  className?: string;
  ref?: Ref<HTMLButtonElement>;
};

export function Select<Value extends string>({
  label,
  value,
  onChange,
  options,
  placeholder,
  ...rest
}: SelectProps<Value>) {
  const { size = "medium", prefix, disabled = false, className, ref } = rest;
  return (
    <BaseSelect.Root
      items={options as Option<Value>[]}
      value={value}
      onValueChange={(next) => next !== null && onChange(next as Value)}
      disabled={disabled}
    >
      <BaseSelect.Trigger
        ref={ref}
        aria-label={label}
        className={classes(
          "inline-flex min-w-0 items-center justify-between gap-2 rounded-sm border border-border-field bg-background text-left text-sm not-data-disabled:hover:bg-surface-hover data-disabled:text-disabled data-popup-open:bg-surface-hover",
          size === "medium" ? "h-8 px-2.5" : "h-10 px-3",
          className,
        )}
      >
        <span className="flex min-w-0 items-center gap-1">
          {prefix !== undefined && <span className="text-subtler">{prefix}</span>}
          <BaseSelect.Value placeholder={placeholder} className="truncate data-placeholder:text-subtler" />
        </span>
        <BaseSelect.Icon>
          <ChevronDown aria-hidden className="size-4 text-subtler" />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner
          sideOffset={4}
          alignItemWithTrigger={false}
          collisionPadding={8}
          className="z-50 outline-none"
        >
          <BaseSelect.Popup className={classes(popupClass, "max-w-[28rem] min-w-(--anchor-width)")}>
            <BaseSelect.List aria-label={label} className="scroll-area max-h-(--available-height) p-1">
              {options.map((option) => (
                <BaseSelect.Item
                  key={option.value}
                  value={option.value}
                  disabled={option.disabled ?? false}
                  className={itemClass}
                >
                  <span className="min-w-0 flex-1">
                    <BaseSelect.ItemText className="block truncate">{option.label}</BaseSelect.ItemText>
                    {option.hint !== undefined && <span className="block text-xs text-subtler">{option.hint}</span>}
                  </span>
                  <BaseSelect.ItemIndicator>
                    <Check aria-hidden className="size-4 text-primary-content" />
                  </BaseSelect.ItemIndicator>
                </BaseSelect.Item>
              ))}
            </BaseSelect.List>
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  );
}
