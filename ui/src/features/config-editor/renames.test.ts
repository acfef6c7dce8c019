import { describe, expect, it } from "vitest";
import type { ClassRename, Outline, OutlineNode } from "@/ipc/bindings";
import { renamesBetween } from "./renames";
import { replacement } from "./replacement";

function outline(classes: string[], control = "topic"): Outline {
  const node: OutlineNode = {
    depth: 1,
    tag: "Choices",
    kind: "control",
    name: control,
    value: null,
    variable: null,
    to_name: ["text"],
    classes: classes.map((value) => ({ value, alias: null, colour: "#000000", hotkey: null })),
    paths: [],
    multiple: false,
    required: false,
    required_message: null,
    max_rating: null,
    minimum: null,
    maximum: null,
    placeholder: null,
    per_region: false,
    buckets: [],
    visible_when: [],
    needs: null,
    skipped: null,
  };
  return { nodes: [node] };
}

const renamed = (from: string, to: string): ClassRename => ({ control: "topic", from, to });

describe("renames between two configs", () => {
  it("follows one rename after the other", () => {
    const made = [renamed("Bug", "Fault"), renamed("Fault", "Defect")];
    expect(renamesBetween(outline(["Bug", "Praise"]), outline(["Praise", "Defect"]), made)).toEqual([
      renamed("Bug", "Defect"),
    ]);
  });

  it("tells classes apart that took each other's names", () => {
    const made = [renamed("Good", "Tmp"), renamed("Bad", "Good"), renamed("Tmp", "Bad")];
    expect(renamesBetween(outline(["Good", "Bad", "So"]), outline(["Bad", "Good", "So"]), made)).toEqual([
      renamed("Good", "Bad"),
      renamed("Bad", "Good"),
    ]);
  });

  it("follows a class whose name another one has now", () => {
    const made = [renamed("A", "B2"), renamed("B", "A")];
    expect(renamesBetween(outline(["A", "B"]), outline(["B2", "A"]), made)).toEqual([
      renamed("A", "B2"),
      renamed("B", "A"),
    ]);
    expect(renamesBetween(outline(["A"]), outline(["B", "A"]), [renamed("A", "B")])).toEqual([renamed("A", "B")]);
  });

  it("leads no class to a name that another one was given after it went", () => {
    const made = [renamed("A", "C"), renamed("B", "C")];
    expect(renamesBetween(outline(["A", "B"]), outline(["C"]), made)).toEqual([renamed("B", "C")]);
  });

  it("forgets a rename that was taken back", () => {
    expect(renamesBetween(outline(["Bug"]), outline(["Bug"]), [renamed("Bug", "Fault")])).toEqual([]);
  });

  it("takes a new class in the place of another for its new name, beside one that stayed", () => {
    expect(renamesBetween(outline(["A", "B", "C"]), outline(["A", "Bee", "C"]), [])).toEqual([renamed("B", "Bee")]);
    expect(renamesBetween(outline(["A", "B"]), outline(["A", "Bee", "C"]), [])).toEqual([renamed("B", "Bee")]);
    expect(renamesBetween(outline(["A", "B"]), outline(["New", "A"]), [])).toEqual([]);
    expect(renamesBetween(outline(["A", "B"]), outline(["X", "Y"]), [])).toEqual([]);
  });

  it("renames nothing of a control that is gone", () => {
    expect(renamesBetween(outline(["A"]), outline(["B"], "other"), [renamed("A", "B")])).toEqual([]);
  });
});

describe("one change between two texts", () => {
  it("touches only what differs", () => {
    expect(replacement("one two", "one and two")).toEqual({ from: 4, to: 4, insert: "and " });
    expect(replacement("aaa", "aa")).toEqual({ from: 2, to: 3, insert: "" });
    expect(replacement("same", "same")).toBeNull();
  });
});
