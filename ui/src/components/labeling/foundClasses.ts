/** Finding classes among many. */
import { matchSorter, rankings } from "match-sorter";

/** From so many classes on there is a field to filter them by. */
export const FILTERED_FROM = 20;

/** What has every typed word in one of its words, the best first: first what begins with it. */
export function foundClasses<Item>(query: string, items: readonly Item[], wordsOf: (item: Item) => string[]): Item[] {
  const wanted = query.trim().split(/\s+/);
  // The first word decides the order: it is looked for last.
  return wanted.reduceRight<Item[]>(
    (left, word) =>
      matchSorter(left, word, {
        keys: [wordsOf],
        threshold: rankings.CONTAINS,
        baseSort: (one, other) => one.index - other.index,
      }),
    [...items],
  );
}
