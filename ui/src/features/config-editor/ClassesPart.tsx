/** The classes of a config's controls, to be changed without touching its XML. */
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { ClassFilter, FilterStatus } from "@/components/labeling/ClassFilter";
import { FILTERED_FROM, foundClasses } from "@/components/labeling/foundClasses";
import { labelOf } from "@/components/labeling/regions";
import { Button, IconButton } from "@/components/ui/Button";
import { Field, TextInput } from "@/components/ui/Field";
import { Popover } from "@/components/ui/Popover";
import type { ConfigEdit, Outline, OutlineClass, OutlineNode } from "@/ipc/bindings";
import { classes as classNames } from "@/lib/classes";
import { formatCount } from "@/lib/format";

/** Makes an edit of the text; what is wrong with it, in words, if it was refused. */
type MakeEdit = (edit: ConfigEdit) => Promise<string | undefined>;

type ClassesPartProps = { outline: Outline; onEdit: MakeEdit };

/** Rows that are drawn at once, which leaves typing fast; a config may have thousands of classes. */
const ROWS_SHOWN = 100;

/** Tags whose classes are elements of their own. */
const WITH_CLASSES = /^(Choices|Labels|Taxonomy|.*Labels)$/;

/** Label Studio's own colours, in its order. */
const PALETTE = [
  "#FFA39E",
  "#D4380D",
  "#FFC069",
  "#AD8B00",
  "#D3F261",
  "#389E0D",
  "#5CDBD3",
  "#096DD9",
  "#ADC6FF",
  "#9254DE",
  "#F759AB",
];

export function ClassesPart({ outline, onEdit }: ClassesPartProps) {
  const controls = outline.nodes.filter(
    (node) => node.kind === "control" && node.name !== null && WITH_CLASSES.test(node.tag),
  );
  if (controls.length === 0) {
    return <p className="text-sm text-subtler">No control of this config has classes.</p>;
  }
  return (
    <div className="flex flex-col gap-6">
      {controls.map((control) => (
        <ControlRows key={control.name} control={control} onEdit={onEdit} />
      ))}
    </div>
  );
}

function ControlRows({ control, onEdit }: { control: OutlineNode; onEdit: MakeEdit }) {
  const name = control.name ?? "";
  const [query, setQuery] = useState("");
  const isMany = control.classes.length >= FILTERED_FROM;
  const isFiltered = isMany && query.trim() !== "";
  const count = control.classes.length;
  // What was found stays when it is renamed: its row has the keyboard.
  const [renamed, setRenamed] = useState<ReadonlyMap<number, string>>(new Map());
  const all = control.classes.map((one, index) => ({ one, index }));
  const held = all.filter(({ one, index }) => renamed.get(index) === one.value);
  const found = isFiltered ? foundClasses(query, all, ({ one }) => [one.value, labelOf(one)]) : all;
  const rows = [...new Set([...held, ...found])];
  // The best of them in the order of the config, in which no row moves as its name becomes another one.
  const shown = rows
    .slice(0, ROWS_SHOWN)
    .map(({ index }) => index)
    .sort((one, other) => one - other);
  const hidden = rows.length - shown.length;
  return (
    <section className="flex flex-col gap-2" aria-label={`Classes of ${name}`}>
      <h3 className="text-sm font-semibold">
        {name}{" "}
        <span className="text-xs font-normal text-subtler">
          {control.tag} · {formatCount(count, "class", "classes")}
        </span>
      </h3>
      {isMany && (
        <ClassFilter
          of={name}
          value={query}
          onChange={(next) => {
            setQuery(next);
            setRenamed(new Map());
          }}
        />
      )}
      {shown.length > 0 && (
        <ul className="divide-y rounded-md border">
          {shown.map((index) => {
            const one = control.classes[index];
            return (
              one !== undefined && (
                // A row is its place: what is renamed in it keeps the keyboard.
                <ClassRow
                  key={index}
                  control={name}
                  one={one}
                  index={index}
                  // None is moved away from those that are shown.
                  count={shown.length}
                  // A place is one among the classes beside it, which a tree has many lists of.
                  // Between rows that are not shown nothing is moved.
                  canMove={!isFiltered && control.paths.every((path) => path.length <= 1)}
                  onRename={(to) => setRenamed((old) => new Map(old).set(index, to))}
                  hasColour={control.tag !== "Taxonomy"}
                  onEdit={onEdit}
                />
              )
            );
          })}
        </ul>
      )}
      {isMany && <FilterStatus query={query} shown={shown.length} hidden={hidden} />}
      <AddClass control={name} onEdit={onEdit} />
    </section>
  );
}

type ClassRowProps = {
  control: string;
  one: OutlineClass;
  index: number;
  count: number;
  canMove: boolean;
  /** Told before the name is another one. */
  onRename: (to: string) => void;
  hasColour: boolean;
  onEdit: MakeEdit;
};

