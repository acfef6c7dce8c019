/**
 * The few marks of Markdown that our own texts use: headings, lists, paragraphs, and in a line `code`, **bold** and _slanted_.
 * It makes elements and never HTML of what it reads.
 */
import { Fragment, type ReactNode } from "react";

export function Markdown({ text }: { text: string }) {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((block, index) => <Block key={index} text={block} />);
}

function Block({ text }: { text: string }) {
  const [, marks, title] = text.match(/^(#{1,2}) (.+)$/) ?? [];
  // The title of the dialog is the heading above these.
  if (marks === "#") return null;
  if (title !== undefined) return <h3 className="mt-6 mb-1.5 text-base font-semibold">{inLine(title)}</h3>;
  const items = text.split("\n").map((line) => line.match(/^- (.+)$/)?.[1]);
  if (items.every((item) => item !== undefined)) {
    return (
      <ul className="my-2 flex list-disc flex-col gap-1 pl-5">
        {items.map((item) => (
          <li key={item} className="select-text">
            {inLine(item ?? "")}
          </li>
        ))}
      </ul>
    );
  }
  return <p className="my-2">{inLine(text.replaceAll("\n", " "))}</p>;
}

const MARKED = /(`[^`]+`|\*\*[^*]+\*\*|(?<!\w)_[^_]+_(?!\w))/;

function inLine(text: string): ReactNode {
  return text.split(MARKED).map((part, index) => {
    if (part.startsWith("`"))
      return (
        <code key={index} className="rounded-sm bg-inset px-1 font-mono text-xs">
          {part.slice(1, -1)}
        </code>
      );
    if (part.startsWith("**")) return <strong key={index}>{part.slice(2, -2)}</strong>;
    if (part.startsWith("_")) return <em key={index}>{part.slice(1, -1)}</em>;
    return <Fragment key={index}>{part}</Fragment>;
  });
}
