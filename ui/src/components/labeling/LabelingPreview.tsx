/** The labeling interface of a config on one task's data, drawn by us: to look at, not to label with. */
import { Check, Info, Star } from "lucide-react";
import { type CSSProperties, type ReactNode, useContext } from "react";
import { Badge, ClassChip } from "@/components/ui/Badge";
import type { JsonValue, Outline, OutlineNode, Region } from "@/ipc/bindings";
import { classes } from "@/lib/classes";
import { sentence } from "@/lib/format";
import { type Box, boxesOn, boxName, boxPlace, isMark } from "./boxes";
import { conditionWords, pathsOf, type Result, samePath } from "./editor/model";
import { FILTERED_FROM } from "./foundClasses";
import { structured } from "./ObjectContent";
import { classesOf, fieldOf, isMediaObject, labelOf, plain, type Span, sideText, spanOf, valueAt } from "./regions";
import { SpanText } from "./SpanText";
import { TaskContext, TaskMedia } from "./TaskMedia";

type LabelingPreviewProps = {
  outline: Outline;
  data: { [key in string]: JsonValue };
  /** Answers to show in the interface: an annotation or a prediction. */
  regions?: readonly Region[];
  /** The task that the data is of; without one its pictures are only named. */
  taskId?: number | undefined;
};

/** Classes that are drawn at once; a config may have thousands. */
const CLASSES_SHOWN = 200;

export function LabelingPreview({ outline, data, regions = [], taskId }: LabelingPreviewProps) {
  return (
    <TaskContext value={taskId}>
      <div className="flex flex-col gap-3 text-sm" data-selectable>
        {outline.nodes.map((node, index) => (
          <Node key={index} node={node} outline={outline} data={data} regions={regions} />
        ))}
      </div>
    </TaskContext>
  );
}

/** Only the texts and pictures that something was marked in, with those marks: a second annotation beside the first. */
export function MarkedObjects({ outline, data, regions = [], taskId }: LabelingPreviewProps) {
  const marks = regions.filter(isMark);
  const marked = outline.nodes.filter(
    ({ kind, name }) => kind === "object" && marks.some(({ to_name }) => to_name === name),
  );
  return (
    <TaskContext value={taskId}>
      <div className="flex flex-col gap-2 text-sm" data-selectable>
        {marked.map((node) => (
          <ObjectView key={node.name} node={node} outline={outline} data={data} regions={marks} />
        ))}
      </div>
    </TaskContext>
  );
}

type NodeProps = Required<Omit<LabelingPreviewProps, "taskId">> & { node: OutlineNode };

function Node({ node, outline, data, regions }: NodeProps): ReactNode {
  switch (node.kind) {
    case "view":
    case "other":
      return null;
    case "header":
      return (
        <p className="text-base font-semibold" dir="auto">
          {node.value !== null && node.variable !== null ? shown(valueAt(data, node.variable)) : node.value}
        </p>
      );
    case "object":
      return <ObjectView node={node} outline={outline} data={data} regions={regions} />;
    case "control":
      return <Control node={node} regions={regions.filter((region) => region.from_name === node.name)} />;
  }
}

/** What an object shows of a task, without marks. */
export function ObjectValue({ node, data }: Pick<NodeProps, "node" | "data">) {
  return <ObjectView node={node} outline={{ nodes: [] }} data={data} regions={[]} />;
}

function ObjectView({ node, outline, data, regions }: NodeProps) {
  const taskId = useContext(TaskContext);
  const field = fieldOf(node);
  const value = field === null ? node.value : valueAt(data, field);
  const missing = value === undefined;
  const isMedia = isMediaObject(node) && field !== null && value !== undefined;
  const content = structured(node.tag, value);
  return (
    <div className="rounded-sm border bg-background px-3 py-2.5">
      {missing ? (
        <span className="text-subtler">This task has no value for {`{${node.variable}}`}.</span>
      ) : isMedia && taskId !== undefined ? (
        <TaskMedia
          name={node.name ?? node.tag}
          variable={field}
          count={Array.isArray(value) ? value.length : 1}
          over={(index) => <Boxes boxes={boxesOn(node, outline, regions, index)} />}
        />
      ) : content !== null && spansOn(node, outline, regions).length === 0 ? (
        content
      ) : (
        <div className="leading-6 break-words whitespace-pre-wrap" dir="auto">
          {isMedia ? (
            <OwnMedia tag={node.tag} value={shown(value)} />
          ) : (
            <SpanText text={shown(value)} spans={spansOn(node, outline, regions)} />
          )}
        </div>
      )}
    </div>
  );
}

