import { Combobox as BaseCombobox } from "@base-ui/react/combobox";
import { Check, ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "@/lib/classes";
import { itemClass, popupClass } from "./popup";

export type ComboboxOption = {
  value: string;
  label: string;
  hint?: ReactNode;
  /** Listed, but cannot be chosen; the reason takes the place of the hint. */
  disabledReason?: string | null;
};

type ComboboxProps = {
  label?: string;
  value: string | null;
  onChange: (value: string | null) => void;
  options: readonly ComboboxOption[];
  placeholder?: string;
  /** Shown when nothing matches what was typed. */
  empty: string;
  size?: "medium" | "large";
  invalid?: boolean;
  className?: string;
};

/** Choose one of many by typing part of its name. */
export function Combobox({ label, value, onChange, options, placeholder, empty, ...rest }: ComboboxProps) {
  const { size = "medium", invalid = false, className } = rest;
  return (
    <BaseCombobox.Root
      items={options as ComboboxOption[]}
      value={options.find((option) => option.value === value) ?? null}
      onValueChange={(option: ComboboxOption | null) => onChange(option?.value ?? null)}
      isItemEqualToValue={(a: ComboboxOption, b: ComboboxOption) => a.value === b.value}
      autoHighlight
    >
      <BaseCombobox.InputGroup
        className={classes(
          "flex items-center rounded-sm border border-border-field bg-background focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-focus",
          size === "medium" ? "h-8" : "h-10",
          invalid && "border-negative-content",
          className,
        )}
      >
        <BaseCombobox.Input
          aria-label={label}
          aria-invalid={invalid || undefined}
          placeholder={placeholder}
          className="h-full min-w-0 flex-1 bg-transparent px-3 text-sm text-ellipsis outline-none select-text"
        />
        <BaseCombobox.Trigger
          aria-label="Show the list"
          // Not the field's own, by which there would be two of one name.
          aria-labelledby={undefined}
          className="flex h-full w-8 items-center justify-center text-subtler"
        >
          <ChevronDown aria-hidden className="size-4" />
        </BaseCombobox.Trigger>
      </BaseCombobox.InputGroup>
      <BaseCombobox.Portal>
        <BaseCombobox.Positioner sideOffset={4} collisionPadding={8} className="z-50 outline-none">
          <BaseCombobox.Popup className={classes(popupClass, "w-(--anchor-width) max-w-(--available-width)")}>
            <BaseCombobox.Empty>
              <div className="px-3 py-3 text-sm text-subtler">{empty}</div>
            </BaseCombobox.Empty>
            <BaseCombobox.List
              aria-label={label}
              className="scroll-area max-h-[min(22rem,var(--available-height))] p-1 outline-none data-empty:p-0"
            >
              {(option: ComboboxOption) => (
                <BaseCombobox.Item
                  key={option.value}
                  value={option}
                  disabled={option.disabledReason != null}
                  className={itemClass}
                >
                  <span className="min-w-0 flex-1">
                    <span className="block truncate" title={option.label}>
                      {option.label}
                    </span>
                    <span className="block text-xs text-subtler">{option.disabledReason ?? option.hint}</span>
                  </span>
                  <BaseCombobox.ItemIndicator>
                    <Check aria-hidden className="size-4 text-primary-content" />
                  </BaseCombobox.ItemIndicator>
                </BaseCombobox.Item>
              )}
            </BaseCombobox.List>
          </BaseCombobox.Popup>
        </BaseCombobox.Positioner>
      </BaseCombobox.Portal>
    </BaseCombobox.Root>
  );
}
