/** What objects show that are more than a text: lists, conversations, tables. */
import type { ReactNode } from "react";
import type { JsonValue } from "@/ipc/bindings";
import { plain } from "./regions";

/** Entries that are drawn at once; a task may have thousands. */
const ENTRIES_SHOWN = 200;

type Entry = { [key in string]: JsonValue };

/** The value as its tag shows it; `null` where that is a plain text. */
export function structured(tag: string, value: JsonValue | undefined): ReactNode {
  switch (tag.toLowerCase()) {
    case "list":
      return Array.isArray(value) ? <Items of={value} /> : null;
    case "paragraphs":
    case "chat":
      return Array.isArray(value) ? <Turns of={value} /> : null;
    case "table":
      return isEntry(value) ? <Rows of={Object.entries(value)} /> : null;
    default:
      return null;
  }
}

function isEntry(value: JsonValue | undefined): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first of these members that is a text. */
function textOf(entry: Entry, ...names: readonly string[]): string {
  for (const name of names) {
    const text = entry[name];
    if (typeof text === "string" && text !== "") return text;
  }
  return "";
}

function Items({ of }: { of: readonly JsonValue[] }) {
  return (
    <ol className="list-decimal space-y-1 pl-5">
      {of.slice(0, ENTRIES_SHOWN).map((item, index) => (
        <li key={index} dir="auto">
          {isEntry(item) ? (
            <>
              <span className="block">{textOf(item, "title", "body", "text") || plain(item)}</span>
              {textOf(item, "title") !== "" && (
                <span className="block text-subtler">{textOf(item, "body", "text")}</span>
              )}
            </>
          ) : (
            plain(item)
          )}
        </li>
      ))}
      <More than={of.length} />
    </ol>
  );
}

/** What was said, by whom, one after the other. */
function Turns({ of }: { of: readonly JsonValue[] }) {
  return (
    <ul className="flex flex-col gap-2">
      {of.slice(0, ENTRIES_SHOWN).map((turn, index) => (
        <li key={index} className="max-w-[90%] rounded-md border bg-surface px-3 py-2">
          {isEntry(turn) ? (
            <>
              <span className="block text-xs font-semibold text-subtler" dir="auto">
                {textOf(turn, "author", "role", "name", "speaker")}
              </span>
              <span className="block break-words whitespace-pre-wrap" dir="auto">
                {textOf(turn, "text", "content", "message", "body") || plain(turn)}
              </span>
            </>
          ) : (
            plain(turn)
          )}
        </li>
      ))}
      <More than={of.length} />
    </ul>
  );
}

function Rows({ of }: { of: readonly (readonly [string, JsonValue])[] }) {
  return (
    <table className="w-full text-left">
      <tbody className="divide-y">
        {of.slice(0, ENTRIES_SHOWN).map(([name, value]) => (
          <tr key={name}>
            <th scope="row" className="w-1/3 py-1 pr-3 align-top font-medium text-subtle" dir="auto">
              {name}
            </th>
            <td className="py-1 break-words" dir="auto">
              {plain(value)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function More({ than }: { than: number }) {
  if (than <= ENTRIES_SHOWN) return null;
  return <li className="list-none text-subtler">and {than - ENTRIES_SHOWN} more</li>;
}
