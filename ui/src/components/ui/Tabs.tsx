import { Tabs as BaseTabs } from "@base-ui/react/tabs";
import { createContext, type ReactNode, useCallback, useContext } from "react";
import { classes } from "@/lib/classes";

type Look = "line" | "pill";
const LookContext = createContext<Look>("line");

type TabsProps = {
  value: string;
  onChange: (value: string) => void;
  /** `line`: parts of a page; `pill`: views of one thing. */
  look?: Look;
  className?: string;
  children: ReactNode;
};

export function Tabs({ value, onChange, look = "line", className, children }: TabsProps) {
  return (
    <LookContext value={look}>
      <BaseTabs.Root
        value={value}
        onValueChange={(next) => onChange(next as string)}
        className={classes("flex min-h-0 flex-col", className)}
      >
        {children}
      </BaseTabs.Root>
    </LookContext>
  );
}

type TabListProps = {
  /** Names the set of tabs for screen readers. */
  label: string;
  /** A tab was pressed, be it the one that is open. */
  onPress?: () => void;
  className?: string;
  children: ReactNode;
};

/** Marks an end beyond which there is more, so that it fades, and keeps the open tab in sight. */
function watch(list: HTMLElement): () => void {
  const mark = () => {
    const before = list.scrollLeft;
    const after = list.scrollWidth - list.clientWidth - before;
    list.style.setProperty("--fade-start", before > 1 ? "1.5rem" : "0px");
    list.style.setProperty("--fade-end", after > 1 ? "1.5rem" : "0px");
  };
  const show = () => {
    const tab = list.querySelector<HTMLElement>("[data-active]");
    if (tab !== null && list.scrollWidth > list.clientWidth)
      list.scrollLeft = tab.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2;
    mark();
  };
  const sizes = new ResizeObserver(show);
  sizes.observe(list);
  const opened = new MutationObserver(show);
  opened.observe(list, { subtree: true, attributeFilter: ["data-active"] });
  // As where a count gets another digit.
  const written = new MutationObserver(mark);
  written.observe(list, { subtree: true, childList: true, characterData: true });
  list.addEventListener("scroll", mark, { passive: true });
  return () => {
    sizes.disconnect();
    opened.disconnect();
    written.disconnect();
    list.removeEventListener("scroll", mark);
  };
}

export function TabList({ label, onPress, className, children }: TabListProps) {
  const look = useContext(LookContext);
  const ref = useCallback((list: HTMLElement | null) => (list === null ? undefined : watch(list)), []);
  return (
    <BaseTabs.List
      ref={ref}
      aria-label={label}
      activateOnFocus
      onClick={({ target }) => (target as Element).closest("[role=tab]") !== null && onPress?.()}
      className={classes(
        "relative flex shrink-0 overflow-x-auto [scrollbar-width:none] [&::-webkit-scrollbar]:hidden mask-r-from-[calc(100%-var(--fade-end,0px))] mask-l-from-[calc(100%-var(--fade-start,0px))]",
        look === "line" ? "gap-0.5 border-b" : "w-fit max-w-full gap-0.5 rounded-md border bg-surface p-0.5",
        className,
      )}
    >
      {children}
      {look === "line" && (
        <BaseTabs.Indicator className="absolute bottom-0 left-0 h-0.5 w-(--active-tab-width) translate-x-(--active-tab-left) bg-primary-content transition-[translate,width] duration-150 ease-out" />
      )}
    </BaseTabs.List>
  );
}

/** `count` follows the name, in a quieter colour. */
export function Tab({
  value,
  count,
  children,
}: {
  value: string;
  count?: string | number | undefined;
  children: ReactNode;
}) {
  const look = useContext(LookContext);
  return (
    <BaseTabs.Tab
      value={value}
      className={classes(
        "flex shrink-0 items-center gap-1.5 text-sm font-medium whitespace-nowrap text-subtler outline-0 select-none hover:text-content focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-focus data-active:text-content",
        look === "line"
          ? "h-10 rounded-sm px-2.5"
          : "h-7 rounded-sm border border-transparent px-3 data-active:border-border data-active:bg-background data-active:shadow-sm",
      )}
    >
      {children}
      {count !== undefined && <span className="text-xs font-normal text-subtler tabular-nums">{count}</span>}
    </BaseTabs.Tab>
  );
}

export function TabPanel({ value, className, children }: { value: string; className?: string; children: ReactNode }) {
  return (
    <BaseTabs.Panel
      value={value}
      className={classes("min-h-0 flex-1 outline-0 focus-visible:outline-2 focus-visible:-outline-offset-2", className)}
    >
      {children}
    </BaseTabs.Panel>
  );
}
