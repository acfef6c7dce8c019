import { expect, it } from "vitest";
import { found } from "./search";

it.each<[query: string, name: string, words: string, expected: boolean]>([
  ["", "Create Prompt", "", true],
  ["crea", "Create Prompt", "", true],
  ["prompt new", "Create Prompt", "new", true],
  ["crpr", "Create Prompt", "", true],
  ["colour", "Dark theme", "colour appearance night", true],
  ["export", "Create Prompt", "new", false],
  ["تصنيف", "تصنيف مراجعات المنتجات", "prompt", true],
])("typing %j means %j (%s): %s", (query, name, words, expected) => {
  expect(found(query, name, words)).toBe(expected);
});
