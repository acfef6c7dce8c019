/** Pictures of a task in a cell of a table: a small one, and what the file is called. */
import { useState } from "react";
import type { JsonValue } from "@/ipc/bindings";
import { thumbnailUrl } from "@/ipc/client";
import { fileName } from "@/lib/path";
import { inShort, plain, withoutBytes } from "./regions";

/** Pixels of the longer side: sharp where the window is zoomed. */
const CELL_PX = 96;

type MediaCellProps = { taskId: number; field: string; value: JsonValue | undefined };

/** With another `key` for another task. */
export function MediaCell({ taskId, field, value }: MediaCellProps) {
  const [isUnreadable, setUnreadable] = useState(false);
  const sources = (Array.isArray(value) ? value : [value ?? ""]).map(plain);
  const [first = ""] = sources;
  // What is on the web nobody is asked for (`thumbnailUrl`), and without asking for it nothing flickers.
  const isAsked = first !== "" && !/^\s*https?:/i.test(first);
  const names = sources.map((source) => (source.startsWith("data:") ? withoutBytes(source) : fileName(source)));
  return (
    <span className="flex items-center gap-2" title={inShort(value)}>
      {isAsked && !isUnreadable && (
        <img
          src={thumbnailUrl({ taskId, variable: field, index: 0 }, CELL_PX)}
          alt=""
          loading="lazy"
          decoding="async"
          draggable={false}
          onError={() => setUnreadable(true)}
          className="h-7 w-10 shrink-0 rounded-sm bg-inset object-contain"
        />
      )}
      <span dir="auto" className="min-w-0 truncate">
        {inShort(names.join(", "))}
      </span>
    </span>
  );
}
