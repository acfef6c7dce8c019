/** The field that finds classes among many. */
import type { ComponentProps, KeyboardEventHandler } from "react";
import { useCommand } from "@/components/commands";
import { SearchInput } from "@/components/ui/Field";
import { formatCount } from "@/lib/format";

type ClassFilterProps = Pick<ComponentProps<typeof SearchInput>, "value" | "onChange" | "ref" | "list"> & {
  /** The control that the classes are of. */
  of: string;
  /** Before the field itself has them. */
  onKeyDown?: KeyboardEventHandler;
};

export function ClassFilter({ of, onKeyDown, ...field }: ClassFilterProps) {
  useCommand("screen.find", goToNext, { title: "Filter classes" });
  return (
    <div data-class-filter onKeyDownCapture={onKeyDown} className="w-64 max-w-full">
      <SearchInput label="Filter classes" name={`Filter classes of ${of}`} command="screen.find" {...field} />
    </div>
  );
}

/** Goes to the first filter of the screen, and from one to the next. */
function goToNext(): void {
  const all = [...document.querySelectorAll<HTMLInputElement>("[data-class-filter] input")];
  const shown = all.filter((field) => field.getClientRects().length > 0);
  const next = shown[shown.indexOf(document.activeElement as HTMLInputElement) + 1] ?? shown[0];
  next?.focus();
  next?.select();
}

/** What the filter has left, where that is nothing or more than is drawn. */
export function FilterStatus({ query, shown, hidden }: { query: string; shown: number; hidden: number }) {
  return (
    <p role="status" className="text-xs text-subtler empty:hidden">
      {shown === 0 && query.trim() !== "" && `No class has “${query.trim()}” in its name.`}
      {hidden > 0 &&
        `and ${formatCount(hidden, "more class", "more classes")}; ${query === "" ? "filter" : "type more"} to see them`}
    </p>
  );
}
