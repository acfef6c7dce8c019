import type { CSSProperties } from "react";
import type { OutlineNode } from "@/ipc/bindings";
import { colourOf, piecesOf, type Span } from "./regions";

/** A text with its spans in the colours of their labels. Names follow the end of each span, so colour is never alone. */
export function SpanText({ text, spans, control }: { text: string; spans: readonly Span[]; control?: OutlineNode }) {
  if (spans.length === 0) return text;
  return piecesOf(text, spans).map((piece) => {
    const top = piece.spans.at(-1);
    if (top === undefined) return <span key={piece.start}>{piece.text}</span>;
    const ends = piece.spans.filter((span) => span.end === piece.start + Array.from(piece.text).length);
    return (
      <mark
        key={piece.start}
        style={{ "--class": colourOf(control, top.labels[0] ?? "") } as CSSProperties}
        className="rounded-[2px] bg-[color-mix(in_srgb,var(--class)_30%,var(--background))] text-content shadow-[inset_0_-2px_var(--class)]"
      >
        {piece.text}
        {ends.map((span) => (
          <span
            key={`${span.start}-${span.end}-${span.labels.join()}`}
            className="mx-0.5 align-super text-2xs font-medium"
          >
            {span.labels.join(", ")}
          </span>
        ))}
      </mark>
    );
  });
}
