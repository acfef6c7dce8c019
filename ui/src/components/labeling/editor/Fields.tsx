/** Controls that are filled by typing or by one press. */
import { Plus, Star, X } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { Button, IconButton } from "@/components/ui/Button";
import type { JsonValue, OutlineNode } from "@/ipc/bindings";
import { classes } from "@/lib/classes";
import { sideText } from "../regions";

const box =
  "rounded-sm border border-border-field bg-background px-2.5 py-1.5 text-sm aria-invalid:border-negative-content";

export function RatingField({ node, value, onChange }: FieldProps<number>) {
  const most = Math.min(node.max_rating ?? 5, 20);
  return (
    <fieldset
      className="flex items-center"
      aria-label={`${node.name}, ${value ?? 0} of ${most} stars`}
      onKeyDown={(event) => {
        const digit = Number(event.key);
        if (event.ctrlKey || event.metaKey || !/^\d$/.test(event.key) || digit > most) return;
        // Digits are the stars here and not the classes of another control.
        event.preventDefault();
        event.stopPropagation();
        onChange(digit === 0 ? null : digit);
      }}
    >
      {Array.from({ length: most }, (_, index) => index + 1).map((stars) => (
        <button
          key={stars}
          type="button"
          aria-label={stars === 1 ? "1 star" : `${stars} stars`}
          aria-pressed={value === stars}
          onClick={() => onChange(value === stars ? null : stars)}
          className="flex size-7 items-center justify-center rounded-sm hover:bg-surface-hover"
        >
          <Star
            aria-hidden
            className={classes(
              "size-5",
              stars <= (value ?? 0) ? "fill-warning-mark text-warning-mark" : "text-border-field",
            )}
          />
        </button>
      ))}
    </fieldset>
  );
}

type FieldProps<Value> = {
  node: OutlineNode;
  value: Value | null;
  onChange: (value: Value | null) => void;
};

export function NumberField({ node, value, onChange }: FieldProps<number>) {
  const [typed, setTyped] = useState(value === null ? "" : String(value));
  useEffect(() => {
    setTyped((old) => (parse(old) === value ? old : value === null ? "" : String(value)));
  }, [value]);
  const number = parse(typed);
  const fault = typed.trim() === "" ? null : number === null ? "This is not a number." : faultOf(node, number);
  return (
    <div className="flex items-center gap-2">
      <input
        inputMode="decimal"
        aria-label={node.name ?? "Number"}
        aria-invalid={fault !== null}
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          const next = parse(target.value);
          // What does not fit is not kept, and what was there before is.
          if (target.value.trim() === "" || (next !== null && faultOf(node, next) === null)) onChange(next);
        }}
        className={classes(box, "w-40")}
      />
      <span role="status" className="text-sm text-negative-content">
        {fault}
      </span>
    </div>
  );
}

/** What stands against a number, in words. */
function faultOf({ minimum, maximum }: OutlineNode, number: number): string | null {
  if (minimum !== null && number < minimum) return `At least ${minimum}.`;
  return maximum !== null && number > maximum ? `At most ${maximum}.` : null;
}

function parse(typed: string): number | null {
  const text = typed.trim().replace(",", ".");
  const number = Number(text);
  return text === "" || !Number.isFinite(number) ? null : number;
}

/** The forms that Label Studio writes: a day, or a day and a time, perhaps with a time zone. */
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** Whether this is a day that there is, with a time that there is. */
export function isDateTime(text: string): boolean {
  const [, year, month, day, hour = "0", minute = "0", second = "0"] = DATE_TIME.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isDay = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return isDay && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 61;
}

export function DateTimeField({ node, value, onChange }: FieldProps<string>) {
  const [typed, setTyped] = useState(value ?? "");
  useEffect(() => {
    setTyped(value ?? "");
  }, [value]);
  const text = typed.trim();
  // What another program wrote in another form is left alone.
  const wrong = text !== "" && text !== value && !isDateTime(text);
  const problem = useId();
  return (
    <div className="flex flex-wrap items-center gap-2">
      <input
        aria-label={node.name ?? "Date and time"}
        aria-invalid={wrong || undefined}
        aria-describedby={problem}
        placeholder="2026-11-25T10:30"
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          const next = target.value.trim();
          // What does not fit is not kept, and what was there before is.
          if (next === "" || isDateTime(next)) onChange(next === "" ? null : next);
        }}
        className={classes(box, "w-64")}
      />
      <span id={problem} className={wrong ? "text-negative-content" : "sr-only"}>
        {wrong ? "Write it as 2026-11-25 or 2026-11-25T10:30." : ""}
      </span>
    </div>
  );
}

type TextsFieldProps = { node: OutlineNode; texts: readonly string[]; onChange: (texts: string[]) => void };

export function TextsField({ node, texts, onChange }: TextsFieldProps) {
  const shown = texts.length === 0 ? [""] : texts;
  const replace = (at: number, text: string) => onChange(shown.map((old, index) => (index === at ? text : old)));
  return (
    <div className="flex flex-col items-start gap-2">
      {shown.map((text, index) => (
        <div key={index} className="flex w-full items-start gap-1">
          <textarea
            dir="auto"
            rows={Math.min(8, Math.max(2, text.split("\n").length))}
            aria-label={shown.length === 1 ? (node.name ?? "Text") : `${node.name}, text ${index + 1}`}
            placeholder={node.placeholder ?? undefined}
            value={text}
            onChange={({ target }) => replace(index, target.value)}
            className={classes(box, "w-full resize-y")}
          />
          {shown.length > 1 && (
            <IconButton
              icon={X}
              size="small"
              label={`Remove text ${index + 1}`}
              onClick={() => onChange(shown.filter((_, at) => at !== index))}
            />
          )}
        </div>
      ))}
      {texts.length > 0 && texts.at(-1) !== "" && (
        <Button size="small" look="string" icon={Plus} onClick={() => onChange([...texts, ""])}>
          Another text
        </Button>
      )}
    </div>
  );
}

