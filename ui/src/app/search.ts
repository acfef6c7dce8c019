/** Whether what was typed means this entry: each typed word begins a word of it, or its letters occur in the name in order. */
export function found(query: string, name: string, words: string): boolean {
  const wanted = query.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return true;
  const offered = `${name} ${words}`.toLocaleLowerCase().split(/[\s\-_/.]+/);
  if (wanted.every((word) => offered.some((offer) => offer.startsWith(word)))) return true;
  return inOrder(wanted.join(""), name.toLocaleLowerCase());
}

function inOrder(letters: string, name: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = name.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
