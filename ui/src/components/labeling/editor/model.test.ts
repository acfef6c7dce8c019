import { expect, it } from "vitest";
import type { OutlineNode } from "@/ipc/bindings";
import {
  addBox,
  addSpan,
  choose,
  choosePath,
  type Entry,
  type History,
  hotkeys,
  isShown,
  missing,
  pathsOf,
  type Result,
  relabel,
  remove,
  reshape,
  setValue,
  step,
  unshown,
  withoutHidden,
} from "./model";

function control(tag: string, name: string, more: Partial<OutlineNode> = {}): OutlineNode {
  return {
    depth: 1,
    tag,
    kind: "control",
    name,
    value: null,
    variable: null,
    to_name: ["doc"],
    classes: [],
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
    ...more,
  };
}

const option = (value: string, hotkey: string | null = null, alias: string | null = null) => ({
  value,
  alias,
  colour: "#FFA39E",
  hotkey,
});
const topic = control("Choices", "topic", { classes: [option("Bug"), option("Praise", null, "good")] });
const tags = control("Choices", "tags", { classes: [option("A"), option("B")], multiple: true });
const names = control("Labels", "names", { classes: [option("Person"), option("Place")] });
const values = (result: Result) => result.map(({ value }) => value);

it("chooses one, another, and none", () => {
  const one = choose([], topic, "Bug");
  expect(one).toMatchObject([{ from_name: "topic", to_name: "doc", type: "choices", value: { choices: ["Bug"] } }]);
  expect(one[0]?.id).toMatch(/^[\w-]{10}$/);
  const other = choose(one, topic, "good");
  expect(values(other)).toEqual([{ choices: ["good"] }]);
  expect(other[0]?.id, "the region stays the same one").toBe(one[0]?.id);
  expect(choose(other, topic, "good")).toEqual([]);
  expect(choose(other, topic, "good", true), "a key that is pressed again takes nothing back").toBe(other);
  expect(choose(other, { ...topic, required: true }, "good"), "what must be answered stays answered").toBe(other);
});

it("keeps several choices in the config's order, and those that the config does not know", () => {
  const known = choose(choose([], tags, "B"), tags, "A");
  expect(values(known)).toEqual([{ choices: ["A", "B"] }]);
  const stored: Entry = { id: "x", from_name: "tags", value: { choices: ["Old"], time: 3 } };
  expect(values(choose([stored], tags, "B"))).toEqual([{ choices: ["B", "Old"], time: 3 }]);
});

it("marks, relabels and removes spans, and what relates to them", () => {
  const place = { start: 2, end: 5, text: "Ada" };
  const marked = addSpan([], names, "Person", place);
  expect(values(marked)).toEqual([{ ...place, labels: ["Person"] }]);
  expect(addSpan(marked, names, "Person", place)).toBe(marked);
  expect(addSpan(marked, names, "Place", { ...place, end: 2 }), "nothing is marked by nothing").toBe(marked);
  const id = String(marked[0]?.id);
  expect(values(relabel(marked, id, "Place"))).toEqual([{ ...place, labels: ["Place"] }]);
  const related: Result = [...marked, { type: "relation", from_id: id, to_id: "other", direction: "right" }];
  expect(remove(related, id)).toEqual([]);
});

it("chooses paths of a taxonomy", () => {
  const kinds = control("Taxonomy", "kinds");
  const two = choosePath(choosePath([], kinds, ["A", "B"]), kinds, ["C"]);
  expect(pathsOf(two, kinds)).toEqual([["A", "B"], ["C"]]);
  expect(pathsOf(choosePath(two, kinds, ["A", "B"]), kinds)).toEqual([["C"]]);
});

it("leaves alone what it cannot show", () => {
  const box: Entry = { id: "b", from_name: "box", type: "brushlabels", value: { x: 1 } };
  const relation: Entry = { type: "relation", from_id: "b", to_id: "b" };
  const nodes = [topic, control("BrushLabels", "box")];
  const edited = choose([box, relation], topic, "Bug");
  expect(unshown(edited, nodes)).toEqual([box, relation]);
  expect(setValue(edited, topic, null)).toEqual([box, relation]);
});

it("marks a part of a picture as Label Studio does, and moves and names it anew", () => {
  const boxes = control("RectangleLabels", "box", { to_name: ["image"] });
  const shape = { x: 1, y: 2, width: 3, height: 4, rotation: 0 };
  const on = { object: "image", item: 0, width: 640, height: 480 };
  const one = addBox([], boxes, "b1", "Car", shape, on);
  expect(one).toEqual([
    {
      id: "b1",
      from_name: "box",
      to_name: "image",
      type: "rectanglelabels",
      original_width: 640,
      original_height: 480,
      image_rotation: 0,
      value: { ...shape, rectanglelabels: ["Car"] },
    },
  ]);
  const other = relabel(reshape(one, "b1", { ...shape, x: 9 }), "b1", "Person");
  expect(other[0]?.value).toEqual({ ...shape, x: 9, rectanglelabels: ["Person"] });
  expect(addBox([], boxes, "b1", "Car", shape, { ...on, item: 2, width: null })[0]).toMatchObject({ item_index: 2 });
});

