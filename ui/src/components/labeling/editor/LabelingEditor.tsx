/** The labeling interface of a config on one task, to label with: by mouse, and all of it by keyboard. */
import { useQueryClient } from "@tanstack/react-query";
import { SquarePlus, Trash2 } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useKeysHere } from "@/components/commands";
import { Badge, ClassChip } from "@/components/ui/Badge";
import { Banner } from "@/components/ui/Banner";
import { Button, IconButton } from "@/components/ui/Button";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { useSpoken } from "@/components/ui/useSpoken";
import type { JsonValue, MediaInfo, Outline, OutlineClass, OutlineNode, Region } from "@/ipc/bindings";
import { mediaInfoQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { formatCount } from "@/lib/format";
import { type Box, type BoxShape, boxOf, boxWords } from "../boxes";
import { ObjectValue } from "../LabelingPreview";
import { colourOf, fieldOf, isMediaObject, labelOf, plain, valueAt } from "../regions";
import { TaskContext, TaskMedia } from "../TaskMedia";
import { BoxEditor } from "./BoxEditor";
import { ClassPicker, type PickedClass } from "./ClassPicker";
import { DateTimeField, JsonField, NumberField, PairwiseField, RatingField, TextsField } from "./Fields";
import {
  addBox,
  addSpan,
  type Canvas,
  choose,
  choosePath,
  contentOf,
  type Entry,
  entriesOf,
  type Hotkey,
  hotkeys,
  isEditable,
  isShown,
  listOf,
  marksPlaces,
  newId,
  pathsOf,
  type Result,
  relabel,
  remove,
  reshape,
  setValue,
  unshown,
} from "./model";
import { RankerField } from "./RankerField";
import { type EditedSpan, type Range, SpanEditor } from "./SpanEditor";
import { trimmed } from "./selection";

type LabelingEditorProps = {
  taskId: number;
  outline: Outline;
  data: { [key in string]: JsonValue };
  result: Result;
  /** `mark` joins edits that belong together, such as the letters of a word. */
  onEdit: (result: Result, mark?: string) => void;
};

/** A text that fills the window would leave no class in sight: it scrolls by itself, in the room that all else leaves. */
const LONG = "scroll-area max-h-max shrink-0 grow basis-[40dvh]";

export function LabelingEditor(props: LabelingEditorProps) {
  return (
    <TaskContext value={props.taskId}>
      <Editor {...props} />
    </TaskContext>
  );
}

function Editor({ taskId, outline, data, result, onEdit: onOwnEdit }: LabelingEditorProps) {
  const { nodes } = outline;
  const client = useQueryClient();
  const keys = useMemo(() => hotkeys(nodes), [nodes]);
  const spansBy = nodes.filter((node) => isEditable(node) && node.tag.toLowerCase() === "labels");
  const boxesBy = nodes.filter((node) => isEditable(node) && node.tag.toLowerCase() === "rectanglelabels");
  const marksText = spansBy.length > 0;
  useKeysHere(
    keys.length > 0 && "label.class",
    marksText && "mark.select",
    marksText && "mark.make",
    (marksText || boxesBy.length > 0) && "mark.remove",
    marksText && "mark.next",
  );
  /** A box that was drawn before its label was chosen. */
  const [waiting, setWaiting] = useState<{ shape: BoxShape; on: Canvas } | null>(null);
  /** The label that the next selection gets. */
  const [brush, setBrush] = useState<{ control: string | null; label: string } | null>(null);
  const [selection, setSelection] = useState<(Range & { object: string | null }) | null>(null);
  const [active, setActive] = useState<string | null>(null);
  const [spoken, say] = useSpoken();
  const lastOwn = useRef(result);
  const onEdit: typeof onOwnEdit = (next, mark) => {
    lastOwn.current = next;
    onOwnEdit(next, mark);
  };
  useEffect(() => {
    // An edit that was taken back is no longer so.
    if (result !== lastOwn.current) say("");
  }, [result, say]);

  const mark = (node: OutlineNode, label: string, range: Range, object: string | null) => {
    const text = textOf(
      nodes.find((one) => one.kind === "object" && one.name === object),
      data,
    );
    const place = trimmed(text, range.start, range.end);
    if (place.text === "") return;
    onEdit(addSpan(result, node, label, place));
    setSelection(null);
    say(`Marked “${place.text}” as ${label}`);
  };
  const box = (node: OutlineNode, label: string, shape: BoxShape, on: Canvas) => {
    const id = newId();
    onEdit(addBox(result, node, id, label, shape, on));
    setWaiting(null);
    setActive(id);
    say(`Marked a box as ${label}`);
  };
  /** Without a mouse: a box in the middle of the picture, to be moved by the keys. */
  const addInMiddle = (node: OutlineNode) => {
    const object = nodes.find(({ kind, name }) => kind === "object" && name !== null && node.to_name.includes(name));
    const first = node.classes[0];
    const label = brush?.control === node.name ? brush.label : first === undefined ? null : labelOf(first);
    if (object === undefined || label === null) return;
    const info = client.getQueryData(mediaInfoQuery(taskId, fieldOf(object) ?? "").queryKey)?.[0];
    box(node, label, { x: 40, y: 40, width: 20, height: 20, rotation: 0 }, canvasOf(object, 0, info));
  };
  const pressLabel = (node: OutlineNode, label: string) => {
    const own = entriesOf(result, node).find(({ id }) => id === active);
    if (own !== undefined && active !== null) {
      onEdit(relabel(result, active, label));
      say(`Now ${label}`);
    } else if (selection !== null && node.to_name.includes(selection.object ?? "")) {
      mark(node, label, selection, selection.object);
    } else if (waiting !== null && node.to_name.includes(waiting.on.object)) {
      box(node, label, waiting.shape, waiting.on);
    } else {
      const isOn = brush?.control === node.name && brush.label === label;
      setBrush(isOn ? null : { control: node.name, label });
    }
  };
  const press = ({ node, option }: Hotkey) => {
    if (marksPlaces(node)) pressLabel(node, labelOf(option));
    else onEdit(choose(result, node, labelOf(option), true));
  };
  const latest = useRef(press);
  latest.current = press;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest("input, textarea, [role=dialog], [role=menu], [role=listbox]")) return;
      const found = keys.find(({ key }) => key === event.key.toLowerCase());
      if (found === undefined) return;
      event.preventDefault();
      latest.current(found);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [keys]);

  const removeSpan = (id: string) => {
    onEdit(remove(result, id));
    setActive(null);
    say("Removed the mark");
  };
  const kept = unshown(result, nodes);
  const hotkeyOf = useCallback(
    (node: OutlineNode, option: OutlineClass) => keys.find((one) => one.node === node && one.option === option)?.key,
    [keys],
  );

  return (
    <div className="flex grow flex-col gap-4 text-sm">
      {nodes.map((node, index) => (
        <div key={index} className={isShown(node, nodes, result, active) ? "contents" : "hidden"}>
          {node.kind === "header" && (
            <p className="text-base font-semibold" dir="auto">
              {node.variable === null ? node.value : textOf(node, data)}
            </p>
          )}
          {node.kind === "object" &&
            (spansBy.some(({ to_name }) => to_name.includes(node.name ?? "")) ? (
              // Around what is in sight: the outline of the text itself would be cut.
              <div
                className={classes(
                  "rounded-sm border bg-background px-3 py-2.5 has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-focus",
                  LONG,
                )}
              >
                <SpanEditor
                  label={node.name ?? "Text"}
                  text={textOf(node, data)}
                  spans={spansOn(node, spansBy, result)}
                  active={active}
                  onActive={setActive}
                  selection={selection?.object === node.name ? selection : null}
                  onSelection={(range) => setSelection(range === null ? null : { ...range, object: node.name })}
                  onMark={(range) => {
                    const control = spansBy.find(({ name }) => name === brush?.control);
                    if (control !== undefined && brush !== null) mark(control, brush.label, range, node.name);
                  }}
                  onRemove={removeSpan}
                />
              </div>
            ) : boxesBy.some(({ to_name }) => to_name.includes(node.name ?? "")) && isMediaObject(node) ? (
              <div className="rounded-sm border bg-background px-3 py-2.5">
                <TaskMedia
                  name={node.name ?? node.tag}
                  variable={fieldOf(node) ?? ""}
                  count={countOf(node, data)}
                  over={(item, info) => (
                    <BoxEditor
                      label={node.name ?? "the picture"}
                      boxes={boxesOf(node, boxesBy, result, item)}
                      active={active}
                      onActive={setActive}
                      waiting={waiting?.on.object === node.name && waiting.on.item === item ? waiting.shape : null}
                      onDraw={(shape) => {
                        const control = boxesBy.find(({ name }) => name === brush?.control);
                        const on = canvasOf(node, item, info);
                        if (control !== undefined && brush !== null) box(control, brush.label, shape, on);
                        else setWaiting({ shape, on });
                      }}
                      onChange={(id, shape, mark) => onEdit(reshape(result, id, shape), mark)}
                      onRemove={removeSpan}
                    />
                  )}
                />
              </div>
            ) : (
              // A Ranker shows the items of its List itself, in their order.
              !ranks(nodes, node) &&
              (isMediaObject(node) ? (
                <ObjectValue node={node} data={data} />
              ) : (
                <ScrollRegion label={node.name ?? node.tag} className={classes("rounded-sm border *:border-0", LONG)}>
                  <ObjectValue node={node} data={data} />
                </ScrollRegion>
              ))
            ))}
          {node.kind === "control" && (
            <section aria-label={`${node.tag} ${node.name}`} className="flex flex-col gap-2">
              <div className="flex flex-wrap items-center gap-1.5 text-xs text-subtler">
                <span className="font-semibold text-subtle">{node.name}</span>
                <span>{node.tag}</span>
                {node.required && <Badge size="small">Required</Badge>}
              </div>
              {isEditable(node) ? (
                <ControlEditor
                  node={node}
                  result={result}
                  onEdit={onEdit}
                  hotkeyOf={hotkeyOf}
                  brush={brush?.control === node.name ? brush.label : null}
                  onLabel={(label) => pressLabel(node, label)}
                  onAdd={() => addInMiddle(node)}
                  items={itemsFor(node, nodes, data)}
                />
              ) : (
                <p className="text-subtler">
                  {node.per_region ? `${node.tag} is asked about each region, and` : node.tag} cannot be edited here
                  {node.skipped !== null && !node.per_region && ` (${node.skipped})`}
                  {entriesOf(result, node).length > 0 && "; what it holds is kept as it is"}.
                </p>
              )}
            </section>
          )}
          {[...spansBy, ...boxesBy].map(
            (control) =>
              listedAfter(control, nodes) === node &&
              isShown(control, nodes, result, active) && (
                <Marks
                  key={control.name}
                  node={control}
                  result={result}
                  active={active}
                  onActive={setActive}
                  onRemove={removeSpan}
                />
              ),
          )}
        </div>
      ))}
      {waiting !== null && (
        <p role="status" className="text-subtler">
          Press a label's key, or click a label, to keep the box.
        </p>
      )}
      {selection !== null && brush === null && (
        <p role="status" className="text-subtler">
          Press a label's key, or click a label, to mark the selection.
        </p>
      )}
      {kept.length > 0 && (
        <Banner
          title={`${formatCount(kept.length, "part")} of this annotation cannot be shown here`}
          actions={
            <Button
              size="small"
              icon={Trash2}
              onClick={() => {
                onEdit(result.filter((entry) => !kept.includes(entry)));
                say("Removed what cannot be shown");
              }}
            >
              Remove {kept.length === 1 ? "it" : "them"}
            </Button>
          }
        >
          {kept.length === 1 ? "It is" : "They are"} kept as {kept.length === 1 ? "it is" : "they are"}:{" "}
          {[...new Set(kept.map(partName))].join(", ")}.
        </Banner>
      )}
      {spoken}
    </div>
  );
}