/** Media of a template, which has no task that Rust could read it from: a picture if it stands in the data, else its address. */
function OwnMedia({ tag, value }: { tag: string; value: string }) {
  if (/^data:image\/(png|jpeg|gif|webp);base64,/.test(value)) {
    return <img src={value} alt={tag} draggable={false} className="block max-h-[40vh] max-w-full rounded-sm" />;
  }
  return (
    <span className="text-subtler">
      {tag}: {value.startsWith("data:") ? "a file in the task itself" : value}
    </span>
  );
}

/** Boxes as they were marked, to look at. */
function Boxes({ boxes }: { boxes: readonly Box[] }) {
  return boxes.map((box) => (
    <div
      key={box.id}
      role="img"
      aria-label={boxName(box)}
      title={boxName(box)}
      style={{ ...boxPlace(box), borderColor: box.colour, "--class": box.colour } as CSSProperties}
      className="absolute border-2 bg-[color-mix(in_srgb,var(--class)_18%,transparent)]"
    />
  ));
}

function spansOn(node: OutlineNode, outline: Outline, regions: readonly Region[]): Span[] {
  return regions
    .filter((region) => region.to_name === node.name)
    .map((region) => spanOf(region, outline))
    .filter((span) => span !== null);
}

function shown(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value, null, 2) : plain(value);
}

function Control({ node, regions }: { node: OutlineNode; regions: readonly Region[] }) {
  return (
    <section
      aria-label={`${node.tag} ${node.name}`}
      className={classes(
        "flex flex-col gap-2",
        node.skipped !== null && "rounded-sm border border-dashed border-warning-border px-3 py-2.5",
      )}
    >
      <div className="flex flex-wrap items-center gap-1.5 text-xs text-subtler">
        <span className="font-semibold text-subtle">{node.name}</span>
        <span>
          {node.tag}
          {node.multiple && ", several may be chosen"}
        </span>
        {node.required && <Badge>Required</Badge>}
        {node.visible_when.map((condition) => (
          <span key={conditionWords(condition)}>{conditionWords(condition)}</span>
        ))}
        {node.needs !== null && <Badge>needs a model that {node.needs}</Badge>}
        {node.skipped !== null && <Badge tone="warning">skipped</Badge>}
      </div>
      {node.skipped !== null && (
        <p className="flex items-start gap-1.5 text-xs text-warning-content">
          <Info aria-hidden className="mt-0.5 size-3 shrink-0" />
          {sentence(node.skipped)}
        </p>
      )}
      <ControlBody node={node} regions={regions} />
    </section>
  );
}

function ControlBody({ node, regions }: { node: OutlineNode; regions: readonly Region[] }): ReactNode {
  const chosen = new Set(regions.flatMap(classesOf));
  const first = regions[0]?.value;
  switch (node.tag.toLowerCase()) {
    case "rating": {
      const rating = typeof first?.rating === "number" ? first.rating : 0;
      return (
        <div
          role="img"
          aria-label={rating > 0 ? `${rating} of ${node.max_rating ?? 5} stars` : "No rating yet"}
          className="flex"
        >
          {Array.from({ length: Math.min(node.max_rating ?? 5, 20) }, (_, index) => (
            <Star
              key={index}
              aria-hidden
              className={classes("size-5", index < rating ? "fill-warning-mark text-warning-mark" : "text-border-bold")}
            />
          ))}
        </div>
      );
    }
    case "number":
      return (
        <FieldBox>
          {typeof first?.number === "number" ? (
            first.number
          ) : (
            <span className="text-subtler">{rangeText(node.minimum, node.maximum)}</span>
          )}
        </FieldBox>
      );
    case "textarea":
    case "datetime": {
      const texts = regions.flatMap((region) => Object.values(region.value)).flat();
      return (
        <FieldBox tall={node.tag.toLowerCase() === "textarea"}>
          {texts.length > 0 ? texts.map(plain).join("\n") : <span className="text-subtler">{node.placeholder}</span>}
        </FieldBox>
      );
    }
    case "reactcode":
      return (
        <FieldBox tall>
          {first?.reactcode !== undefined ? (
            shown(first.reactcode)
          ) : (
            <span className="text-subtler">A form of its own in Label Studio; here its answer is JSON.</span>
          )}
        </FieldBox>
      );
    case "pairwise":
      return (
        <div className="flex gap-2">
          {["left", "right"].map((side) => (
            <Option key={side} chosen={first?.selected === side} round>
              {sideText(side)}
            </Option>
          ))}
        </div>
      );
    case "taxonomy":
      return <Paths node={node} chosen={pathsOf(regions as unknown as Result, node)} />;
    case "ranker":
      return (
        <div className="flex flex-wrap gap-2">
          {node.buckets.map(({ name, title }) => (
            <span key={name} className="rounded-sm border border-dashed px-2 py-0.5 text-subtle" dir="auto">
              {name === node.name ? "Items in order" : title}
            </span>
          ))}
        </div>
      );
    case "choices":
      return (
        <ClassList node={node} chosen={chosen}>
          {(option) => (
            <Option
              key={labelOf(option)}
              chosen={chosen.has(labelOf(option))}
              round={!node.multiple}
              colour={option.colour}
            >
              {option.value}
              {option.alias !== null && <span className="ml-1 text-xs text-subtler">{option.alias}</span>}
              <Hotkey of={option.hotkey} />
            </Option>
          )}
        </ClassList>
      );
    default:
      return (
        <ClassList node={node} chosen={chosen}>
          {(option) => (
            <ClassChip key={labelOf(option)} colour={option.colour} hotkey={option.hotkey}>
              {option.value}
            </ClassChip>
          )}
        </ClassList>
      );
  }
}

