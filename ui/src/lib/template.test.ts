import { describe, expect, it } from "vitest";
import type { VariableFormat } from "@/ipc/bindings";
import cases from "../../../tests/fixtures/templates.json";
import { escapesOf, literalsOf, nearestName, rootOf, variablesOf } from "./template";

describe("template", () => {
  it.each(cases)("finds the variables of $template as Rust does", ({ template, variables, format = "F_STRING" }) => {
    expect(variablesOf(template, format as VariableFormat).map((variable) => variable.path)).toEqual(variables);
  });

  it("marks braces that are no variables", () => {
    const marked = (template: string, format: VariableFormat) =>
      literalsOf(template, format).map(({ from, to }) => template.slice(from, to));
    expect(marked('{a} {{b}} {"c": 1} {4} {d e} }', "F_STRING")).toEqual(['{"c": 1}', "{4}", "}"]);
    expect(marked("{{a}} {{}} {b}", "MUSTACHE")).toEqual(["{{}}"]);
    expect(marked("{a} {b c}", "NONE")).toEqual([]);
  });

  it("gives offsets that quote the variable with its braces", () => {
    const template = "🙂 { name } {{x}}";
    const [variable] = variablesOf(template, "F_STRING");
    expect(template.slice(variable?.from, variable?.to)).toBe("{ name }");
    expect(escapesOf(template, "F_STRING")).toEqual([
      { from: 12, to: 14 },
      { from: 15, to: 17 },
    ]);
  });

  it("has no variables in the verbatim format", () => {
    expect(variablesOf("{name}", "NONE")).toEqual([]);
  });

  it("knows the key that a path needs", () => {
    expect(["user.name", "items[0]", "text"].map(rootOf)).toEqual(["user", "items", "text"]);
  });

  it("suggests a near name and no far one", () => {
    expect(nearestName("txt", ["text", "title"])).toBe("text");
    expect(nearestName("colour", ["text", "title"])).toBeNull();
  });
});