/** Below both the labels and what is marked, neither of which moves as the list of marks grows. */
function listedAfter(control: OutlineNode, nodes: readonly OutlineNode[]): OutlineNode | undefined {
  return nodes.findLast(
    (node) => node === control || (node.kind === "object" && node.name !== null && control.to_name.includes(node.name)),
  );
}

/** What a part that is not shown is, in words. */
function partName({ from_name, type }: Entry): string {
  return typeof from_name === "string" ? `a region of “${from_name}”` : type === "relation" ? "a relation" : "an entry";
}

function ranks(nodes: readonly OutlineNode[], { name, tag }: OutlineNode): boolean {
  if (tag.toLowerCase() !== "list" || name === null) return false;
  return nodes.some((node) => isEditable(node) && node.tag.toLowerCase() === "ranker" && node.to_name.includes(name));
}

function canvasOf(object: OutlineNode, item: number, info: MediaInfo | undefined): Canvas {
  return { object: object.name ?? "", item, width: info?.width ?? null, height: info?.height ?? null };
}

/** How many pictures an object shows. */
function countOf(node: OutlineNode, data: LabelingEditorProps["data"]): number {
  const value = valueAt(data, fieldOf(node) ?? "");
  return Array.isArray(value) ? value.length : value === undefined || value === null ? 0 : 1;
}

