/**
 * What an annotation becomes by each edit: pure functions from regions to regions, in the form that Label Studio writes.
 * Regions that no edit here is about (other controls, relations) pass through as they are.
 */
import type { JsonValue, OutlineClass, OutlineNode, VisibleWhen } from "@/ipc/bindings";
import type { BoxShape } from "../boxes";
import { labelOf } from "../regions";

export type RegionValue = { [key in string]: JsonValue };
/** A region or a relation, as loosely typed as a file may hold it. */
export type Entry = { [key in string]: JsonValue };
export type Result = readonly Entry[];

/** Controls that can be filled here, by tag in lower case. */
const EDITABLE = new Set([
  "choices",
  "labels",
  "rectanglelabels",
  "textarea",
  "rating",
  "number",
  "pairwise",
  "taxonomy",
  "ranker",
  "datetime",
  "reactcode",
]);

export function isEditable(node: OutlineNode): boolean {
  // What is asked about each region belongs to that region, which only Label Studio asks about.
  if (node.kind !== "control" || node.per_region || !EDITABLE.has(node.tag.toLowerCase())) return false;
  // Places in a HyperText or on a page of a PDF are counted in ways of their own.
  return !marksPlaces(node) || node.skipped === null;
}

/** Its classes are given to places: spans of a text, or boxes on a picture. */
export function marksPlaces(node: OutlineNode): boolean {
  return ["labels", "rectanglelabels"].includes(node.tag.toLowerCase());
}

export function entriesOf(result: Result, node: OutlineNode): Entry[] {
  return result.filter((entry) => entry.from_name === node.name);
}

/** The entries that no editable control of the config shows: they are kept as they are. */
export function unshown(result: Result, nodes: readonly OutlineNode[]): Entry[] {
  const shown = new Set(nodes.filter(isEditable).map(({ name }) => name));
  return result.filter(({ from_name }) => typeof from_name !== "string" || !shown.has(from_name));
}

export function contentOf(entry: Entry | undefined): RegionValue {
  const value = entry?.value;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

/** The texts under `key` of the control's only region. */
export function listOf(result: Result, node: OutlineNode, key: string): string[] {
  const list = contentOf(entriesOf(result, node)[0])[key];
  const texts = Array.isArray(list) ? list : list === undefined || list === null ? [] : [list];
  return texts.filter((text) => typeof text === "string");
}

export function newId(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => alphabet[byte % 64]).join("");
}

function entry(node: OutlineNode, value: RegionValue): Entry {
  // A comparison is about both of its objects; Label Studio's own answers name the control itself.
  const target = node.tag.toLowerCase() === "pairwise" ? node.name : (node.to_name[0] ?? node.name);
  return { id: newId(), from_name: node.name, to_name: target, type: node.tag.toLowerCase(), value };
}

/** Gives a control that has one region this value, or none. */
export function setValue(result: Result, node: OutlineNode, value: RegionValue | null): Result {
  const [first, ...more] = entriesOf(result, node);
  if (value === null) return result.filter(({ from_name }) => from_name !== node.name);
  if (first === undefined) return [...result, entry(node, value)];
  return result
    .filter((one) => !more.includes(one))
    .map((one) => (one === first ? { ...first, value: { ...keepsOf(first), ...value } } : one));
}

/** Members of a value that say nothing of what was chosen, such as times that another program wrote. */
function keepsOf(one: Entry): RegionValue {
  const { choices, text, rating, number, selected, taxonomy, ranker, datetime, reactcode, ...rest } = contentOf(one);
  return rest;
}

/**
 * Chooses a class, or takes the choice back. Of a single choice the other goes, and it is taken back neither `byKey`, which is
 * pressed again in passing, nor where an answer is required.
 */
export function choose(result: Result, node: OutlineNode, label: string, byKey = false): Result {
  const chosen = listOf(result, node, "choices");
  const stays = !node.multiple && (byKey || node.required);
  if (stays && chosen.length === 1 && chosen[0] === label) return result;
  const without = chosen.filter((one) => one !== label);
  const next = without.length < chosen.length && !stays ? without : node.multiple ? [...chosen, label] : [label];
  const ordered = node.classes.map(labelOf).filter((one) => next.includes(one));
  return setValue(result, node, next.length === 0 ? null : { choices: [...new Set([...ordered, ...next])] });
}

