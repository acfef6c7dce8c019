/** What typing means of all that the palette offers. */
import { matchSorter, rankings } from "match-sorter";

type Offered = { label: string; words: string };
type Group<Item> = { label: string; items: Item[] };

/**
 * What each typed word means, the best first, in its group and with it. The first letters of the words of a name are
 * meant where nothing else is.
 */
export function found<Item extends Offered>(query: string, groups: readonly Group<Item>[]): Group<Item>[] {
  const offered = groups.flatMap(({ label, items }) => items.map((item) => ({ group: label, item })));
  const wanted = query.trim().split(/\s+/);
  const by = (threshold: typeof rankings.CONTAINS | typeof rankings.ACRONYM) =>
    // The first word decides the order: it is looked for last.
    wanted.reduceRight(
      (left, word) =>
        matchSorter(left, word, {
          keys: [
            ({ item }) => item.label,
            // Behind a space no word of them is their beginning, which would count for more than a word of the name.
            { key: ({ item }) => ` ${item.words}`, threshold: rankings.WORD_STARTS_WITH },
          ],
          threshold,
          baseSort: (one, other) => one.index - other.index,
        }),
      offered,
    );
  const meant = by(rankings.CONTAINS);
  const found = new Map<string, Item[]>();
  for (const { group, item } of meant.length > 0 ? meant : by(rankings.ACRONYM)) {
    found.set(group, [...(found.get(group) ?? []), item]);
  }
  return [...found].map(([label, items]) => ({ label, items }));
}