/** What a Ranker puts in order: what its List shows. */
function itemsFor(node: OutlineNode, nodes: readonly OutlineNode[], data: LabelingEditorProps["data"]) {
  const list = nodes.find(({ kind, name }) => kind === "object" && name !== null && node.to_name.includes(name));
  return list === undefined ? undefined : valueAt(data, fieldOf(list) ?? "");
}

function boxesOf(node: OutlineNode, controls: readonly OutlineNode[], result: Result, item: number): Box[] {
  return controls.flatMap((control) =>
    entriesOf(result, control).flatMap((entry) => {
      if (entry.to_name !== node.name || typeof entry.id !== "string") return [];
      const box = boxOf(entry as unknown as Region, control);
      return box === null || box.item !== item ? [] : [box];
    }),
  );
}

function textOf(node: OutlineNode | undefined, data: LabelingEditorProps["data"]): string {
  if (node === undefined) return "";
  const value = node.variable === null ? node.value : valueAt(data, node.value?.replace(/^\$/, "") ?? node.variable);
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value, null, 2) : plain(value);
}

function spansOn(node: OutlineNode, controls: readonly OutlineNode[], result: Result): EditedSpan[] {
  return controls.flatMap((control) =>
    entriesOf(result, control)
      .filter(({ to_name }) => to_name === node.name)
      .flatMap((entry) => {
        const { start, end, labels } = contentOf(entry);
        if (typeof start !== "number" || typeof end !== "number" || typeof entry.id !== "string") return [];
        const named = Array.isArray(labels) ? labels.map(plain) : [];
        return [{ id: entry.id, start, end, labels: named, colour: colourOf(control, named[0] ?? "") }];
      }),
  );
}

