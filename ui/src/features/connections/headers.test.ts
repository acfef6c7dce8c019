import { expect, it } from "vitest";
import { headersOf, rowsOf } from "./HeadersInput";
import { editOf } from "./providers";

it("leaves a stored value where it is unless another is typed, and empty rows out", () => {
  const rows = [
    ...rowsOf(["x-team", "x-room"]).map((row) => (row.name === "x-room" ? { ...row, value: "4" } : row)),
    { id: 2, name: "x-new", value: "", stored: false },
    { id: 3, name: " ", value: "", stored: false },
  ];
  expect(headersOf(rows)).toEqual([
    { name: "x-team", value: null },
    { name: "x-room", value: "4" },
    { name: "x-new", value: "" },
  ]);
});

it("sends a limit as a number, and none as zero", () => {
  expect(editOf({ concurrency: "8", proxy: "" })).toEqual({ concurrency: 8, proxy: "" });
  expect(editOf({ concurrency: "" })).toEqual({ concurrency: 0 });
  expect(editOf({ name: "n" })).toEqual({ name: "n" });
});
