/** Amounts of money as people type them, in dollars, and as everything else counts them, in millionths of a dollar. */

/** What is left of a text when everything goes that is part of no amount: digits, one point, six decimals. */
export function typedAmount(text: string): string {
  const [whole = "", ...decimals] = text
    .replace(/[^\d.,]/g, "")
    .replace(/,/g, ".")
    .split(".");
  return decimals.length === 0 ? whole : `${whole}.${decimals.join("").slice(0, 6)}`;
}

/** `null` for a text without a digit. */
export function microsOf(typed: string): number | null {
  return /\d/.test(typed) ? Math.round(Number(typed) * 1_000_000) : null;
}

export function amountOf(micros: number | null): string {
  return micros === null ? "" : String(micros / 1_000_000);
}