/** A taxonomy as it is nested; every path can be chosen by itself. */
function Paths({ node, chosen }: { node: OutlineNode; chosen: readonly string[][] }) {
  const hidden = node.paths.length - CLASSES_SHOWN;
  return (
    <div className="flex flex-col items-start gap-1.5">
      {node.paths.slice(0, CLASSES_SHOWN).map((path) => {
        const last = path.at(-1) ?? "";
        return (
          <span key={path.join("\u0000")} style={{ marginInlineStart: `${(path.length - 1) * 1.25}rem` }}>
            <Option chosen={chosen.some((one) => samePath(one, path))} round={false}>
              {node.classes.find((option) => labelOf(option) === last)?.value ?? last}
            </Option>
          </span>
        );
      })}
      {hidden > 0 && <span className="text-xs text-subtler">and {hidden} more</span>}
    </div>
  );
}

function ClassList({
  node,
  chosen,
  children,
}: {
  node: OutlineNode;
  chosen: ReadonlySet<string>;
  children: (option: OutlineNode["classes"][number]) => ReactNode;
}) {
  if (node.classes.length === 0) {
    return <p className="text-subtler">The config names nothing to choose from; each task brings its own.</p>;
  }
  // Among many the chosen ones would be out of sight.
  const ordered =
    node.classes.length < FILTERED_FROM
      ? node.classes
      : [true, false].flatMap((isChosen) => node.classes.filter((one) => chosen.has(labelOf(one)) === isChosen));
  const hidden = ordered.length - CLASSES_SHOWN;
  return (
    <div className="flex flex-wrap gap-2">
      {ordered.slice(0, CLASSES_SHOWN).map(children)}
      {hidden > 0 && <span className="self-center text-xs text-subtler">and {hidden} more</span>}
    </div>
  );
}

function rangeText(minimum: number | null, maximum: number | null): string {
  if (minimum !== null && maximum !== null) return `${minimum} to ${maximum}`;
  if (minimum !== null) return `at least ${minimum}`;
  return maximum === null ? "a number" : `at most ${maximum}`;
}

function Hotkey({ of }: { of: string | null }) {
  return of === null ? null : <sup className="ml-0.5 text-2xs text-subtler">[{of}]</sup>;
}

function FieldBox({ tall = false, children }: { tall?: boolean; children: ReactNode }) {
  return (
    <div
      dir="auto"
      className={classes(
        "rounded-sm border bg-surface px-3 py-1.5 break-words whitespace-pre-wrap",
        tall ? "min-h-16" : "min-h-8 max-w-60",
      )}
    >
      {children}
    </div>
  );
}

type OptionProps = { chosen: boolean; round: boolean; colour?: string; children: ReactNode };

function Option({ chosen, round, colour, children }: OptionProps) {
  return (
    <span
      className={classes(
        "inline-flex min-h-7 max-w-full items-center gap-2 rounded-sm border px-2 py-0.5",
        chosen ? "border-primary-content bg-primary-tint font-semibold" : "bg-background",
      )}
    >
      <span
        aria-hidden
        className={classes(
          "flex size-3.5 shrink-0 items-center justify-center border",
          round ? "rounded-full" : "rounded-[3px]",
          chosen ? "border-primary bg-primary text-on-primary" : "border-border-field",
        )}
      >
        {chosen && <Check className="size-2.5" strokeWidth={4} />}
      </span>
      {colour !== undefined && (
        <span aria-hidden data-swatch className="size-2.5 shrink-0 rounded-full" style={{ background: colour }} />
      )}
      <span className="min-w-0 break-words" dir="auto">
        {children}
      </span>
      {chosen && <span className="sr-only">(chosen)</span>}
    </span>
  );
}