type ControlEditorProps = {
  node: OutlineNode;
  result: Result;
  onEdit: LabelingEditorProps["onEdit"];
  hotkeyOf: (node: OutlineNode, option: OutlineClass) => string | undefined;
  brush: string | null;
  onLabel: (label: string) => void;
  /** Adds a box without a mouse. */
  onAdd: () => void;
  /** What a Ranker puts in order. */
  items: JsonValue | undefined;
};

function ControlEditor({ node, result, onEdit, hotkeyOf, items, ...labels }: ControlEditorProps): ReactNode {
  const value = contentOf(entriesOf(result, node)[0]);
  const typing = `typing in ${node.name}`;
  switch (node.tag.toLowerCase()) {
    case "choices":
      return <ChoicesEditor node={node} result={result} onEdit={onEdit} hotkeyOf={hotkeyOf} />;
    case "ranker":
      return (
        <RankerField
          node={node}
          items={items}
          value={value.ranker}
          onChange={(ranker) => onEdit(setValue(result, node, { ranker }))}
        />
      );
    case "labels":
    case "rectanglelabels":
      return <LabelsEditor node={node} hotkeyOf={hotkeyOf} {...labels} />;
    case "taxonomy":
      return <TaxonomyEditor node={node} result={result} onEdit={onEdit} />;
    case "rating":
      return (
        <RatingField
          node={node}
          value={typeof value.rating === "number" ? value.rating : null}
          onChange={(rating) => onEdit(setValue(result, node, rating === null ? null : { rating }))}
        />
      );
    case "number":
      return (
        <NumberField
          node={node}
          value={typeof value.number === "number" ? value.number : null}
          onChange={(number) => onEdit(setValue(result, node, number === null ? null : { number }), typing)}
        />
      );
    case "datetime":
      return (
        <DateTimeField
          node={node}
          value={typeof value.datetime === "string" ? value.datetime : null}
          onChange={(datetime) => onEdit(setValue(result, node, datetime === null ? null : { datetime }), typing)}
        />
      );
    case "reactcode":
      return (
        <JsonField
          node={node}
          value={value.reactcode ?? null}
          onChange={(reactcode) => onEdit(setValue(result, node, reactcode === null ? null : { reactcode }), typing)}
        />
      );
    case "textarea":
      return (
        <TextsField
          node={node}
          texts={listOf(result, node, "text")}
          onChange={(text) => onEdit(setValue(result, node, text.every((one) => one === "") ? null : { text }), typing)}
        />
      );
    default:
      return (
        <PairwiseField
          node={node}
          value={typeof value.selected === "string" ? value.selected : null}
          onChange={(selected) => onEdit(setValue(result, node, selected === null ? null : { selected }))}
        />
      );
  }
}

