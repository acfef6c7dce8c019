/** How a person has the columns of a table: which of them, in which order, how wide. Kept on this machine. */
import { keep, readKept } from "@/lib/kept";

export type Arrangement = {
  /** Ids from left to right. A column that is not among them follows the one that it was made behind. */
  order: readonly string[];
  /** What differs from how columns are shown at first. */
  shown: Readonly<Record<string, boolean>>;
  /** In pixels, of the columns that were given a width. */
  widths: Readonly<Record<string, number>>;
};

/** What is arranged of a column. */
export type Arranged = {
  id: string;
  /** A CSS grid track. */
  width: string;
  /** Not shown until it is chosen. */
  isOptional?: boolean;
};

export const AS_MADE: Arrangement = { order: [], shown: {}, widths: {} };

/** Narrower than that, a head cannot be read or taken hold of. */
export const WIDTH_MIN = 56;

/** Wider than that, a column that is fitted to what it holds would leave no room for others. */
export const FITTED_MAX = 640;

export function isAsMade({ order, shown, widths }: Arrangement): boolean {
  return order.length === 0 && Object.keys(shown).length === 0 && Object.keys(widths).length === 0;
}

export function isShown({ id, isOptional = false }: Arranged, { shown }: Arrangement): boolean {
  return shown[id] ?? !isOptional;
}

/** All columns, those that are not shown too, in their order. */
export function inOrder<Column extends Arranged>(columns: readonly Column[], { order }: Arrangement): Column[] {
  const placed = order.flatMap((id) => columns.find((column) => column.id === id) ?? []);
  for (const [index, column] of columns.entries()) {
    if (placed.includes(column)) continue;
    const before = columns[index - 1];
    placed.splice(before === undefined ? 0 : placed.indexOf(before) + 1, 0, column);
  }
  return placed;
}

/** The columns that are shown, in their order and with their widths. */
export function arranged<Column extends Arranged>(columns: readonly Column[], arrangement: Arrangement): Column[] {
  return inOrder(columns, arrangement)
    .filter((column) => isShown(column, arrangement))
    .map((column) => {
      const width = arrangement.widths[column.id];
      return width === undefined ? column : { ...column, width: `${width}px` };
    });
}

/** Takes a column to a place among all of them; beyond the ends it stays at the end. */
export function moved(columns: readonly Arranged[], arrangement: Arrangement, id: string, to: number): Arrangement {
  const order = inOrder(columns, arrangement).map((column) => column.id);
  const from = order.indexOf(id);
  const place = Math.min(Math.max(0, to), order.length - 1);
  if (from === -1 || from === place) return arrangement;
  order.splice(from, 1);
  order.splice(place, 0, id);
  // Columns that are away for now, such as those of another config, keep their places behind.
  return { ...arrangement, order: [...order, ...arrangement.order.filter((other) => !order.includes(other))] };
}

export function withShown(arrangement: Arrangement, { id, isOptional = false }: Arranged, shown: boolean): Arrangement {
  const { [id]: _, ...others } = arrangement.shown;
  return { ...arrangement, shown: shown === isOptional ? { ...others, [id]: shown } : others };
}

export function withWidths(arrangement: Arrangement, widths: Readonly<Record<string, number>>): Arrangement {
  return { ...arrangement, widths: { ...arrangement.widths, ...widths } };
}

/** The arrangement that was kept; what cannot be read is as if there was none. */
export function readArrangement(key: string): Arrangement {
  return checked(readKept(key));
}

export function keepArrangement(key: string, arrangement: Arrangement): void {
  keep(key, isAsMade(arrangement) ? undefined : arrangement);
}

function checked(kept: unknown): Arrangement {
  if (typeof kept !== "object" || kept === null) return AS_MADE;
  const { order, shown, widths } = kept as Record<string, unknown>;
  return {
    order: Array.isArray(order) ? order.filter((id) => typeof id === "string") : [],
    shown: only(shown, (value) => typeof value === "boolean"),
    widths: only(widths, (value) => typeof value === "number" && value >= WIDTH_MIN && Number.isFinite(value)),
  };
}

function only<Value>(record: unknown, isValue: (value: unknown) => boolean): Record<string, Value> {
  if (typeof record !== "object" || record === null) return {};
  return Object.fromEntries(Object.entries(record).filter(([, value]) => isValue(value)));
}
