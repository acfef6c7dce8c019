/** What a chart shows, as a table: to be read in its place, and copied as CSV. */
import { quoted } from "@/lib/quoted";

export type ChartColumn = {
  title: string;
  /** Words for a number of this column; its cells stand at the end then. */
  format?: (value: number) => string;
};

export type ChartCell = string | number | null;

export type ChartTable = { columns: readonly ChartColumn[]; rows: readonly (readonly ChartCell[])[] };

/** A cell as people read it; what is not known is a dash. */
export function cellWords(column: ChartColumn, cell: ChartCell): string {
  if (cell === null) return "–";
  return typeof cell === "number" && column.format !== undefined ? column.format(cell) : String(cell);
}

/** As RFC 4180 has it. Numbers keep all their digits, with a point, in every locale. */
export function csvOf({ columns, rows }: ChartTable): string {
  const lines = [columns.map(({ title }) => title), ...rows];
  const cellOf = (cell: ChartCell) => quoted(cell === null ? "" : String(cell), ",");
  return lines.map((line) => `${line.map(cellOf).join(",")}\r\n`).join("");
}
