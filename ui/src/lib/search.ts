/** Finding things by what is typed of their names. */
import { type KeyOption, matchSorter, rankings } from "match-sorter";

/** What has every typed word in one of its `keys`, the best first: first what begins with it. All in their order where nothing is typed. */
export function search<Item>(
  query: string,
  items: readonly Item[],
  keys: readonly KeyOption<Item>[],
  threshold: typeof rankings.CONTAINS | typeof rankings.ACRONYM = rankings.CONTAINS,
): readonly Item[] {
  // The first word decides the order: it is looked for last.
  return query
    .trim()
    .split(/\s+/)
    .reduceRight<readonly Item[]>(
      (left, word) => matchSorter(left, word, { keys, threshold, baseSort: (one, other) => one.index - other.index }),
      items,
    );
}