export function PairwiseField({ node, value, onChange }: FieldProps<string>) {
  return (
    <RadioGroup
      label={node.name ?? node.tag}
      className="flex gap-2"
      onClear={node.required || value === null ? undefined : () => onChange(null)}
    >
      {["left", "right"].map((side) => (
        <ToggleButton
          key={side}
          pressed={value === side}
          onPress={(byKey) => {
            if (value !== side) onChange(side);
            else if (!byKey && !node.required) onChange(null);
          }}
          radio={{ isStop: value === side || (value === null && side === "left") }}
        >
          {sideText(side)}
        </ToggleButton>
      ))}
    </RadioGroup>
  );
}

type RadioGroupProps = {
  label: string;
  className?: string;
  /** Takes the answer back, where it may be none. */
  onClear?: (() => void) | undefined;
  children: React.ReactNode;
};

/**
 * One answer of several: the arrow keys go to the next one and choose it, Delete takes it back. Not that of a library, whose
 * answer a second press cannot take back, as it does in Label Studio.
 */
export function RadioGroup({ label, onClear, ...rest }: RadioGroupProps) {
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "Delete" || event.key === "Backspace") onClear?.();
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const radios = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=radio]")];
    const at = radios.indexOf(event.target as HTMLElement);
    if (by === undefined || at === -1) return;
    event.preventDefault();
    const next = radios.at((at + by) % radios.length);
    next?.focus();
    next?.click();
  };
  return <div role="radiogroup" aria-label={label} onKeyDown={onKeyDown} {...rest} />;
}

type ToggleButtonProps = {
  pressed: boolean;
  onPress: (byKey: boolean) => void;
  colour?: string | undefined;
  hotkey?: string | undefined;
  /** It is one of a list whose keys are those of a field: `isActive` where they are. */
  option?: { id: string; isActive: boolean } | undefined;
  /** It is one of a group of which one is chosen: `isStop` where Tab comes to the group. */
  radio?: { isStop: boolean } | undefined;
  /** How deep it is nested. */
  depth?: number;
  children: React.ReactNode;
};

/** A class that is chosen or not. */
export function ToggleButton({ pressed, onPress, colour, hotkey, depth = 0, children, ...rest }: ToggleButtonProps) {
  const { option, radio } = rest;
  return (
    <button
      type="button"
      aria-keyshortcuts={hotkey}
      // Only of a mouse are presses counted.
      onClick={({ detail }) => onPress(detail === 0)}
      style={depth === 0 ? undefined : { marginInlineStart: `${depth * 20}px` }}
      {...(radio !== undefined && { role: "radio", "aria-checked": pressed, tabIndex: radio.isStop ? 0 : -1 })}
      {...(option === undefined
        ? radio === undefined && { "aria-pressed": pressed }
        : {
            id: option.id,
            role: "option",
            "aria-selected": pressed,
            tabIndex: -1,
            // The keys stay where they are: in the field, or with the classes.
            onMouseDown: (event: React.MouseEvent) => event.preventDefault(),
          })}
      className={classes(
        "inline-flex min-h-8 max-w-full items-center gap-2 rounded-sm border px-2.5 py-1 text-left text-sm",
        // No bolder than the others, which would move those beside it.
        pressed
          ? "border-primary-content bg-primary-tint inset-ring inset-ring-primary-content"
          : "border-border-field bg-background hover:bg-surface-hover",
        option?.isActive && "outline-2 outline-offset-1 outline-focus",
      )}
    >
      {colour !== undefined && (
        <span aria-hidden data-swatch className="size-3 shrink-0 rounded-full" style={{ background: colour }} />
      )}
      <span className="min-w-0 break-words" dir="auto">
        {children}
      </span>
      {hotkey !== undefined && (
        <kbd aria-hidden className="text-2xs text-subtler">
          {hotkey.toUpperCase()}
        </kbd>
      )}
    </button>
  );
}

/** What a custom interface gives back, as the JSON that it is: its own code is not run here. */
export function JsonField({ node, value, onChange }: FieldProps<JsonValue>) {
  const [typed, setTyped] = useState(value === null ? "" : JSON.stringify(value, null, 2));
  useEffect(() => {
    setTyped((old) =>
      JSON.stringify(parsed(old) ?? null) === JSON.stringify(value)
        ? old
        : value === null
          ? ""
          : JSON.stringify(value, null, 2),
    );
  }, [value]);
  const wrong = typed.trim() !== "" && parsed(typed) === undefined;
  const problem = useId();
  return (
    <div className="flex flex-col gap-1">
      <textarea
        aria-label={`${node.name}, as JSON`}
        aria-invalid={wrong || undefined}
        aria-describedby={problem}
        value={typed}
        rows={Math.min(12, Math.max(3, typed.split("\n").length))}
        spellCheck={false}
        onChange={({ target }) => {
          setTyped(target.value);
          const next = parsed(target.value);
          if (target.value.trim() === "") onChange(null);
          else if (next !== undefined) onChange(next);
        }}
        className={`${box} w-full font-mono text-xs`}
      />
      <p id={problem} className={wrong ? "text-xs text-negative-content" : "text-xs text-subtler"}>
        {wrong
          ? "This is no JSON object yet; what was there before is kept."
          : "A JSON object with the outputs that the config declares."}
      </p>
    </div>
  );
}

/** A JSON object; `undefined` for everything else. */
function parsed(text: string): JsonValue | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonValue) : undefined;
  } catch {
    return undefined;
  }
}
