/**
 * Numbers, times and amounts as people read them. The locale comes from Rust (`AppInfo.locale`): the webview's own default
 * can be the invalid tag `"C"`.
 */
let locale = "en-US";

/** Making one takes longer than a row of a table may take to be drawn, and up to some hundred kB. */
const formats = new Map<string | number, unknown>();

/** The format of this key, made when it is first asked for in the locale of now. */
function kept<Format>(key: string | number, make: () => Format): Format {
  const known = formats.get(key) as Format | undefined;
  if (known !== undefined) return known;
  const format = make();
  formats.set(key, format);
  return format;
}

export function setLocale(tag: string): void {
  try {
    locale = Intl.getCanonicalLocales(tag)[0] ?? "en-US";
  } catch {
    locale = "en-US";
  }
  formats.clear();
}

function digits(value: number, maximumFractionDigits: number, minimumFractionDigits = 0): string {
  const make = () => new Intl.NumberFormat(locale, { maximumFractionDigits, minimumFractionDigits });
  // A number, and no text made for each cell of a table.
  return kept(100 * minimumFractionDigits + maximumFractionDigits, make)
    .format(value)
    .replace("-", "\u2212");
}

function dollars(usd: number, maximumFractionDigits: number): string {
  const options = { style: "currency", currency: "USD", minimumFractionDigits: 2 } as const;
  const make = () => new Intl.NumberFormat(locale, { ...options, maximumFractionDigits });
  return kept(`dollars ${maximumFractionDigits}`, make).format(usd);
}

