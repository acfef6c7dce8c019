import type { CSSProperties } from "react";
import { piecesOf, type Span } from "./regions";

/** A text with its spans in the colours of their labels. Names follow the end of each span, so colour is never alone. */
export function SpanText({ text, spans }: { text: string; spans: readonly Span[] }) {
  if (spans.length === 0) return text;
  const pieces = piecesOf(text, spans);
  return pieces.map((piece, index) => {
    const top = piece.spans.at(-1);
    if (top === undefined) return <span key={piece.start}>{piece.text}</span>;
    // Not by comparing offsets: a span may end beyond the text.
    const after = pieces[index + 1]?.spans ?? [];
    const ends = piece.spans.filter((span) => !after.includes(span));
    return (
      <mark
        key={piece.start}
        style={{ "--class": top.colour } as CSSProperties}
        className="rounded-[2px] bg-[color-mix(in_srgb,var(--class)_30%,var(--background))] text-content shadow-[inset_0_-2px_var(--class)]"
      >
        {piece.text}
        {ends.map((span) => (
          // Isolated, so that it stays at its text's end where that runs from the right.
          <bdi
            key={`${span.start}-${span.end}-${span.labels.join()}`}
            className="mx-0.5 align-super text-2xs font-medium"
          >
            {span.labels.join(", ")}
          </bdi>
        ))}
      </mark>
    );
  });
}
