import { describe, expect, it } from "vitest";
import type { ProjectDetail } from "@/ipc/bindings";
import { createFake } from "@/ipc/fake";
import { controlsOf, filterText, isWhole, nextSort, queryOf, readTasksSearch, sortDirection } from "./filters";

describe("tasks that an address asks for", () => {
  it("leaves out what is none of ours", () => {
    const filters = [
      { kind: "field_contains", field: "text", text: "late" },
      { kind: "field_contains", field: 7, text: "late" },
      { kind: "ground_truth", has: "yes" },
      { kind: "split", held_out: true },
      { kind: "colour" },
      null,
    ];
    expect(readTasksSearch({ filters, q: 12, sort: { by: { kind: "field" }, descending: true } })).toEqual({
      q: "12",
      filters: [filters[0], filters[3]],
      sort: undefined,
    });
    expect(readTasksSearch({ filters: "all", sort: null })).toEqual({
      q: undefined,
      filters: undefined,
      sort: undefined,
    });
  });

  it("asks for all of them in order where nothing is said", () => {
    expect(isWhole(queryOf({}))).toBe(true);
    expect(queryOf({ q: "late" }).filters).toEqual([{ kind: "any_contains", text: "late" }]);
    expect(isWhole(queryOf({ sort: { by: { kind: "position" }, descending: true } }))).toBe(false);
  });
});

describe("a filter in words", () => {
  it("names the class as the config does", async () => {
    const reply = await createFake().commands.getProject("project-sample");
    const project = reply.status === "ok" ? reply.data : ({} as ProjectDetail);
    const [control] = controlsOf(project);
    const first = control?.values?.[0];
    expect(control === undefined || first === undefined).toBe(false);
    if (control === undefined || first === undefined) return;
    const { name } = control;
    expect(filterText({ kind: "label", control: name, label: first.value }, project)).toBe(`${name} is ${first.label}`);
    expect(filterText({ kind: "label", control: name, label: "Gone" }, project)).toBe(`${name} is Gone`);
  });
});

describe("sorting by the head of a column", () => {
  it("goes up, down and back to the project's order", () => {
    const by = { kind: "field", field: "text" } as const;
    const up = nextSort(undefined, by);
    expect(sortDirection(up, by)).toBe("ascending");
    const down = nextSort(up, by);
    expect(sortDirection(down, by)).toBe("descending");
    expect(nextSort(down, by)).toBeUndefined();
    expect(sortDirection(down, { kind: "field", field: "other" })).toBe("none");
  });

  it("has the project's order ascending to begin with", () => {
    const by = { kind: "position" } as const;
    expect(sortDirection(undefined, by)).toBe("ascending");
    const down = nextSort(undefined, by);
    expect(sortDirection(down, by)).toBe("descending");
    expect(nextSort(down, by)).toBeUndefined();
  });
});
