/** Tokens of a text as numbers, and numbers as the characters of a text that the library compares. */

/** The number of each token; equal tokens have the same in all calls with the same `known`. */
export function numbered(tokens: readonly string[], known: Map<string, number>): number[] {
  return tokens.map((token) => {
    const number = known.get(token) ?? known.size;
    known.set(token, number);
    return number;
  });
}

const SURROGATES = { from: 0xd800, to: 0xe000 };

/** A character for each number; `undefined` where one is too large for that. Halves of pairs are no characters. */
export function coded(numbers: readonly number[]): string | undefined {
  const codes = numbers.map((number) => (number < SURROGATES.from ? number : number + SURROGATES.to - SURROGATES.from));
  return codes.every((code) => code <= 0xffff) ? codes.map((code) => String.fromCharCode(code)).join("") : undefined;
}