function ClassRow({ control, one, index, count, canMove, onRename, hasColour, onEdit }: ClassRowProps) {
  const [text, setText] = useState(one.value);
  const [refusal, setRefusal] = useState<string>();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => setText(one.value), [one.value]);
  const make = async (edit: ConfigEdit) => setRefusal(await onEdit(edit));
  const rename = async () => {
    if (text === one.value) {
      setRefusal(undefined);
      return;
    }
    onRename(text);
    await make({ kind: "rename_class", control, from: one.value, to: text });
  };
  const move = async (by: 1 | -1) => {
    const to = index + by;
    if (!canMove || to < 0 || to >= count) return;
    const { activeElement } = document;
    const focused = row.current?.contains(activeElement) ? activeElement?.getAttribute("data-part") : undefined;
    const list = row.current?.parentElement;
    await make({ kind: "move_class", control, class: one.value, to });
    // The keyboard goes with the class.
    list?.children[to]?.querySelector<HTMLElement>(`[data-part="${focused}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      void move(event.key === "ArrowUp" ? -1 : 1);
    } else if (event.key === "Enter" && event.target instanceof HTMLInputElement) {
      event.preventDefault();
      void rename();
    } else if (event.key === "Escape" && text !== one.value) {
      event.stopPropagation();
      setText(one.value);
      setRefusal(undefined);
    }
  };
  return (
    <li ref={row} className="flex flex-col gap-1 px-2 py-1.5" onKeyDown={onKeyDown}>
      <div className="flex items-center gap-2">
        {hasColour && (
          <Colour
            name={one.value}
            colour={one.colour}
            onChange={(background) => void make({ kind: "recolour_class", control, class: one.value, background })}
          />
        )}
        <TextInput
          size="medium"
          aria-label={`Name of ${one.value}`}
          data-part="name"
          aria-invalid={refusal !== undefined || undefined}
          value={text}
          onChange={setText}
          onBlur={() => void rename()}
          dir="auto"
          className="min-w-0 flex-1"
        />
        {one.alias !== null && (
          <span className="max-w-32 truncate text-xs text-subtler" title={`Regions say “${labelOf(one)}”`}>
            alias {one.alias}
          </span>
        )}
        {one.hotkey !== null && <span className="w-5 text-center text-xs text-subtler">{one.hotkey}</span>}
        <IconButton
          icon={ArrowUp}
          size="small"
          label={`Move ${one.value} up`}
          data-part="up"
          disabled={!canMove || index === 0}
          onClick={() => void move(-1)}
        />
        <IconButton
          icon={ArrowDown}
          size="small"
          label={`Move ${one.value} down`}
          data-part="down"
          disabled={!canMove || index + 1 === count}
          onClick={() => void move(1)}
        />
        <IconButton
          icon={Trash2}
          size="small"
          label={`Remove ${one.value}`}
          onClick={() => void make({ kind: "remove_class", control, class: one.value })}
        />
      </div>
      {refusal !== undefined && (
        <p role="alert" className="text-xs text-negative-content">
          {refusal}
        </p>
      )}
    </li>
  );
}

function Colour({ name, colour, onChange }: { name: string; colour: string; onChange: (colour: string) => void }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState(colour);
  const choose = (next: string) => {
    setOpen(false);
    onChange(next);
  };
  return (
    <Popover
      title={`Colour of ${name}`}
      open={open}
      onOpenChange={(next) => {
        setText(colour);
        setOpen(next);
      }}
      className="w-64"
      trigger={
        <button
          type="button"
          aria-label={`Colour of ${name}`}
          className="flex size-7 shrink-0 items-center justify-center rounded-sm hover:bg-surface-hover"
        >
          <span aria-hidden data-swatch className="size-4 rounded-sm border" style={{ backgroundColor: colour }} />
        </button>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          choose(text.trim());
        }}
      >
        <div className="grid grid-cols-6 gap-1.5">
          {PALETTE.map((one) => (
            <button
              key={one}
              type="button"
              aria-label={one}
              aria-pressed={one.toLowerCase() === colour.toLowerCase()}
              onClick={() => choose(one)}
              style={{ backgroundColor: one }}
              className={classNames(
                "h-7 rounded-sm border",
                one.toLowerCase() === colour.toLowerCase() && "outline-2 outline-offset-1 outline-focus",
              )}
            />
          ))}
        </div>
        <Field label="Colour" hint="#rrggbb, or a name that CSS knows.">
          <TextInput size="medium" value={text} onChange={setText} spellCheck={false} />
        </Field>
        <div className="flex justify-end gap-2">
          <Button size="small" onClick={() => choose("")}>
            No colour of its own
          </Button>
          <Button size="small" type="submit" variant="primary" look="filled">
            Set colour
          </Button>
        </div>
      </form>
    </Popover>
  );
}

function AddClass({ control, onEdit }: { control: string; onEdit: MakeEdit }) {
  const [value, setValue] = useState("");
  const [refusal, setRefusal] = useState<string>();
  const add = async () => {
    if (value.trim() === "") {
      setRefusal("Type the name of the class.");
      return;
    }
    const refused = await onEdit({ kind: "add_class", control, value: value.trim(), background: null });
    setRefusal(refused);
    if (refused === undefined) setValue("");
  };
  return (
    <form
      className="flex items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <Field label={<span className="sr-only">New class of {control}</span>} error={refusal} className="flex-1">
        <TextInput size="medium" value={value} onChange={setValue} placeholder="New class" dir="auto" />
      </Field>
      <Button icon={Plus} type="submit" className="mt-[calc(--spacing(1.5))]">
        Add
      </Button>
    </form>
  );
}
