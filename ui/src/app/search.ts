/** What typing means of all that the palette offers. */
import { rankings } from "match-sorter";
import { search } from "@/lib/search";

type Offered = { label: string; words: string };
type Group<Item> = { label: string; items: Item[] };

/**
 * What each typed word means, the best first, in its group and with it. The first letters of the words of a name are
 * meant where nothing else is.
 */
export function found<Item extends Offered>(query: string, groups: readonly Group<Item>[]): Group<Item>[] {
  const offered = groups.flatMap(({ label, items }) => items.map((item) => ({ group: label, item })));
  const by = (threshold: typeof rankings.CONTAINS | typeof rankings.ACRONYM) =>
    search(
      query,
      offered,
      [
        ({ item }) => item.label,
        // Behind a space no word of them is their beginning, which would count for more than a word of the name.
        { key: ({ item }) => ` ${item.words}`, threshold: rankings.WORD_STARTS_WITH },
      ],
      threshold,
    );
  const meant = by(rankings.CONTAINS);
  const found = new Map<string, Item[]>();
  for (const { group, item } of meant.length > 0 ? meant : by(rankings.ACRONYM)) {
    const items = found.get(group);
    if (items === undefined) found.set(group, [item]);
    else items.push(item);
  }
  return [...found].map(([label, items]) => ({ label, items }));
}
