/** Items of a List in the order that a Ranker gives them, as its region holds it: the ids of each bucket. */
import type { JsonValue } from "@/ipc/bindings";
import { plain } from "../regions";

export type Ranking = { [bucket: string]: string[] };
type Item = { id: string; title: string; body: string };
/** `null`: items that are in no bucket. */
export type RankedPlace = { bucket: string | null; entries: Item[] };

/** What a List shows: objects with an id, a title and a body, or plain texts that are their own ids. */
function itemsOf(value: JsonValue | undefined): Item[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one, index) => {
    if (one === null || typeof one !== "object" || Array.isArray(one)) {
      return one === null ? [] : [{ id: plain(one), title: plain(one), body: "" }];
    }
    const id = one.id === undefined || one.id === null ? String(index) : plain(one.id);
    const text = (name: string) => (typeof one[name] === "string" ? one[name] : "");
    return [{ id, title: text("title") || text("body") || id, body: text("title") === "" ? "" : text("body") }];
  });
}

/**
 * The items by bucket, in the order that `ranking` gives them; those that it does not name come last, in no bucket. Without
 * a ranking the only list has all of them in the order of the task. Ids of the ranking that the task does not have stay.
 */
export function ranked(
  items: JsonValue | undefined,
  ranking: JsonValue | undefined,
  buckets: readonly string[],
): RankedPlace[] {
  const known = new Map(itemsOf(items).map((item) => [item.id, item]));
  const [only] = buckets;
  const given = ranking !== null && typeof ranking === "object" && !Array.isArray(ranking) ? ranking : undefined;
  if (given === undefined && buckets.length === 1 && only !== undefined) {
    return [{ bucket: only, entries: [...known.values()] }];
  }
  const names = [...new Set([...buckets, ...Object.keys(given ?? {})])];
  const placed = new Set<string>();
  const places = names.map((bucket) => {
    const ids = given?.[bucket];
    const entries = (Array.isArray(ids) ? ids : []).flatMap((value) => {
      const id = plain(value);
      if (placed.has(id)) return [];
      placed.add(id);
      return [known.get(id) ?? { id, title: id, body: "" }];
    });
    return { bucket, entries };
  });
  const rest = [...known.values()].filter(({ id }) => !placed.has(id));
  return rest.length === 0 ? places : [...places, { bucket: null, entries: rest }];
}

/** The ranking as it is shown. */
export function rankingOf(places: readonly RankedPlace[]): Ranking {
  return Object.fromEntries(
    places.flatMap(({ bucket, entries }) => (bucket === null ? [] : [[bucket, entries.map(({ id }) => id)]])),
  );
}

/** The ranking once an item is one place up (-1) or down (1) in its bucket, or at the end of another one. */
export function shifted(places: readonly RankedPlace[], id: string, to: 1 | -1 | { bucket: string | null }): Ranking {
  const next = places.map(({ bucket, entries }) => ({ bucket, ids: entries.map((entry) => entry.id) }));
  const from = next.find(({ ids }) => ids.includes(id));
  const at = from?.ids.indexOf(id) ?? -1;
  if (from !== undefined && typeof to === "number") {
    const other = at + to;
    const neighbour = from.ids[other];
    if (neighbour !== undefined) {
      from.ids[other] = id;
      from.ids[at] = neighbour;
    }
  } else if (from !== undefined && typeof to === "object" && to.bucket !== from.bucket) {
    from.ids.splice(at, 1);
    next.find(({ bucket }) => bucket === to.bucket)?.ids.push(id);
  }
  return Object.fromEntries(next.flatMap(({ bucket, ids }) => (bucket === null ? [] : [[bucket, ids]])));
}
