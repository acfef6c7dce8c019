import { expect, it } from "vitest";
import { formatPercent } from "@/lib/format";
import { cellWords, csvOf } from "./table";

it("quotes what CSV would take for something else, and keeps every digit of a number", () => {
  const table = {
    columns: [{ title: "Class" }, { title: "Recall, held out", format: formatPercent }],
    rows: [
      ['He said "no"', 0.8713450292397661],
      ["two\nlines", null],
    ],
  };
  expect(csvOf(table)).toBe('Class,"Recall, held out"\r\n"He said ""no""",0.8713450292397661\r\n"two\nlines",\r\n');
});

it("reads numbers in their unit, and says that one is not known", () => {
  const column = { title: "Accuracy", format: formatPercent };
  expect(cellWords(column, 0.871)).toBe("87.1\u202f%");
  expect(cellWords(column, null)).toBe("–");
  expect(cellWords({ title: "Run" }, "v4")).toBe("v4");
});
