import { Checkbox as BaseCheckbox } from "@base-ui/react/checkbox";
import { Field } from "@base-ui/react/field";
import { Check } from "lucide-react";
import type { ReactNode, Ref } from "react";

type CheckboxProps = {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
  hint?: ReactNode;
  ref?: Ref<HTMLElement> | undefined;
};

export function Checkbox({ checked, onChange, children, hint, ref }: CheckboxProps) {
  return (
    <Field.Root>
      <Field.Label className="flex items-start gap-2 text-sm">
        <BaseCheckbox.Root
          ref={ref}
          checked={checked}
          onCheckedChange={onChange}
          className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-sm border border-border-field bg-background data-checked:border-primary-edge data-checked:bg-primary"
        >
          <BaseCheckbox.Indicator>
            <Check aria-hidden className="size-3 text-on-primary" strokeWidth={3.5} />
          </BaseCheckbox.Indicator>
        </BaseCheckbox.Root>
        <span className="min-w-0 break-words">{children}</span>
      </Field.Label>
      {hint !== undefined && <Field.Description className="ml-6 text-xs text-subtler">{hint}</Field.Description>}
    </Field.Root>
  );
}