it("leaves what is asked about each region to Label Studio", () => {
  const stars = control("Rating", "stars", { per_region: true });
  const rating: Entry = { id: "r", from_name: "stars", type: "rating", value: { rating: 3 } };
  expect(unshown([rating], [stars])).toEqual([rating]);
  expect(missing([], [{ ...stars, required: true }])).toEqual([]);
});

it("names required controls that have no answer", () => {
  const nodes = [control("Rating", "stars", { required: true }), { ...topic, required: true }, tags];
  expect(missing(choose([], topic, "Bug"), nodes).map(({ name }) => name)).toEqual(["stars"]);
});

it("gives each class its own key, else the next free one", () => {
  const nodes = [control("Choices", "a", { classes: [option("X"), option("Y", "1"), option("Z", "1")] }), names];
  expect(hotkeys(nodes).map(({ key, option: { value } }) => `${key} ${value}`)).toEqual([
    "2 X",
    "1 Y",
    "3 Z",
    "4 Person",
    "5 Place",
  ]);
});

it("takes edits back and does them again", () => {
  const edits = [choose([], topic, "Bug"), choose([], topic, "good")];
  let history: History = { past: [], present: [], future: [], mark: null };
  for (const result of edits) history = step(history, { kind: "edit", result });
  history = step(history, { kind: "undo" });
  expect(history.present).toBe(edits[0]);
  expect(step(history, { kind: "redo" }).present).toBe(edits[1]);
  history = step(history, { kind: "edit", result: [] });
  expect(step(history, { kind: "redo" }), "an edit forgets what was taken back").toBe(history);
  expect(step(step(step(history, { kind: "undo" }), { kind: "undo" }), { kind: "undo" }).present).toEqual([]);
});

it("takes what is typed into one field back at once", () => {
  let history: History = { past: [], present: [], future: [], mark: null };
  for (const text of ["a", "ab"]) {
    history = step(history, { kind: "edit", result: setValue(history.present, tags, { text: [text] }), mark: "tags" });
  }
  expect(step(history, { kind: "undo" }).present).toEqual([]);
});

it("keeps what a custom interface gives back as the object that it is", () => {
  const app = control("ReactCode", "app", { to_name: ["app"] });
  const set = setValue([], app, { reactcode: { mood: "good" } });
  expect(set[0]).toMatchObject({ to_name: "app", type: "reactcode", value: { reactcode: { mood: "good" } } });
  expect(setValue(set, app, { reactcode: { mood: "bad" } })[0]?.value).toEqual({ reactcode: { mood: "bad" } });
});

it("marks no places where they are counted in another way", () => {
  const spans = control("Labels", "spans", { skipped: "it marks spans in a HyperText, a prompt only can in a Text" });
  const mark: Entry = {
    id: "m",
    from_name: "spans",
    type: "labels",
    value: { start: "/p[1]/text()[1]", labels: ["A"] },
  };
  expect(unshown([mark], [spans])).toEqual([mark]);
});

it("shows what a choice asks for, and leaves out what it hides", () => {
  const severity = control("Rating", "severity", {
    required: true,
    visible_when: [{ kind: "choice_selected", control: "topic", values: ["Bug"] }],
  });
  const thanks = control("TextArea", "thanks", {
    visible_when: [{ kind: "choice_unselected", control: "topic", values: ["Bug"] }],
  });
  const nodes = [topic, severity, thanks];
  const bug = choose([], topic, "Bug");
  const praise = choose([], topic, "good");
  const shown = (result: Result) => nodes.filter((node) => isShown(node, nodes, result, null)).map(({ name }) => name);
  expect([shown([]), shown(bug), shown(praise)]).toEqual([
    ["topic", "thanks"],
    ["topic", "severity"],
    ["topic", "thanks"],
  ]);
  expect([missing(bug, nodes), missing(praise, nodes)]).toEqual([[severity], []]);
  const rated = setValue(praise, severity, { rating: 3 });
  expect(withoutHidden(rated, nodes)).toEqual(praise);
  expect(withoutHidden(bug, nodes), "nothing is hidden that has an answer").toBe(bug);
});

it("shows what belongs to a mark while it is selected", () => {
  const about = control("Choices", "about", {
    visible_when: [{ kind: "region_selected", control: "names", values: ["Person"] }],
  });
  const nodes = [names, about];
  const person = addSpan([], names, "Person", { start: 0, end: 2, text: "An" });
  const both = addSpan(person, names, "Place", { start: 3, end: 5, text: "Ulm" });
  const [first, second] = both.map(({ id }) => String(id));
  const isAbout = (active: string | null | undefined) => isShown(about, nodes, both, active ?? null);
  expect([isAbout(null), isAbout(first), isAbout(second)]).toEqual([false, true, false]);
  expect(withoutHidden(setValue(both, about, { choices: ["x"] }), nodes), "a mark hides only for now").toHaveLength(3);
});
