import { describe, expect, it } from "vitest";
import type { JsonValue } from "@/ipc/bindings";
import { ranked, shifted } from "./ranking";

const items: JsonValue = [{ id: "a", title: "A", body: "first" }, { id: "b", title: "B" }, "c"];
const ids = (places: ReturnType<typeof ranked>) =>
  places.map(({ bucket, entries }) => [bucket, entries.map(({ id }) => id)]);

describe("a ranking", () => {
  it("begins with the order of the task", () => {
    expect(ids(ranked(items, undefined, ["order"]))).toEqual([["order", ["a", "b", "c"]]]);
    expect(shifted(ranked(items, undefined, ["order"]), "c", -1)).toEqual({ order: ["a", "c", "b"] });
    expect(shifted(ranked(items, undefined, ["order"]), "a", -1)).toEqual({ order: ["a", "b", "c"] });
  });

  it("sorts into buckets, and shows what is in none", () => {
    const places = ranked(items, { good: ["b"] }, ["good", "bad"]);
    expect(ids(places)).toEqual([
      ["good", ["b"]],
      ["bad", []],
      [null, ["a", "c"]],
    ]);
    expect(shifted(places, "c", { bucket: "bad" })).toEqual({ good: ["b"], bad: ["c"] });
    expect(shifted(places, "b", { bucket: "good" })).toEqual({ good: ["b"], bad: [] });
  });

  it("keeps what the task does not have, and buckets that the config does not name", () => {
    const places = ranked(items, { order: ["z", "a"], old: ["b"] }, ["order"]);
    expect(shifted(places, "a", -1)).toEqual({ order: ["a", "z"], old: ["b"] });
  });
});
