/** A text that is marked by hand: with the mouse, or with a caret of its own. */
import { type CSSProperties, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { classes } from "@/lib/classes";
import { piecesOf, type Span } from "../regions";
import { move, placeOf, START } from "./selection";

export type EditedSpan = Span & { id: string };
export type Range = { start: number; end: number };

type SpanEditorProps = {
  label: string;
  text: string;
  spans: readonly EditedSpan[];
  /** The span that keys act on. */
  active: string | null;
  onActive: (id: string | null) => void;
  selection: Range | null;
  onSelection: (range: Range | null) => void;
  /** The selection is meant to be marked now: the mouse was let go, or Enter pressed. */
  onMark: (range: Range) => void;
  onRemove: (id: string) => void;
};

/** Scrolls the text around to the line in which a piece begins. */
function showLine(text: HTMLElement | null, start: number): void {
  const area = text?.closest(".scroll-area");
  // No piece begins at the end of the text, where the caret may be.
  const piece = text?.querySelector(`[${START}="${start}"]`) ?? text?.lastElementChild;
  const line = piece?.getClientRects()[0];
  if (area == null || line === undefined) return;
  const { top, bottom } = area.getBoundingClientRect();
  if (line.top < top) area.scrollTop -= top - line.top;
  else if (line.bottom > bottom) area.scrollTop += line.bottom - bottom;
}

export function SpanEditor({ label, text, spans, active, onActive, selection, onSelection, ...rest }: SpanEditorProps) {
  const { onMark, onRemove } = rest;
  const root = useRef<HTMLDivElement>(null);
  /** Where Shift and an arrow began, and where the caret is; in code points. */
  const [caret, setCaret] = useState({ anchor: 0, focus: 0 });
  const [focused, setFocused] = useState(false);

  const select = (anchor: number, focus: number) => {
    setCaret({ anchor, focus });
    onActive(null);
    onSelection(anchor === focus ? null : { start: Math.min(anchor, focus), end: Math.max(anchor, focus) });
  };
  const readMouse = () => {
    const chosen = document.getSelection();
    if (root.current === null || chosen === null || chosen.rangeCount === 0) return;
    const { startContainer, startOffset, endContainer, endOffset } = chosen.getRangeAt(0);
    const start = placeOf(root.current, startContainer, startOffset);
    const end = placeOf(root.current, endContainer, endOffset);
    if (start === null || end === null) return;
    setCaret({ anchor: start, focus: end });
    if (start === end) {
      onSelection(null);
      const touched = spans.filter((span) => span.start <= start && start < span.end);
      // The shortest, so that a span inside another can be reached.
      touched.sort((a, b) => a.end - a.start - (b.end - b.start));
      onActive(touched[0]?.id ?? null);
      return;
    }
    chosen.removeAllRanges();
    onActive(null);
    onSelection({ start, end });
    onMark({ start, end });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { key, shiftKey } = event;
    const unit = event.ctrlKey || event.altKey ? "word" : "grapheme";
    const go = (to: number) => {
      event.preventDefault();
      select(shiftKey ? caret.anchor : to, to);
    };
    if (event.metaKey) return;
    if (key === "ArrowLeft") go(move(text, caret.focus, -1, unit));
    else if (key === "ArrowRight") go(move(text, caret.focus, 1, unit));
    else if (key === "Home") go(0);
    else if (key === "End") go(Array.from(text).length);
    else if (key === "Enter" && selection !== null && !event.ctrlKey) {
      event.preventDefault();
      onMark(selection);
    } else if ((key === "ArrowDown" || key === "ArrowUp") && spans.length > 0) {
      event.preventDefault();
      const ordered = [...spans].sort((a, b) => a.start - b.start || a.end - b.end);
      const at = ordered.findIndex(({ id }) => id === active);
      const next = ordered[key === "ArrowDown" ? Math.min(at + 1, ordered.length - 1) : Math.max(at - 1, 0)];
      if (next !== undefined) onActive(next.id);
    } else if ((key === "Delete" || key === "Backspace") && active !== null) {
      event.preventDefault();
      onRemove(active);
    } else if (key === "Escape" && (selection !== null || active !== null)) {
      event.preventDefault();
      onSelection(null);
      onActive(null);
    }
  };

  const chosen: Span[] = selection === null ? [] : [{ ...selection, labels: [], colour: "" }];
  const mark: Span[] = focused ? [{ start: caret.focus, end: caret.focus, labels: [], colour: "" }] : [];
  const pieces = piecesOf(text, [...spans, ...chosen, ...mark]);
  const caretIn = (start: number) => focused && start === caret.focus;
  /** What the text scrolls to: the mark that keys act on, else the caret. */
  const activeAt = spans.find(({ id }) => id === active)?.start;
  const shownAt = activeAt ?? (focused ? caret.focus : undefined);
  useEffect(() => {
    if (shownAt !== undefined) showLine(root.current, shownAt);
  }, [shownAt]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: no element shows marked text and takes keys
    <div
      ref={root}
      role="textbox"
      aria-label={`${label}. Arrow keys move, with Shift they select, Enter marks, up and down go through the marks.`}
      aria-readonly
      aria-multiline
      tabIndex={0}
      dir="auto"
      onKeyDown={onKeyDown}
      onMouseUp={readMouse}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
      className="cursor-text rounded-sm leading-7 break-words whitespace-pre-wrap outline-0 select-text"
    >
      {pieces.map((piece, index) => {
        const under = spans.filter((span) => piece.spans.includes(span));
        const top = under.at(-1);
        const after = pieces[index + 1]?.spans ?? [];
        const ending = under.filter((span) => !after.includes(span)).flatMap((span) => span.labels);
        const isSelected = chosen.some((range) => piece.spans.includes(range));
        return (
          <span
            key={piece.start}
            {...{ [START]: piece.start }}
            // Beside the text and not in it, so that it has no place of its own.
            data-labels={ending.length > 0 ? ending.join(", ") : undefined}
            style={top === undefined ? undefined : ({ "--class": top.colour } as CSSProperties)}
            className={classes(
              "relative rounded-[2px]",
              top !== undefined &&
                "bg-[color-mix(in_srgb,var(--class)_30%,var(--background))] text-content shadow-[inset_0_-2px_var(--class)]",
              under.some(({ id }) => id === active) && "outline-2 outline-focus",
              isSelected && "bg-primary-border text-content",
              ending.length > 0 &&
                "after:mx-0.5 after:[unicode-bidi:isolate] after:align-super after:text-2xs after:font-medium after:content-[attr(data-labels)]",
              caretIn(piece.start) && "border-l-2 border-primary-content -ml-[2px]",
            )}
          >
            {piece.text}
          </span>
        );
      })}
      {caretIn(Array.from(text).length) && <span aria-hidden className="border-l-2 border-primary-content" />}
    </div>
  );
}
