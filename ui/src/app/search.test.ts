import { expect, it } from "vitest";
import { found } from "./search";

const item = (label: string, words = "") => ({ label, words });
const groups = [
  {
    label: "Create",
    items: [
      item("Project from Label Studio", "import server"),
      item("Import project", "upload"),
      item("Create Prompt", "new"),
    ],
  },
  {
    label: "Projects",
    items: [item("A dashboard of rooms, kept in order", "project"), item("تصنيف مراجعات المنتجات", "project")],
  },
  { label: "Window", items: [item("Dark theme", "colour appearance night"), item("Zoom in", "larger")] },
];
const labels = (query: string) => found(query, groups).flatMap(({ items }) => items.map(({ label }) => label));

it.each<[query: string, first: string]>([
  ["import", "Import project"],
  ["dark", "Dark theme"],
  ["crea", "Create Prompt"],
  ["prompt new", "Create Prompt"],
  ["server", "Project from Label Studio"],
  ["zoom in", "Zoom in"],
  ["colour", "Dark theme"],
  ["تصنيف", "تصنيف مراجعات المنتجات"],
])("typing %j means %j first", (query, first) => {
  expect(labels(query)[0]).toBe(first);
});

it("goes by first letters only where nothing is meant by words, and by scattered ones never", () => {
  expect(labels("cp")).toEqual(["Create Prompt"]);
  expect(labels("dark"), "“A dashboard of rooms, kept” has these letters").toEqual(["Dark theme"]);
  expect(labels("darkp")).toEqual([]);
  expect(labels("prompt larger"), "every word is looked for").toEqual([]);
  expect(labels("export")).toEqual([]);
});

it("lists all in their order while nothing is typed", () => {
  expect(labels("  ")).toEqual(groups.flatMap(({ items }) => items.map(({ label }) => label)));
});