function useClassItems(node: OutlineNode, hotkeyOf: ControlEditorProps["hotkeyOf"]): PickedClass[] {
  return useMemo(
    () =>
      node.classes.map((option) => ({
        id: labelOf(option),
        text: option.value,
        words: [option.value, labelOf(option)],
        colour: option.colour,
        hotkey: hotkeyOf(node, option),
      })),
    [node, hotkeyOf],
  );
}

type ChoicesEditorProps = Pick<ControlEditorProps, "node" | "result" | "onEdit" | "hotkeyOf">;

function ChoicesEditor({ node, result, onEdit, hotkeyOf }: ChoicesEditorProps) {
  const items = useClassItems(node, hotkeyOf);
  const chosen = listOf(result, node, "choices");
  const strangers = chosen
    .filter((one) => !node.classes.some((option) => labelOf(option) === one))
    .map((one) => ({ id: one, text: one, words: [one], note: "not in the config" }));
  return (
    <ClassPicker
      name={node.name ?? node.tag}
      items={items}
      isPressed={(label) => chosen.includes(label)}
      onPress={(label, byKey) => onEdit(choose(result, node, label, byKey))}
      isMultiple={node.multiple}
      isAnswer
      strangers={strangers}
      onClear={chosen.length > 0 && !node.required ? () => onEdit(setValue(result, node, null)) : undefined}
    />
  );
}

type LabelsEditorProps = Pick<ControlEditorProps, "node" | "hotkeyOf" | "brush" | "onLabel" | "onAdd">;

