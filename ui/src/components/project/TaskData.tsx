import { withoutBytes } from "@/components/labeling/regions";
import type { JsonValue } from "@/ipc/bindings";

/** The data of one task, key by key, as it was imported. */
export function TaskData({ data }: { data: { [key in string]: JsonValue } }) {
  return (
    <dl className="grid grid-cols-[minmax(5rem,max-content)_minmax(0,1fr)] gap-x-4 gap-y-2 text-sm">
      {Object.entries(data).map(([key, value]) => (
        <div key={key} className="contents">
          <dt className="max-w-40 truncate font-mono text-xs leading-5 text-subtler" title={key}>
            {key}
          </dt>
          <dd className="break-words whitespace-pre-wrap" dir="auto">
            {typeof value === "string" ? withoutBytes(value) : JSON.stringify(value, null, 2)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
