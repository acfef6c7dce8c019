import { expect, test } from "vitest";
import { amountOf, microsOf, typedAmount } from "./amount";

test("what is typed is an amount at every moment", () => {
  expect(typedAmount("$ 2.50")).toBe("2.50");
  expect(typedAmount("1,5")).toBe("1.5");
  expect(typedAmount("1.2.3")).toBe("1.23");
  expect(typedAmount("0.12345678")).toBe("0.123456");
  expect(typedAmount("ten")).toBe("");
  expect([".", "", "0", "0.1", "2.5", "1000000"].map(microsOf)).toEqual([null, null, 0, 100_000, 2_500_000, 1e12]);
  expect([null, 1, 100_000, 2_500_000].map(amountOf)).toEqual(["", "0.000001", "0.1", "2.5"]);
});
