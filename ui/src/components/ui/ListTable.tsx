/** A list of things that fits in one page: sortable heads, arrow keys between the rows, a press anywhere opens one. */
import { ArrowDown, ArrowUp } from "lucide-react";
import {
  Children,
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
} from "react";
import { classes } from "@/lib/classes";
import { type TermName, terms } from "@/lib/terms";
import { MoreBeside } from "./MoreBeside";
import { Delayed, Skeleton } from "./Skeleton";
import { Explained, Term } from "./Term";

export type ListColumn<Sort extends string> = {
  id: string;
  title: string;
  /** What the title means, where not everybody knows. */
  term?: TermName;
  /** Classes for the column: where it gives way ("@max-3xl:hidden"). */
  className?: string;
  /** Numbers end where their head does. */
  align?: "end";
  /** The order it stands for, and whether a first press asks for the greatest first. */
  sort?: { by: Sort; descending?: boolean };
};

type ListTableProps<Sort extends string> = {
  label: string;
  columns: readonly ListColumn<Sort>[];
  sorting: { sort: Sort; desc: boolean };
  onSort: (sorting: { sort: Sort; desc: boolean }) => void;
  /** Keyboard focus left the rows. */
  onLeave: () => void;
  /** `ListRow`s. */
  children: ReactNode;
};

export function ListTable<Sort extends string>({ label, columns, sorting, onSort, ...rest }: ListTableProps<Sort>) {
  const { onLeave, children } = rest;
  const body = useRef<HTMLTableSectionElement>(null);
  /** The place of the row that has the focus. When that row goes, its neighbour takes over. */
  const place = useRef<number | null>(null);
  const count = Children.count(children);
  const countBefore = useRef(count);
  useEffect(() => {
    const fewer = count < countBefore.current;
    countBefore.current = count;
    if (!fewer || place.current === null || document.activeElement !== document.body) return;
    const links = rowLinks(body.current);
    links[Math.min(place.current, links.length - 1)]?.focus();
  }, [count]);
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const list = frame.current;
    const around = list?.parentElement;
    return () => {
      // The last row goes with the list: the keyboard goes on at what is said instead, and its first button.
      if (place.current === null) return;
      queueMicrotask(() => {
        const isLost = document.activeElement === document.body && list?.isConnected === false;
        if (isLost) around?.querySelector<HTMLElement>("button, a[href]")?.focus();
      });
    };
  }, []);
  return (
    <MoreBeside ref={frame} className="@container flex max-h-full min-h-0 flex-col">
      <div className="scroll-area min-h-0 rounded-md border">
        <table aria-label={label} className="w-full border-separate border-spacing-0 text-left">
          <thead>
            <tr>
              {columns.map((column) => (
                <ColumnHead key={column.id} column={column} sorting={sorting} onSort={onSort} />
              ))}
              <th scope="col" className={classes(headClass, "w-12")}>
                <span className="sr-only">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody
            ref={body}
            onKeyDown={moveBetweenRows}
            onFocus={({ currentTarget, target }) => {
              // React brings the focus of a row's menu here too.
              if (!currentTarget.contains(target)) return;
              place.current = rowLinks(currentTarget).findIndex((link) => link.closest("tr")?.contains(target));
            }}
            onBlur={({ currentTarget, relatedTarget }) => {
              if (currentTarget.contains(relatedTarget)) return;
              onLeave();
              // A row's menu is still about the row.
              const onPage = relatedTarget !== null && relatedTarget.closest("[data-base-ui-portal]") === null;
              if (onPage) place.current = null;
            }}
          >
            {children}
          </tbody>
        </table>
      </div>
    </MoreBeside>
  );
}

// The first column takes what the others leave: those are as wide as what they hold.
const headClass =
  "sticky top-0 z-10 h-9 border-b bg-surface px-3 text-xs font-semibold whitespace-nowrap text-subtle first:min-w-36 first:pl-4";

type ColumnHeadProps<Sort extends string> = Pick<ListTableProps<Sort>, "sorting" | "onSort"> & {
  column: ListColumn<Sort>;
};

function ColumnHead<Sort extends string>({ column, sorting, onSort }: ColumnHeadProps<Sort>) {
  const { sort } = column;
  if (sort === undefined) {
    return (
      <th scope="col" className={classes(headClass, column.align === "end" && "text-right", column.className)}>
        {column.term === undefined ? column.title : <Term of={column.term}>{column.title}</Term>}
      </th>
    );
  }
  const active = sorting.sort === sort.by;
  const Arrow = sorting.desc ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={active ? (sorting.desc ? "descending" : "ascending") : undefined}
      className={classes(headClass, column.align === "end" && "text-right", column.className)}
    >
      <Explained as={column.term && terms[column.term]}>
        <button
          type="button"
          onClick={() => onSort({ sort: sort.by, desc: active ? !sorting.desc : (sort.descending ?? false) })}
          className="-mx-1.5 inline-flex h-6 items-center gap-1 rounded-sm px-1.5 hover:bg-inset hover:text-content"
        >
          {column.title}
          {active && <Arrow aria-hidden className="size-3.5" />}
        </button>
      </Explained>
    </th>
  );
}

function rowLinks(body: HTMLElement | null): HTMLElement[] {
  return [...(body?.querySelectorAll<HTMLElement>("a[data-row]") ?? [])];
}

/** Up, down, Home and End go from the link of one row to that of another. */
function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  const links = rowLinks(event.currentTarget);
  const at = links.indexOf(event.target as HTMLElement);
  if (at === -1) return;
  const targets: Record<string, HTMLElement | undefined> = {
    ArrowDown: links[at + 1],
    ArrowUp: links[at - 1],
    Home: links[0],
    End: links.at(-1),
  };
  const next = targets[event.key];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

type ListRowProps = {
  onOpen: () => void;
  onFocus: (event: FocusEvent) => void;
  /** `ListCell`s; the first holds the row's link, marked `data-row`. */
  children: ReactNode;
};

export function ListRow({ onOpen, onFocus, children }: ListRowProps) {
  const onClick = (event: MouseEvent<HTMLElement>) => {
    const target = event.target as HTMLElement;
    // Menus are drawn elsewhere, but React brings their presses here.
    const elsewhere = !event.currentTarget.contains(target) || target.closest("a, button") !== null;
    if (!elsewhere && getSelection()?.isCollapsed !== false) onOpen();
  };
  return (
    // The keyboard opens a row by the link in its first cell.
    <tr
      onFocus={onFocus}
      onClick={onClick}
      className="focus-within:bg-primary-tint hover:bg-primary-tint even:not-hover:not-focus-within:bg-surface"
    >
      {children}
    </tr>
  );
}

export function ListCell({ className, children }: { className?: string | undefined; children: ReactNode }) {
  return (
    <td
      className={classes(
        "px-3 py-2.5 align-top first:w-full first:max-w-0 first:pl-4 in-data-[density=compact]:py-1.5",
        className,
      )}
    >
      {children}
    </td>
  );
}

export function ListSkeleton({ label }: { label: string }) {
  return (
    <Delayed>
      <div role="status" aria-label={label} className="overflow-hidden rounded-md border">
        <div className="h-9 border-b bg-surface" />
        {[0, 1, 2, 3, 4].map((row) => (
          <div key={row} className="flex h-15 items-center gap-6 border-b px-4 last:border-b-0">
            <Skeleton className="h-4 w-1/3" />
            <Skeleton className="h-4 w-1/5" />
            <Skeleton className="h-4 w-1/6" />
            <Skeleton className="h-4 w-16" />
          </div>
        ))}
      </div>
    </Delayed>
  );
}
