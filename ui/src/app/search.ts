/** How well what was typed names an entry; the lowest is the best. */
const WHOLE = 0;
const BEGINNING = 1;
const WORDS = 2;
const OTHER_WORDS = 3;
/** What means everything that has its letters somewhere: only where nothing else was meant. */
const LETTERS = 4;

type Offered = { label: string; words: string };
type Group<Item> = { label: string; items: Item[] };

/**
 * What was typed means an entry if each typed word begins a word of it; and if nothing is meant that way, if its letters occur in
 * the name in order. The best comes first, in its group and with it.
 */
export function found<Item extends Offered>(query: string, groups: readonly Group<Item>[]): Group<Item>[] {
  const wanted = query.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return groups.filter(({ items }) => items.length > 0);
  const ranked = groups.map(({ label, items }) => ({
    label,
    items: items.map((item) => ({ item, rank: rank(wanted, item) })),
  }));
  const best = Math.min(...ranked.flatMap(({ items }) => items.map(({ rank }) => rank)));
  const worst = best < LETTERS ? OTHER_WORDS : LETTERS;
  return ranked
    .map(({ label, items }) => {
      const meant = items.filter(({ rank }) => rank <= worst).sort((one, other) => one.rank - other.rank);
      return { label, items: meant.map(({ item }) => item), rank: meant[0]?.rank ?? Number.POSITIVE_INFINITY };
    })
    .filter(({ items }) => items.length > 0)
    .sort((one, other) => one.rank - other.rank)
    .map(({ label, items }) => ({ label, items }));
}

function rank(wanted: readonly string[], { label, words }: Offered): number {
  const name = label.toLocaleLowerCase();
  const query = wanted.join(" ");
  if (name === query) return WHOLE;
  if (name.startsWith(query)) return BEGINNING;
  const begins = (offered: readonly string[]) =>
    wanted.every((word) => offered.some((offer) => offer.startsWith(word)));
  const own = parts(name);
  if (begins(own)) return WORDS;
  if (begins([...own, ...parts(words.toLocaleLowerCase())])) return OTHER_WORDS;
  return inOrder(wanted.join(""), name) ? LETTERS : Number.POSITIVE_INFINITY;
}

const parts = (text: string) => text.split(/[\s\-_/.]+/);

function inOrder(letters: string, name: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = name.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
