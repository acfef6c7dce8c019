import { expect, it } from "vitest";
import { copied } from "./copied";

type Row = { id: number; said: string };
const columns = [{ text: (row: Row) => String(row.id) }, {}, { text: (row: Row) => row.said }];

it.each([
  ["plain", "7\tplain"],
  ["two\tcells", '7\t"two\tcells"'],
  ["two\nlines", '7\t"two\nlines"'],
  ['a "word"', '7\t"a ""word"""'],
  ["", "7\t"],
])("copies %j so that it stays one cell", (said, text) => {
  expect(copied(columns, { id: 7, said })).toBe(text);
});
