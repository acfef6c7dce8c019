/** Which rows of a table of any length are selected: disjoint ranges in order, `to` is not among them. */
export type Ranges = readonly { from: number; to: number }[];

export const NO_ROWS: Ranges = [];

export function has(ranges: Ranges, index: number): boolean {
  return ranges.some(({ from, to }) => index >= from && index < to);
}

export function count(ranges: Ranges): number {
  return ranges.reduce((sum, { from, to }) => sum + (to - from), 0);
}

export function withRows(ranges: Ranges, from: number, to: number): Ranges {
  const apart = ranges.filter((range) => range.to < from || range.from > to);
  const met = ranges.filter((range) => !apart.includes(range));
  const joined = {
    from: Math.min(from, ...met.map((range) => range.from)),
    to: Math.max(to, ...met.map((range) => range.to)),
  };
  return [...apart, joined].sort((one, other) => one.from - other.from);
}

export function withoutRows(ranges: Ranges, from: number, to: number): Ranges {
  return ranges
    .flatMap((range) => [
      { from: range.from, to: Math.min(range.to, from) },
      { from: Math.max(range.from, to), to: range.to },
    ])
    .filter((range) => range.from < range.to);
}

export function toggled(ranges: Ranges, index: number): Ranges {
  return (has(ranges, index) ? withoutRows : withRows)(ranges, index, index + 1);
}
