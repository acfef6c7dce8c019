import { expect, it } from "vitest";
import { isDateTime } from "./Fields";

it("knows a day that there is from one that there is not", () => {
  for (const text of ["2026-11-25", "2026-11-25T10:30", "2026-11-25 10:30:59", "2024-02-29", "2026-11-25T10:30:00Z"]) {
    expect(isDateTime(text), text).toBe(true);
  }
  for (const text of [
    "31/02/2026",
    "2026-02-31",
    "2025-02-29",
    "2026-11-25T24:00",
    "2026-11-25T10",
    "25.11.2026",
    "",
  ]) {
    expect(isDateTime(text), text).toBe(false);
  }
});
