import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import type { ReactNode } from "react";

type SegmentedProps<Value extends string> = {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly { value: Value; label: ReactNode; count?: string | number | undefined }[];
};

/** One of a few, all in sight: filters, views. */
export function Segmented<Value extends string>({ label, value, onChange, options }: SegmentedProps<Value>) {
  return (
    <RadioGroup
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next as Value)}
      className="inline-flex shrink-0 gap-0.5 rounded-md border bg-surface p-0.5"
    >
      {options.map((option) => (
        <Radio.Root
          key={option.value}
          value={option.value}
          className="flex h-7 cursor-default items-center gap-1.5 rounded-sm border border-transparent px-2.5 text-sm font-medium whitespace-nowrap text-subtler select-none hover:text-content data-checked:border-border data-checked:bg-background data-checked:text-content data-checked:shadow-sm"
        >
          {option.label}
          {option.count !== undefined && (
            <span className="text-xs font-normal text-subtler tabular-nums">{option.count}</span>
          )}
        </Radio.Root>
      ))}
    </RadioGroup>
  );
}
