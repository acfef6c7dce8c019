/** The head of a screen that lists things: what they are and how many, the search for them, and what is done with them. */
import { type ReactNode, useRef } from "react";
import { useCommand } from "./commands";
import { SearchInput } from "./ui/Field";

type ListHeadProps = {
  title: string;
  count: number;
  /** Its accessible name; there is a search as soon as there is something to be found. */
  search: { label: string; value: string; onChange: (text: string) => void };
  /** Before the search: what else tells which of them are shown. */
  filters?: ReactNode;
  /** The buttons. */
  children: ReactNode;
};

export function ListHead({ title, count, search, filters, children }: ListHeadProps) {
  const input = useRef<HTMLInputElement>(null);
  useCommand("screen.find", () => input.current?.select(), { enabled: count > 0 });
  return (
    <div className="@container shrink-0 px-4 pt-4 pb-3 low:pt-3">
      <div className="flex items-center gap-2">
        {/* Where there is no room, the breadcrumb says it. */}
        <h1 className="text-xl font-semibold @max-2xl:sr-only">{title}</h1>
        {count > 0 && <span className="text-sm text-subtler tabular-nums @max-2xl:sr-only">{count}</span>}
        <div className="flex-1 @max-2xl:hidden" />
        {filters}
        {count > 0 && <SearchInput ref={input} {...search} className="min-w-28 flex-[0_1_15rem] @max-2xl:flex-1" />}
        {children}
      </div>
    </div>
  );
}