/** The labels to mark with. */
function LabelsEditor({ node, hotkeyOf, brush, onLabel, onAdd }: LabelsEditorProps) {
  const items = useClassItems(node, hotkeyOf);
  const areBoxes = node.tag.toLowerCase() === "rectanglelabels";
  return (
    <ClassPicker
      name={node.name ?? node.tag}
      items={items}
      isPressed={(label) => brush === label}
      onPress={onLabel}
      isMultiple={false}
      after={
        areBoxes && (
          <Button icon={SquarePlus} onClick={onAdd}>
            Add a box
          </Button>
        )
      }
    />
  );
}

type MarksProps = Pick<LabelingEditorProps, "result"> & {
  node: OutlineNode;
  active: string | null;
  onActive: (id: string | null) => void;
  onRemove: (id: string) => void;
};

/** The marks that there are of a control. */
function Marks({ node, result, active, onActive, onRemove }: MarksProps) {
  const areBoxes = node.tag.toLowerCase() === "rectanglelabels";
  const marks = entriesOf(result, node).filter(({ id }) => typeof id === "string");
  if (marks.length === 0) return null;
  return (
    <ul aria-label={`Marks of ${node.name}`} className="divide-y rounded-sm border">
      {marks.map((one) => {
        const { labels, rectanglelabels, text } = contentOf(one);
        const list = areBoxes ? rectanglelabels : labels;
        const named = Array.isArray(list) ? list.map(plain) : [];
        const id = String(one.id);
        const shape = areBoxes ? boxOf(one as unknown as Region, node) : null;
        return (
          <li
            key={id}
            className={classes("flex items-center gap-2 py-0.5 pr-1 pl-1", id === active && "bg-primary-tint")}
          >
            <button
              type="button"
              aria-pressed={id === active}
              onClick={() => onActive(id === active ? null : id)}
              onKeyDown={(event) => {
                if (event.key !== "Delete" && event.key !== "Backspace") return;
                event.preventDefault();
                onRemove(id);
              }}
              className="flex min-w-0 flex-1 items-center gap-2 rounded-sm px-1 py-1 text-left"
            >
              <ClassChip colour={colourOf(node, named[0] ?? "")}>{named.join(", ")}</ClassChip>
              <span className="min-w-0 flex-1 truncate text-subtle" dir="auto">
                {shape !== null
                  ? boxWords(shape)
                  : typeof text === "string"
                    ? text
                    : `${String(contentOf(one).start)}–${String(contentOf(one).end)}`}
              </span>
            </button>
            <IconButton
              icon={Trash2}
              size="small"
              label={`Remove ${named.join(", ")} ${typeof text === "string" ? `“${text}”` : ""}`}
              onClick={() => onRemove(id)}
            />
          </li>
        );
      })}
    </ul>
  );
}

/** Between the steps of a path, as no name has it. */
const STEP = "\u0000";

function TaxonomyEditor({ node, result, onEdit }: Pick<ControlEditorProps, "node" | "result" | "onEdit">) {
  const items = useMemo(() => {
    const values = new Map(node.classes.map((option) => [labelOf(option), option.value]));
    return node.paths.map((path) => {
      const names = path.map((step) => values.get(step) ?? step);
      const whole = names.join(" / ");
      return {
        id: path.join(STEP),
        text: names.at(-1) ?? "",
        path: whole,
        words: [whole, path.join(" / ")],
        depth: path.length - 1,
      };
    });
  }, [node]);
  const chosen = new Set(pathsOf(result, node).map((path) => path.join(STEP)));
  return (
    <ClassPicker
      name={node.name ?? node.tag}
      items={items}
      isPressed={(id) => chosen.has(id)}
      onPress={(id) => onEdit(choosePath(result, node, id.split(STEP)))}
      isMultiple={node.multiple}
      isTree
    />
  );
}