const DATES = {
  moment: { dateStyle: "medium", timeStyle: "short" },
  day: { dateStyle: "medium", timeZone: "UTC" },
  dayOfThisYear: { day: "numeric", month: "short" },
  dayOfAnyYear: { day: "numeric", month: "short", year: "numeric" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

function date(moment: Date, style: keyof typeof DATES): string {
  return kept(style, () => new Intl.DateTimeFormat(locale, DATES[style])).format(moment);
}

/** 12,345 */
export function formatNumber(value: number): string {
  return digits(value, 2);
}

/** "1 task", "12,345 tasks" */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/**
 * `share` in 0..1 as "87.0 %": all to the same digit, so that they can be compared. Whole ones, "87 %", are for a glance where
 * an interval would be wider than the digit: the score of one answer, a tick, the cell of a matrix.
 */
export function formatPercent(share: number, fractionDigits: 0 | 1 = 1): string {
  return `${digits(share * 100, fractionDigits, fractionDigits)}${PERCENT}`;
}

/** The space before the sign breaks no line. */
const PERCENT = "\u202f%";

/** "87.1 % (83.5–90.0)": a share with its interval. */
export function formatShare({ value, ...of }: { value: number; low: number; high: number }): string {
  return `${formatPercent(value)} ${formatBounds(of)}`;
}

/** "(83.5–90.0)": an interval is always written so, behind its share or below it. */
export function formatBounds({ low, high }: { low: number; high: number }): string {
  return `(${digits(low * 100, 1, 1)}\u2013${digits(high * 100, 1, 1)})`;
}

/** "(83.5–90.0), 359 of 412 correct": what belongs beside an accuracy. */
export function accuracyWords({ correct, scored, ...of }: Scored): string {
  return `${formatBounds(of)}, ${countWords(correct, scored)}`;
}

function countWords(correct: number, scored: number): string {
  return `${formatNumber(correct)} of ${formatNumber(scored)} correct`;
}

type Scored = { correct: number; scored: number; low: number; high: number };

/** A coefficient between -1 and 1: "0.81". */
export function formatCoefficient(value: number): string {
  return digits(value, 2, 2);
}

/** A difference of two shares in points, with its sign: "+3.2", "\u22121.5", "0.0". */
export function formatPoints(difference: number): string {
  // What rounds to nothing has no sign.
  const points = Math.round(difference * 1000) / 10;
  const sign = points > 0 ? "+" : points < 0 ? "\u2212" : "";
  return `${sign}${digits(Math.abs(points), 1, 1)}`;
}

/** The same without a plus: "3.2", "\u22121.5". */
export function formatPointsPlain(difference: number): string {
  return formatPoints(difference).replace("+", "");
}

/** "(\u22121.4 to 3.4)", the interval around a difference: a dash between would look like another minus. */
export function formatPointsBounds({ low, high }: { low: number; high: number }): string {
  return `(${formatPointsPlain(low)} to ${formatPointsPlain(high)})`;
}

/**
 * What so few tasks cannot say: "15 of 18 correct is 83.3 % (60.8–94.2): the true value could be anywhere in between."
 * Nothing where the interval is narrow enough to go by.
 */
export function smallSampleWords({ correct, scored, ...of }: Scored & { value: number }): string | undefined {
  if (of.high - of.low <= TELLING_WIDTH) return undefined;
  return `${countWords(correct, scored)} is ${formatShare(of)}: the true value could be anywhere in between.`;
}

/** An interval wider than this leaves open whether a prompt is any good. */
const TELLING_WIDTH = 0.2;

/** An amount in US dollars; `null` is unknown, which is never the same as nothing. */
export function formatCost(usd: number | null): string {
  if (usd === null) return "price unknown";
  return dollars(usd, costDigits(Math.abs(usd)));
}

/** Cents; less than one to the millionth of a dollar, and what is hardly that much by two digits: it is not nothing. */
function costDigits(usd: number): number {
  if (usd === 0 || usd >= 0.01) return 2;
  return usd >= 0.00001 ? 6 : Math.min(12, Math.ceil(-Math.log10(usd)) + 1);
}

/** A price of a million tokens, given in millionths of a dollar: "$2.50", "$0.075". */
export function formatPrice(micros: number): string {
  return dollars(micros / 1_000_000, 4);
}

/** How much a model takes in: "8k", "922k", "1.05M" tokens. */
export function formatTokens(tokens: number): string {
  return tokens < 1_000_000 ? `${digits(tokens / 1000, 0)}k` : `${digits(tokens / 1_000_000, 2)}M`;
}

/** How long an answer took: as a duration, and "< 1 ms" where it was too fast to be measured. */
export function formatLatency(ms: number): string {
  return (Math.round(ms) < 1 ? "< 1 ms" : formatDuration(ms)).replaceAll(" ", "\u00a0");
}

/** "850 ms", "1.9 s", "4 min 12 s", "1 h 5 min" */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${digits(ms, 0)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${digits(seconds, 1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    const rest = Math.floor(seconds % 60);
    return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
  }
  const rest = minutes % 60;
  const hours = digits(Math.floor(minutes / 60), 0);
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** A wait to come, rounded so that it does not flicker: "a few seconds", "about 40 s", "about 4 min". */
export function formatEta(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 5) return "a few seconds";
  if (seconds < 90) return `about ${Math.round(seconds / 5) * 5} s`;
  if (seconds < 90 * 60) return `about ${Math.round(seconds / 60)} min`;
  return `about ${Math.round(seconds / 3600)} h`;
}

/** "12.4 MB" */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${digits(value, unit === 0 ? 0 : 1)} ${units[unit]}`;
}

/** Words from Rust as a sentence of its own: "it has no data" becomes "It has no data." They may begin with `name`. */
export function sentence(words: string, name?: string | null): string {
  // Only what is plainly a word: a name such as "qwen3:8b" keeps its spelling, and "ghost" if it is known for one.
  const isName = name != null && name !== "" && words.startsWith(name);
  const begun = !isName && /^[a-z]+[\s,;]/.test(words) ? words.charAt(0).toUpperCase() + words.slice(1) : words;
  // What is quoted last may have an end of its own.
  return /[\p{L}\p{N}]$|[^.!?…][”"'`)\]]$/u.test(begun) ? `${begun}.` : begun;
}

/** "22 Nov 2026, 03:42" in the style of the locale. */
export function formatDateTime(iso: string): string {
  return date(new Date(iso), "moment");
}

/** A day such as "2026-12-11" in the style of the locale: "11 Dec 2026". */
export function formatDay(day: string): string {
  return date(new Date(day), "day");
}

/** The day of a moment, without the year if it is that of `now`: "3 Nov". */
export function formatDayOf(iso: string, now: Date): string {
  const moment = new Date(iso);
  return date(moment, moment.getFullYear() === now.getFullYear() ? "dayOfThisYear" : "dayOfAnyYear");
}

const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "just now", "5 minutes ago", "yesterday", as seen at `now`. */
export function formatRelativeTime(iso: string, now: Date): string {
  const seconds = (new Date(iso).getTime() - now.getTime()) / 1000;
  const step = STEPS.find(([, length]) => Math.abs(seconds) >= length);
  if (step === undefined) return "just now";
  const [unit, length] = step;
  const format = kept("time to now", () => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  return format.format(Math.trunc(seconds / length), unit);
}
