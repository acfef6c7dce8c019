/** The cells of a row as spreadsheets take them from the clipboard: separated by tabs. */
import { quoted } from "@/lib/quoted";

type Told<Row> = { text?: (row: Row) => string };

export function copied<Row>(columns: readonly Told<Row>[], row: Row): string {
  return columns.flatMap(({ text }) => (text === undefined ? [] : [quoted(text(row), "\t")])).join("\t");
}
