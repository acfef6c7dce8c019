import { expect, it } from "vitest";
import { terms } from "./terms";

it("says of accuracy and mean score how the interval of each is made: beside the same share they differ", () => {
  expect(terms.accuracy).toContain("by Wilson's formula");
  expect(terms.meanScore).toContain("bootstrap");
});
