import { expect, it } from "vitest";
import type { ImportPlan } from "@/ipc/bindings";
import { columnFor, mappingOf, needsMapping, unfilled } from "./columns";

const plan: ImportPlan = {
  config_path: "/c.xml",
  tasks_path: "/t.csv",
  format: "csv",
  suggested_name: "t",
  config: { outline: { nodes: [] }, variables: ["text", "title", "lang"], ineligible: null, config_faults: [] },
  columns: ["Review", "title", "Code"].map((name) => ({ name, sample: "" })),
  preview: [],
  mapping: [{ variable: "text", column: "Review" }],
  unmapped: ["lang"],
  problems: [],
};

it("takes what was chosen before what is suggested before what is named so", () => {
  expect(["text", "title", "lang"].map((variable) => columnFor(plan, {}, variable))).toEqual(["Review", "title", null]);
  expect(columnFor(plan, { text: "Code" }, "text")).toBe("Code");
});

it("tells the import only what has another name, and asks for what nothing fills", () => {
  expect(mappingOf(plan, { lang: "Code" })).toEqual([
    { variable: "text", column: "Review" },
    { variable: "lang", column: "Code" },
  ]);
  expect([unfilled(plan, {}), unfilled(plan, { lang: "Code" })]).toEqual([["lang"], []]);
});

it("asks nothing of a file that has the config's names", () => {
  expect(needsMapping({ ...plan, mapping: [], unmapped: [] })).toBe(false);
  expect(needsMapping(plan)).toBe(true);
});
