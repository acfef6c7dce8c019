// biome-ignore-all lint/a11y/useFocusableInteractive: the list has the focus, and says which option is active
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the list itself listens for the keys of its options
/** The queue: each task with why it is worth a look. The one that the keyboard is at is open. */
import { CircleX, Gauge, GitCompareArrows, type LucideIcon } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, memo, type ReactNode, useEffect, useId, useRef } from "react";
import { dataText } from "@/components/labeling/regions";
import { Badge, type Tone } from "@/components/ui/Badge";
import { toast } from "@/components/ui/toast";
import type { ReviewItem, ReviewReason } from "@/ipc/bindings";
import { messageOf } from "@/ipc/client";
import { classes } from "@/lib/classes";
import { formatNumber } from "@/lib/format";
import { REASONS, reasonWords } from "@/lib/reviews";
import { ALL, isSelected, NOTHING, type Selection, selectionOf, toggled } from "./selection";
import { type Queue, ROW_HEIGHT } from "./useQueue";

type QueueListProps = {
  queue: Queue;
  /** The row that is open; nothing where that item is no longer in sight. */
  current: number;
  /** Fields of the data that the labeling interface shows. */
  variables: readonly string[];
  selection: Selection;
  onSelect: (selection: Selection) => void;
  onOpen: (index: number) => void;
};

export function QueueList({ queue, current, variables, selection, onSelect, onOpen }: QueueListProps) {
  const { window, rowAt, rowsBetween, filter, total, isReading } = queue;
  const { scroller, rows, start, end, height, viewport, page, topOf, slotOf } = window;
  const id = useId();
  /** Where a selection by Shift began. */
  const anchor = useRef<number | null>(null);
  /** A range whose rows are read before they can be selected. Whatever is selected meanwhile, or filtered, stands. */
  const reading = useRef<AbortController>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change ends the reading of a range
  useEffect(() => () => reading.current?.abort(), [selection, filter]);
  const selectTo = (index: number) => {
    reading.current?.abort();
    const from = anchor.current ?? current;
    anchor.current = from;
    const [first, last] = [Math.min(from, index), Math.max(from, index)];
    if (first === 0 && last === total - 1) {
      onSelect(ALL);
      return;
    }
    const known = Array.from({ length: last - first + 1 }, (_, step) => rowAt(first + step));
    if (known.every((item) => item !== undefined)) {
      onSelect(selectionOf(known));
      return;
    }
    reading.current = new AbortController();
    const { signal } = reading.current;
    void rowsBetween(first, last, signal).then(
      (items) => !signal.aborted && onSelect(selectionOf(items)),
      (error: unknown) =>
        !signal.aborted &&
        toast({ kind: "failed", title: "The tasks could not be selected", description: messageOf(error) }),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || total === 0) return;
    const steps: Record<string, number> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: total - 1,
    };
    const next = steps[event.key];
    const item = rowAt(current);
    if (next !== undefined) {
      event.preventDefault();
      const index = Math.min(Math.max(0, next), total - 1);
      if (event.shiftKey) selectTo(index);
      else anchor.current = null;
      onOpen(index);
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onSelect(ALL);
    } else if (event.key === "Escape" && selection !== NOTHING) {
      event.preventDefault();
      onSelect(NOTHING);
    } else if (event.key === " " && item !== undefined) {
      event.preventDefault();
      anchor.current = current;
      onSelect(toggled(selection, item));
    }
  };
  const onClick = (event: MouseEvent) => {
    const option = (event.target as HTMLElement).closest("[role=option]");
    if (option === null) return;
    const index = Number(option.getAttribute("aria-posinset")) - 1;
    const item = rowAt(index);
    if (event.shiftKey) selectTo(index);
    else if ((event.ctrlKey || event.metaKey) && item !== undefined) {
      anchor.current = index;
      onSelect(toggled(selection, item));
    } else anchor.current = null;
    onOpen(index);
  };
  const drawn: ReactNode[] = [];
  for (let index = start; index < end; index += 1) {
    const slot = slotOf(index);
    const item = rowAt(index);
    drawn[slot] = (
      <QueueRow
        key={slot}
        id={`${id}-${index}`}
        index={index}
        total={total}
        item={item}
        top={topOf(index)}
        variables={variables}
        isOpen={index === current}
        isSelected={item !== undefined && isSelected(selection, item)}
      />
    );
  }
  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label="Queue"
      aria-multiselectable
      aria-busy={isReading}
      aria-activedescendant={current >= start && current < end ? `${id}-${current}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onClick={onClick}
      className="group scroll-area min-h-0 flex-1 overflow-auto outline-none [contain:strict] [overflow-anchor:none]"
    >
      <div role="none" style={{ height }}>
        <div role="none" className="sticky top-0 overflow-y-clip" style={{ height: Math.min(viewport, height) }}>
          <div ref={rows} role="none">
            {drawn}
          </div>
        </div>
      </div>
    </div>
  );
}

type QueueRowProps = {
  id: string;
  index: number;
  total: number;
  item: ReviewItem | undefined;
  top: number;
  variables: readonly string[];
  isOpen: boolean;
  isSelected: boolean;
};

const QueueRow = memo(function QueueRow({ id, index, total, item, top, variables, ...state }: QueueRowProps) {
  const { isOpen, isSelected } = state;
  return (
    <div
      id={id}
      role="option"
      aria-posinset={index + 1}
      aria-setsize={total}
      aria-selected={isSelected}
      aria-current={isOpen || undefined}
      style={{ transform: `translateY(${top}px)`, height: ROW_HEIGHT }}
      className={classes(
        "absolute inset-x-0 top-0 flex cursor-default flex-col justify-center gap-1 border-b border-l-3 border-l-transparent pr-3 pl-3 text-sm [contain:content] hover:bg-surface-hover",
        isSelected && "bg-primary-tint",
        isOpen &&
          "border-l-primary-content bg-primary-tint group-focus-visible:inset-ring-2 group-focus-visible:inset-ring-focus",
      )}
    >
      {item === undefined ? (
        <span className="block h-3 w-2/3 rounded-sm bg-inset" />
      ) : (
        <>
          <span className="flex min-w-0 items-baseline gap-2">
            <span className="shrink-0 text-xs text-subtler tabular-nums">{formatNumber(item.position + 1)}</span>
            <span className="min-w-0 flex-1 truncate" dir="auto">
              {dataText(item.data, variables)}
            </span>
            {isSelected && <span className="shrink-0 text-xs font-semibold text-primary-content">selected</span>}
          </span>
          <Reasons item={item} />
        </>
      )}
    </div>
  );
});

const LOOKS: Record<ReviewReason, { tone: Tone; icon: LucideIcon }> = {
  failed: { tone: "negative", icon: CircleX },
  disagreement: { tone: "warning", icon: GitCompareArrows },
  low_confidence: { tone: "neutral", icon: Gauge },
};

/** Why a task is in the queue, as badges. */
export function Reasons({ item }: { item: ReviewItem }) {
  return (
    <span className="flex min-w-0 items-center gap-1 overflow-hidden">
      {REASONS.filter((reason) => item.reasons.includes(reason)).map((reason) => (
        <Badge
          key={reason}
          size="small"
          tone={LOOKS[reason].tone}
          icon={LOOKS[reason].icon}
          title={reasonWords(reason, item)}
          className="min-w-0 shrink"
        >
          {reasonWords(reason, item)}
        </Badge>
      ))}
    </span>
  );
}
