/** Finding classes among many. */
import { search } from "@/lib/search";

/** From so many classes on there is a field to filter them by. */
export const FILTERED_FROM = 20;

/** The classes that are meant, by any of their words. */
export function foundClasses<Item>(
  query: string,
  items: readonly Item[],
  wordsOf: (item: Item) => string[],
): readonly Item[] {
  return search(query, items, [wordsOf]);
}
