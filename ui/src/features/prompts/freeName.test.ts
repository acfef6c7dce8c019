import { expect, it } from "vitest";
import { freeName } from "./freeName";

it("counts on from names that are taken too", () => {
  expect(freeName("Tone", ["Tone"])).toBe("Tone 2");
  expect(freeName("Tone", ["Tone", "Tone 2", "Tone 3"])).toBe("Tone 4");
});
