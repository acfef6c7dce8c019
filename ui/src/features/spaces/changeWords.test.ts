import { describe, expect, it } from "vitest";
import type { PromptChange } from "@/ipc/bindings";
import { changeLines } from "./changeWords";

const change: PromptChange = {
  id: "pull-1",
  name: "Tone",
  prompt_id: null,
  is_new: true,
  version_count: 5,
  versions: ["Shorter", "Longer", "Clearer", "Second"].map((message) => ({ message, created_at: "" })),
  labels: [],
  description: null,
  notes: [],
  conflicts: [],
  is_offered: true,
  can_apply: true,
  losses: [],
};

describe("a change of a linked prompt", () => {
  it("names its newest versions and counts the others", () => {
    expect(changeLines(change)).toEqual(["A new prompt with 5 versions: “Shorter”, “Longer”, “Clearer”, 2 more"]);
    const one = { ...change, is_new: false, version_count: 1, versions: change.versions.slice(0, 1) };
    expect(changeLines(one)).toEqual(["1 new version: “Shorter”"]);
  });

  it("says where labels come from and go to", () => {
    const labels = [
      { name: "production", from: "v1", to: "v3" },
      { name: "staging", from: null, to: "v3" },
      { name: "old", from: "v1", to: null },
    ];
    const moves = { ...change, version_count: 0, versions: [], labels, description: "" };
    expect(changeLines(moves)).toEqual([
      "production moves from v1 to v3",
      "staging points to v3",
      "old is removed from v1",
      "The description is removed",
    ]);
  });
});
