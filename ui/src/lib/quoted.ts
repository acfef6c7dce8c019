/** A cell in a line of cells: in quotation marks where it would be cut in two. Source: RFC 4180, with any separator. */
export function quoted(text: string, separator: "," | "\t"): string {
  return text.includes(separator) || /["\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