export function pathsOf(result: Result, node: OutlineNode): string[][] {
  const paths = contentOf(entriesOf(result, node)[0]).taxonomy;
  if (!Array.isArray(paths)) return [];
  return paths.flatMap((path) => (Array.isArray(path) ? [path.filter((step) => typeof step === "string")] : []));
}

export function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index]);
}

export function choosePath(result: Result, node: OutlineNode, path: readonly string[]): Result {
  const chosen = pathsOf(result, node);
  const without = chosen.filter((one) => !samePath(one, path));
  const next = without.length < chosen.length ? without : [...chosen, [...path]];
  return setValue(result, node, next.length === 0 ? null : { taxonomy: next });
}

/** Marks code points `start` to `end` of the control's text with a label. Marking the same again changes nothing. */
export function addSpan(result: Result, node: OutlineNode, label: string, place: Place): Result {
  const same = entriesOf(result, node).some((one) => {
    const value = contentOf(one);
    return value.start === place.start && value.end === place.end && listed(value.labels).includes(label);
  });
  if (same || place.end <= place.start) return result;
  return [...result, entry(node, { ...place, labels: [label] })];
}

export type Place = { start: number; end: number; text: string };

function listed(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** The picture that a box is on. */
export type Canvas = {
  object: string;
  /** Its place among several. */
  item: number;
  /** Pixels; unknown where the picture cannot be read. */
  width: number | null;
  height: number | null;
};

/** Marks a part of a picture with a label. */
export function addBox(
  result: Result,
  node: OutlineNode,
  id: string,
  label: string,
  shape: BoxShape,
  on: Canvas,
): Result {
  const box: Entry = {
    id,
    from_name: node.name,
    to_name: on.object,
    type: "rectanglelabels",
    ...(on.width === null || on.height === null ? {} : { original_width: on.width, original_height: on.height }),
    image_rotation: 0,
    ...(on.item === 0 ? {} : { item_index: on.item }),
    value: { ...shape, rectanglelabels: [label] },
  };
  return [...result, box];
}

/** Gives a box another place. */
export function reshape(result: Result, id: string, shape: BoxShape): Result {
  return result.map((one) => (one.id === id ? { ...one, value: { ...contentOf(one), ...shape } } : one));
}

/** Gives a mark another label. */
export function relabel(result: Result, id: string, label: string): Result {
  return result.map((one) =>
    one.id === id ? { ...one, value: { ...contentOf(one), [String(one.type ?? "labels")]: [label] } } : one,
  );
}

/** Removes a region, and relations that name it. */
export function remove(result: Result, id: string): Result {
  return result.filter((one) => one.id !== id && one.from_id !== id && one.to_id !== id);
}

/** Required controls that are shown and have no answer, in the config's order. */
export function missing(result: Result, nodes: readonly OutlineNode[]): OutlineNode[] {
  return nodes.filter(
    (node) =>
      node.required && isEditable(node) && isShown(node, nodes, result, null) && entriesOf(result, node).length === 0,
  );
}

/** Whether what an element's conditions (`visibleWhen`) name holds; `active` is the mark that is selected. */
export function isShown(
  node: OutlineNode,
  nodes: readonly OutlineNode[],
  result: Result,
  active: string | null,
): boolean {
  const isMeant = ({ values }: VisibleWhen, labels: readonly string[]) =>
    values.length === 0 ? labels.length > 0 : labels.some((label) => values.includes(label));
  return node.visible_when.every((condition) => {
    const ofControl = (entry: Entry) => condition.control === null || entry.from_name === condition.control;
    const choices = nodes.filter(
      ({ tag, name }) => tag.toLowerCase() === "choices" && (condition.control === null || name === condition.control),
    );
    const chosen = choices.flatMap((control) => listOf(result, control, "choices"));
    const selected = result.filter((entry) => entry.id === active && active !== null && ofControl(entry));
    const labels = selected.flatMap((entry) => listed(contentOf(entry)[String(entry.type)]).map(String));
    const holds = {
      choice_selected: isMeant(condition, chosen),
      choice_unselected: !isMeant(condition, chosen),
      region_selected: isMeant(condition, labels),
      no_region_selected: !isMeant(condition, labels),
    };
    return holds[condition.kind];
  });
}

/** Without the answers of controls that a choice hides, which Label Studio does not submit either. */
export function withoutHidden(result: Result, nodes: readonly OutlineNode[]): Result {
  const byChoice = ({ kind }: VisibleWhen) => kind === "choice_selected" || kind === "choice_unselected";
  const hidden = nodes.filter(
    (node) =>
      node.kind === "control" &&
      !isShown({ ...node, visible_when: node.visible_when.filter(byChoice) }, nodes, result, null),
  );
  const names = new Set(hidden.map(({ name }) => name));
  const left = result.filter(({ from_name }) => typeof from_name !== "string" || !names.has(from_name));
  return left.length === result.length ? result : left;
}

/** When something is shown, in words: "shown when “kind” is Bug". */
export function conditionWords({ kind, control, values }: VisibleWhen): string {
  const which = control === null ? "" : ` of “${control}”`;
  const what = values.length === 0 ? "" : ` ${values.join(" or ")}`;
  switch (kind) {
    case "choice_selected":
      return `shown when${what === "" ? " a choice" : what}${which} is chosen`;
    case "choice_unselected":
      return `shown while${what === "" ? " no choice" : what}${which} is${what === "" ? "" : " not"} chosen`;
    case "region_selected":
      return `shown while a mark${what}${which} is selected`;
    case "no_region_selected":
      return `shown while no mark${what}${which} is selected`;
  }
}

/** The keys 1–9, 0 and then letters that no config names. */
const KEYS = "1234567890qwertyuiopasdfghlzxcvbnm";

export type Hotkey = { key: string; node: OutlineNode; option: OutlineClass };

/** A key for each class of choices and of labels: its own, else the next that is free, in the config's order. */
export function hotkeys(nodes: readonly OutlineNode[]): Hotkey[] {
  const options = nodes
    .filter((node) => isEditable(node) && (node.tag.toLowerCase() === "choices" || marksPlaces(node)))
    .flatMap((node) => node.classes.map((option) => ({ node, option, own: option.hotkey?.toLowerCase() ?? null })));
  const taken = new Set(options.flatMap(({ own }) => (own === null ? [] : [own])));
  const free = Array.from(KEYS).filter((key) => !taken.has(key));
  const used = new Set<string>();
  return options.flatMap(({ node, option, own }) => {
    const key = own !== null && !used.has(own) ? own : free.shift();
    if (key === undefined) return [];
    used.add(key);
    return [{ key, node, option }];
  });
}

/** Edits of one annotation, each of which can be taken back. */
export type History = {
  past: readonly Result[];
  present: Result;
  future: readonly Result[];
  /** What the last edit was part of: the next one with the same mark is taken back together with it. */
  mark: string | null;
};

export type Step =
  | { kind: "edit"; result: Result; mark?: string }
  | { kind: "undo" }
  | { kind: "redo" }
  | { kind: "load"; result: Result };

export function step(history: History, action: Step): History {
  const { past, present, future } = history;
  switch (action.kind) {
    case "load":
      return { past: [], present: action.result, future: [], mark: null };
    case "edit": {
      if (action.result === present) return history;
      const { mark = null } = action;
      const joins = mark !== null && mark === history.mark;
      return { past: joins ? past : [...past, present], present: action.result, future: [], mark };
    }
    case "undo": {
      const before = past.at(-1);
      if (before === undefined) return history;
      return { past: past.slice(0, -1), present: before, future: [present, ...future], mark: null };
    }
    case "redo": {
      const [next, ...later] = future;
      return next === undefined ? history : { past: [...past, present], present: next, future: later, mark: null };
    }
  }
}
