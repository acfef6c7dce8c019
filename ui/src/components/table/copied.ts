/** The cells of a row as spreadsheets take them from the clipboard: separated by tabs. */

type Told<Row> = { text?: (row: Row) => string };

export function copied<Row>(columns: readonly Told<Row>[], row: Row): string {
  return columns.flatMap(({ text }) => (text === undefined ? [] : [quoted(text(row))])).join("\t");
}

/** What a tab or a new line would cut in two stands in quotation marks. Source: RFC 4180, with tabs for commas. */
function quoted(text: string): string {
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
