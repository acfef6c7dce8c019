import { Field as BaseField } from "@base-ui/react/field";
import { CircleAlert, Search, X } from "lucide-react";
import type { ComponentProps, ReactNode, Ref } from "react";
import { classes } from "@/lib/classes";
import { ariaKeys, type CommandId } from "@/lib/commands";
import { CommandKbd } from "./Kbd";

type FieldProps = {
  label: ReactNode;
  /** One line below the control: what to type, or what it means. */
  hint?: ReactNode;
  /** What is wrong and what to do; takes the hint's place. */
  error?: string | undefined;
  optional?: boolean;
  className?: string;
  children: ReactNode;
};

/** A label, one control and its words; they are linked for screen readers. */
export function Field({ label, hint, error, optional = false, className, children }: FieldProps) {
  return (
    <BaseField.Root invalid={error !== undefined} className={classes("flex min-w-0 flex-col gap-1.5", className)}>
      <BaseField.Label className="flex items-baseline gap-1.5 text-sm font-semibold">
        {label}
        {optional && <span className="text-xs font-normal text-subtler">optional</span>}
      </BaseField.Label>
      {children}
      {error === undefined ? (
        hint !== undefined && <BaseField.Description className="text-xs text-subtler">{hint}</BaseField.Description>
      ) : (
        <BaseField.Error match className="flex items-start gap-1 text-xs text-negative-content" data-selectable>
          <CircleAlert aria-hidden className="mt-0.5 size-3 shrink-0" />
          <span className="min-w-0 break-words">{error}</span>
        </BaseField.Error>
      )}
    </BaseField.Root>
  );
}

const control =
  "w-full rounded-sm border border-border-field bg-background px-3 text-sm text-content select-text focus:outline-2 focus:-outline-offset-1 focus:outline-focus disabled:bg-surface disabled:text-disabled data-invalid:border-negative-content";

type TextInputProps = Omit<ComponentProps<"input">, "onChange" | "size" | "value"> & {
  value: string;
  onChange: (value: string) => void;
  size?: "medium" | "large";
};

export function TextInput({ value, onChange, size = "large", className, ...props }: TextInputProps) {
  return (
    <BaseField.Control
      {...props}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      autoCorrect="off"
      className={classes(control, size === "large" ? "h-10" : "h-8", className)}
    />
  );
}

type TextAreaProps = Omit<ComponentProps<"textarea">, "onChange" | "value" | "ref"> & {
  value: string;
  onChange: (value: string) => void;
  inputRef?: Ref<HTMLTextAreaElement>;
};

export function TextArea({ value, onChange, inputRef, className, rows = 3, ...props }: TextAreaProps) {
  return (
    <BaseField.Control
      render={<textarea ref={inputRef} {...props} rows={rows} />}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      className={classes(control, "resize-y py-2", className)}
    />
  );
}

type SearchInputProps = {
  label: string;
  /** What it is called where several have the same label. */
  name?: string;
  /** What leads to it by its keys, which the empty field shows. */
  command?: CommandId;
  value: string;
  onChange: (value: string) => void;
  ref?: Ref<HTMLInputElement>;
  /** The listbox that its keys move in, and the id of the option that they are at. */
  list?: { id: string; active: string | undefined };
  className?: string;
};

export function SearchInput({ label, name = label, command, value, onChange, ref, list, className }: SearchInputProps) {
  return (
    <div className={classes("relative", className)}>
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-subtler"
      />
      <input
        ref={ref}
        type="search"
        aria-label={name}
        aria-keyshortcuts={command && ariaKeys(command)}
        placeholder={label}
        value={value}
        dir="auto"
        spellCheck={false}
        autoComplete="off"
        {...(list !== undefined && {
          role: "combobox",
          "aria-expanded": true,
          "aria-autocomplete": "list",
          "aria-controls": list.id,
          "aria-activedescendant": list.active,
        })}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || value === "") return;
          event.stopPropagation();
          onChange("");
        }}
        className={classes(control, "h-8 pr-8 pl-8")}
      />
      {value === "" && command !== undefined && (
        <CommandKbd
          command={command}
          className="pointer-events-none absolute top-1/2 right-2 -translate-y-1/2 text-subtler"
        />
      )}
      {value !== "" && (
        <button
          type="button"
          aria-label="Clear the field"
          onClick={() => onChange("")}
          className="absolute top-1/2 right-1 flex size-6 -translate-y-1/2 items-center justify-center rounded-sm text-subtler hover:bg-surface-hover hover:text-content"
        >
          <X aria-hidden className="size-3.5" />
        </button>
      )}
    </div>
  );
}
