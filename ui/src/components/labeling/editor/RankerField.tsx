/** Items of a list in an order, or in buckets, by the keys and by the mouse. */
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import { Button, IconButton } from "@/components/ui/Button";
import { Select } from "@/components/ui/Select";
import type { JsonValue, OutlineNode } from "@/ipc/bindings";
import { type Ranking, ranked, rankingOf, shifted } from "./ranking";

type RankerFieldProps = {
  node: OutlineNode;
  /** What the List shows. */
  items: JsonValue | undefined;
  value: JsonValue | undefined;
  onChange: (ranking: Ranking) => void;
};

/** Stands for no bucket, in a select that has only texts. */
const UNSORTED = "";

export function RankerField({ node, items, value, onChange }: RankerFieldProps) {
  const buckets = node.buckets.map(({ name }) => name);
  const titleOf = (bucket: string) => node.buckets.find(({ name }) => name === bucket)?.title ?? bucket;
  const places = ranked(items, value, buckets);
  const list = useRef<HTMLDivElement>(null);
  const hasBuckets = buckets.length > 1 || buckets[0] !== node.name;
  const isEmpty = places.every(({ entries }) => entries.length === 0);
  const move = (id: string, by: 1 | -1) => {
    onChange(shifted(places, id, by));
    // The keyboard goes with the item.
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-item="${CSS.escape(id)}"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent, id: string) => {
    if (event.ctrlKey || event.metaKey || event.target !== event.currentTarget) return;
    const digit = Number(event.key);
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(id, event.key === "ArrowUp" ? -1 : 1);
    } else if (hasBuckets && !event.altKey && Number.isInteger(digit) && digit >= 1 && digit <= buckets.length) {
      // Digits are the buckets here and not the classes of another control.
      event.preventDefault();
      event.stopPropagation();
      onChange(shifted(places, id, { bucket: buckets[digit - 1] ?? null }));
    }
  };
  if (isEmpty) return <p className="text-subtler">The task has no items to put in order.</p>;
  const isRanked = value !== undefined && value !== null;
  return (
    <div ref={list} className="flex flex-col items-stretch gap-3">
      {places.map(({ bucket, entries }) => (
        <section
          key={bucket ?? UNSORTED}
          aria-label={bucket === null ? "Not ranked" : titleOf(bucket)}
          className="flex flex-col gap-1"
        >
          {(hasBuckets || bucket === null) && (bucket !== null || entries.length > 0) && (
            <h4 className="text-xs font-semibold text-subtler">{bucket === null ? "Not ranked" : titleOf(bucket)}</h4>
          )}
          {entries.length > 0 && (
            <ol className="divide-y rounded-sm border">
              {entries.map(({ id, title, body }, index) => (
                <li key={id} className="flex items-center gap-2 bg-background py-1 pr-1.5">
                  {/* biome-ignore lint/a11y/useSemanticElements: it holds more than a button may */}
                  <div
                    role="button"
                    tabIndex={0}
                    data-item={id}
                    aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
                    onKeyDown={(event) => onKeyDown(event, id)}
                    className="flex min-w-0 flex-1 items-baseline gap-2 rounded-sm px-2.5 py-1.5"
                  >
                    {bucket !== null && <span className="text-subtler tabular-nums">{index + 1}</span>}
                    <span className="min-w-0">
                      <span className="block break-words" dir="auto">
                        {title}
                      </span>
                      {body !== "" && (
                        <span className="block text-xs break-words text-subtler" dir="auto">
                          {body}
                        </span>
                      )}
                    </span>
                  </div>
                  {(hasBuckets || bucket === null) && (
                    <Select
                      label={`Where ${title} belongs`}
                      value={bucket ?? UNSORTED}
                      onChange={(next) => onChange(shifted(places, id, { bucket: next === UNSORTED ? null : next }))}
                      options={[
                        ...(bucket === null ? [{ value: UNSORTED, label: "Not ranked" }] : []),
                        ...buckets.map((name) => ({
                          value: name,
                          label: name === node.name ? "Ranked" : titleOf(name),
                        })),
                      ]}
                    />
                  )}
                  {bucket !== null && (
                    <>
                      <IconButton
                        icon={ArrowUp}
                        size="small"
                        label={`Move ${title} up`}
                        disabled={index === 0}
                        onClick={() => move(id, -1)}
                      />
                      <IconButton
                        icon={ArrowDown}
                        size="small"
                        label={`Move ${title} down`}
                        disabled={index + 1 === entries.length}
                        onClick={() => move(id, 1)}
                      />
                    </>
                  )}
                </li>
              ))}
            </ol>
          )}
        </section>
      ))}
      {!isRanked && !hasBuckets && (
        <div className="flex items-center gap-3 text-subtler">
          <Button onClick={() => onChange(rankingOf(places))}>Keep this order</Button>
          Not ranked yet: this is the order of the task.
        </div>
      )}
    </div>
  );
}
