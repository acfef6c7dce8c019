/** Which columns a table shows, in which order and how wide: by mouse and by keyboard. */
import { ArrowDown, ArrowUp, Columns3, GripVertical, MoveHorizontal, RotateCcw } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import { createPortal } from "react-dom";
import { Button, IconButton } from "@/components/ui/Button";
import { Checkbox } from "@/components/ui/Checkbox";
import { Kbd } from "@/components/ui/Kbd";
import { Popover } from "@/components/ui/Popover";
import { useDrag } from "@/components/useDrag";
import { classes } from "@/lib/classes";
import { type Arranged, type Arrangement, AS_MADE, inOrder, isAsMade, isShown, moved, withShown } from "./arrangement";

/** How much a key press changes a width, in pixels. */
const WIDTH_STEP = 16;

type ColumnsMenuProps = {
  /** Those that can be arranged, in the order that they are made in. `about` says what a title alone does not. */
  columns: readonly (Arranged & { title: string; about?: string })[];
  arrangement: Arrangement;
  onChange: (arrangement: Arrangement) => void;
  onResize: (columnId: string, by: number) => void;
  onFit: (columnId: string) => void;
};

export function ColumnsMenu({ columns, arrangement, onChange, onResize, onFit }: ColumnsMenuProps) {
  const list = useRef<HTMLUListElement>(null);
  const ordered = inOrder(columns, arrangement);
  const boxes = () => [...(list.current?.querySelectorAll<HTMLElement>("[role=checkbox]") ?? [])];
  const placeOf = (id: string) => ordered.findIndex((column) => column.id === id);
  const move = (id: string, by: 1 | -1) => onChange(moved(columns, arrangement, id, placeOf(id) + by));
  const { dragged, press, ghost } = useDrag<string, string>({
    targetAt: ({ x, y }, id) => {
      const over = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-column]");
      const target = list.current?.contains(over ?? null) === true ? over?.dataset.column : undefined;
      return target === id ? undefined : target;
    },
    scroll: () => {},
    onDrop: (id, target) => onChange(moved(columns, arrangement, id, placeOf(target))),
  });
  const held = ordered.find(({ id }) => id === dragged?.item);
  const onKeyDown = (event: KeyboardEvent, id: string, place: number) => {
    const { key, altKey, ctrlKey, metaKey, target } = event;
    if (ctrlKey || metaKey || !(target as HTMLElement).matches("[role=checkbox]")) return;
    const vertical = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : undefined;
    const horizontal = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : undefined;
    if (vertical === undefined && (horizontal === undefined || altKey)) return;
    event.preventDefault();
    event.stopPropagation();
    if (horizontal !== undefined) onResize(id, horizontal * WIDTH_STEP);
    else if (altKey && vertical !== undefined) move(id, vertical);
    else boxes()[place + (vertical ?? 0)]?.focus();
  };
  return (
    <Popover
      title="Columns"
      align="end"
      className="flex max-h-(--available-height) flex-col"
      trigger={
        <Button icon={Columns3} className="gap-0 @4xl:gap-1.5">
          <span className="sr-only @4xl:not-sr-only">Columns</span>
        </Button>
      }
    >
      <ul ref={list} aria-label="Columns from left to right" className="scroll-area -mx-2 max-h-84 min-h-0 flex-1">
        {ordered.map((column, place) => {
          const { id, title, about } = column;
          const isTarget = dragged?.target === id;
          return (
            <li
              key={id}
              data-column={id}
              onKeyDown={(event) => onKeyDown(event, id, place)}
              className={classes(
                "group flex min-h-8 items-center gap-1 rounded-sm pr-1 hover:bg-primary-tint focus-within:bg-primary-tint",
                dragged?.item === id && "opacity-50",
                isTarget && "bg-primary-tint inset-ring-2 inset-ring-primary-content",
              )}
            >
              <span
                aria-hidden
                onPointerDown={(event) => press(event, id)}
                className="flex h-8 w-6 shrink-0 cursor-grab touch-none items-center justify-center text-subtler"
              >
                <GripVertical className="size-3.5" />
              </span>
              <div className="min-w-0 flex-1">
                <Checkbox
                  checked={isShown(column, arrangement)}
                  onChange={(shown) => onChange(withShown(arrangement, column, shown))}
                >
                  <span dir="auto">{title}</span>
                  {about !== undefined && <span className="ml-1.5 text-xs text-subtler">{about}</span>}
                </Checkbox>
              </div>
              <div className="invisible flex group-focus-within:visible group-hover:visible">
                <IconButton
                  icon={MoveHorizontal}
                  size="small"
                  label={`Fit the width of ${title}`}
                  disabledReason={isShown(column, arrangement) ? undefined : "It is not shown"}
                  onClick={() => onFit(id)}
                />
                <IconButton
                  icon={ArrowUp}
                  size="small"
                  label={`Move ${title} to the left`}
                  disabledReason={place === 0 ? "It is the first" : undefined}
                  onClick={() => move(id, -1)}
                />
                <IconButton
                  icon={ArrowDown}
                  size="small"
                  label={`Move ${title} to the right`}
                  disabledReason={place === ordered.length - 1 ? "It is the last" : undefined}
                  onClick={() => move(id, 1)}
                />
              </div>
            </li>
          );
        })}
      </ul>
      <div className="-mx-4 mt-2 -mb-4 flex items-center gap-2 border-t py-2 pr-2 pl-4">
        <p className="flex flex-1 flex-wrap items-center gap-x-3 gap-y-1 text-xs text-subtler">
          <span className="inline-flex items-center gap-1">
            <Kbd keys="ArrowLeft" />
            <Kbd keys="ArrowRight" />
            width
          </span>
          <span className="inline-flex items-center gap-1">
            <Kbd keys="Alt+ArrowUp" />
            <Kbd keys="Alt+ArrowDown" />
            place
          </span>
        </p>
        <Button
          size="small"
          look="string"
          icon={RotateCcw}
          disabledReason={isAsMade(arrangement) ? "Nothing is changed" : undefined}
          onClick={() => onChange(AS_MADE)}
        >
          Reset
        </Button>
      </div>
      {held !== undefined &&
        createPortal(
          <div
            ref={ghost}
            aria-hidden
            className="pointer-events-none fixed top-0 left-0 z-50 max-w-60 truncate rounded-sm border border-primary-content bg-raised px-2 py-1 text-sm shadow-popup"
          >
            {held.title}
          </div>,
          document.body,
        )}
    </Popover>
  );
}
