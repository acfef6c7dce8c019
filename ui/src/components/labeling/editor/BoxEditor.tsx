/** Boxes on a picture: drawn, moved and resized with the mouse, and all of it with the keys. */
import { type CSSProperties, type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { classes } from "@/lib/classes";
import { type Box, type BoxShape, boxName, boxPlace } from "../boxes";
import { drawn, moved, resized } from "./shapes";

type BoxEditorProps = {
  /** Accessible name of the picture. */
  label: string;
  boxes: readonly Box[];
  active: string | null;
  onActive: (id: string | null) => void;
  /** A box that waits for its label. */
  waiting: BoxShape | null;
  onDraw: (shape: BoxShape) => void;
  /** `mark` joins the steps of one movement. */
  onChange: (id: string, shape: BoxShape, mark: string) => void;
  onRemove: (id: string) => void;
};

type Drag =
  | { kind: "draw"; from: Point; to: Point }
  | { kind: "move"; id: string; from: Point; was: BoxShape }
  | { kind: "size"; id: string; from: Point; was: BoxShape; corner: Corner };
type Point = { x: number; y: number };

const CORNERS = ["nw", "ne", "sw", "se"] as const;
type Corner = (typeof CORNERS)[number];

/** Per cent of the picture that a press of an arrow key moves a box by. */
const STEP = 1;
const LARGE_STEP = 5;

const ARROWS: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Lies over the picture, corner on corner. */
export function BoxEditor({ label, boxes, active, onActive, waiting, onDraw, onChange, onRemove }: BoxEditorProps) {
  const surface = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const pointOf = (event: PointerEvent): Point => {
    const frame = surface.current?.getBoundingClientRect();
    if (frame === undefined || frame.width === 0 || frame.height === 0) return { x: 0, y: 0 };
    return {
      x: ((event.clientX - frame.left) / frame.width) * 100,
      y: ((event.clientY - frame.top) / frame.height) * 100,
    };
  };
  const begin = (event: PointerEvent, next: (from: Point) => Drag) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    surface.current?.setPointerCapture(event.pointerId);
    setDrag(next(pointOf(event)));
  };
  const onPointerMove = (event: PointerEvent) => {
    if (drag === null) return;
    const to = pointOf(event);
    const by = { x: to.x - drag.from.x, y: to.y - drag.from.y };
    if (drag.kind === "draw") setDrag({ ...drag, to });
    else if (drag.kind === "move") onChange(drag.id, moved(drag.was, by), `drag ${drag.id} ${event.pointerId}`);
    else onChange(drag.id, resized(drag.was, drag.corner, by), `drag ${drag.id} ${event.pointerId}`);
  };
  const onPointerUp = () => {
    if (drag?.kind === "draw") {
      const shape = drawn(drag.from, drag.to);
      // A click beside all boxes lets go of the one that is held.
      if (shape === null) onActive(null);
      else onDraw(shape);
    }
    setDrag(null);
  };
  const onKeyDown = (event: KeyboardEvent, box: Box) => {
    const arrow = ARROWS[event.key];
    if (event.metaKey || event.altKey) return;
    if (arrow !== undefined) {
      event.preventDefault();
      const step = event.shiftKey ? LARGE_STEP : STEP;
      const by = { x: arrow.x * step, y: arrow.y * step };
      onChange(box.id, event.ctrlKey ? resized(box, "se", by) : moved(box, by), `keys ${box.id}`);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      onRemove(box.id);
    } else if (!event.ctrlKey && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      onActive(active === box.id ? null : box.id);
    }
  };
  const shape = drag?.kind === "draw" ? drawn(drag.from, drag.to) : waiting;
  return (
    // Everything here is done with the keys on the boxes themselves.
    // biome-ignore lint/a11y/useSemanticElements: boxes over a picture are no set of fields
    <div
      ref={surface}
      role="group"
      aria-label={`Boxes on ${label}`}
      onPointerDown={(event) => begin(event, (from) => ({ kind: "draw", from, to: from }))}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => setDrag(null)}
      className="absolute inset-0 cursor-crosshair touch-none overflow-hidden"
    >
      {boxes.map((box) => {
        const isActive = box.id === active;
        return (
          <button
            key={box.id}
            type="button"
            aria-label={boxName(box)}
            aria-pressed={isActive}
            title={boxName(box)}
            onFocus={() => onActive(box.id)}
            onKeyDown={(event) => onKeyDown(event, box)}
            onPointerDown={(event) => {
              event.currentTarget.focus();
              begin(event, (from) => ({ kind: "move", id: box.id, from, was: box }));
            }}
            style={{ ...boxPlace(box), "--class": box.colour } as CSSProperties}
            className={classes(
              "absolute cursor-move border-2 border-(--class) bg-[color-mix(in_srgb,var(--class)_18%,transparent)]",
              isActive && "outline-2 outline-focus",
            )}
          >
            {isActive &&
              CORNERS.map((corner) => (
                <span
                  key={corner}
                  aria-hidden
                  onPointerDown={(event) =>
                    begin(event, (from) => ({ kind: "size", id: box.id, from, was: box, corner }))
                  }
                  className={classes(
                    "absolute size-2.5 rounded-full border border-white bg-(--class)",
                    corner.includes("n") ? "-top-1.5" : "-bottom-1.5",
                    corner.includes("w") ? "-left-1.5" : "-right-1.5",
                    corner === "nw" || corner === "se" ? "cursor-nwse-resize" : "cursor-nesw-resize",
                  )}
                />
              ))}
          </button>
        );
      })}
      {shape !== null && (
        <div
          aria-hidden
          style={boxPlace(shape)}
          className="pointer-events-none absolute border-2 border-dashed border-white outline-1 outline-black"
        />
      )}
    </div>
  );
}
