/** What a control can be answered with, to press; where that is much, with a field to filter it by. */
import { type ComponentProps, type KeyboardEvent, type ReactNode, useId, useMemo, useRef, useState } from "react";
import { ClassFilter, FilterStatus } from "../ClassFilter";
import { FILTERED_FROM, foundClasses } from "../foundClasses";
import { RadioGroup, ToggleButton } from "./Fields";

export type PickedClass = {
  id: string;
  text: string;
  /** What the filter finds it by. */
  words: string[];
  colour?: string | undefined;
  hotkey?: string | undefined;
  /** How deep it is nested. */
  depth?: number;
  /** What it is called out of its place in a tree. */
  path?: string;
  /** What is odd about it. */
  note?: string;
};

type ClassPickerProps = {
  name: string;
  /** Held still while none of them becomes another: a search is over them. */
  items: readonly PickedClass[];
  isPressed: (id: string) => boolean;
  onPress: (id: string, byKey: boolean) => void;
  isMultiple: boolean;
  /** One of them is the answer, and not what the next mark gets. */
  isAnswer?: boolean;
  /** One below the other, as what is nested is. */
  isTree?: boolean;
  /** What is chosen although it is none of the items, always in sight. */
  strangers?: readonly PickedClass[];
  after?: ReactNode;
  /** Takes the answer back, where it may be none. */
  onClear?: (() => void) | undefined;
};

/** Buttons that are drawn at once: as many as fit on a screen and are drawn between two letters that are typed. */
const SHOWN = 60;

const ROW = "flex flex-wrap items-center gap-2";
const TREE = "flex flex-col items-start gap-1";

export function ClassPicker(props: ClassPickerProps) {
  if (props.items.length >= FILTERED_FROM) return <FilteredPicker {...props} />;
  const { name, items, isPressed, onPress, isMultiple, isAnswer = false, isTree = false, strangers = [] } = props;
  const isRadio = isAnswer && !isMultiple;
  const all = [...strangers, ...items];
  const stop = all.find(({ id }) => isPressed(id)) ?? all[0];
  const toggles = (
    <>
      {all.map((item) => (
        <Toggle
          key={item.id}
          item={item}
          isPressed={isPressed(item.id)}
          onPress={onPress}
          radio={isRadio ? { isStop: item === stop } : undefined}
        />
      ))}
      {props.after}
    </>
  );
  const className = isTree ? TREE : ROW;
  return isRadio ? (
    <RadioGroup label={name} className={className} onClear={props.onClear}>
      {toggles}
    </RadioGroup>
  ) : (
    <div className={className}>{toggles}</div>
  );
}

function FilteredPicker({ name, items, isPressed, onPress, isMultiple, ...rest }: ClassPickerProps) {
  const { isTree = false, strangers = [], after } = rest;
  const [query, setQuery] = useState("");
  /** Where the keys are, of what was found. */
  const [at, setAt] = useState(-1);
  const list = useId();
  const field = useRef<HTMLInputElement>(null);
  const found = useMemo(
    () => (query.trim() === "" ? items : foundClasses(query, items, ({ words }) => words)),
    [items, query],
  );
  const shown = found.slice(0, SHOWN);
  const drawn = new Set(shown.map(({ id }) => id));
  // What is chosen stays in sight, whatever is looked for.
  const kept = items.filter(({ id }) => isPressed(id) && !drawn.has(id));
  const current = shown[at];
  const optionId = (index: number) => `${list}-${index}`;
  const look = (next: string) => {
    setQuery(next);
    setAt(next.trim() === "" ? -1 : 0);
  };
  const go = (to: number) => {
    setAt(to);
    document.getElementById(optionId(to))?.scrollIntoView?.({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" && shown.length > 0) go(at + 1 < shown.length ? at + 1 : 0);
    else if (event.key === "ArrowUp" && shown.length > 0) go(at > 0 ? at - 1 : shown.length - 1);
    else if (event.key === "Enter" && current !== undefined) {
      onPress(current.id, true);
      if (query !== "") look("");
    } else if (event.key === "Escape") {
      // The field has cleared itself of what was typed; of one that is empty the keys go back to the classes.
      if (query === "") field.current?.blur();
      setAt(-1);
    } else return;
    event.preventDefault();
  };
  return (
    <div className="flex flex-col gap-2">
      <div className={ROW}>
        <ClassFilter
          of={name}
          ref={field}
          value={query}
          onChange={look}
          onKeyDown={onKeyDown}
          list={{ id: list, active: current === undefined ? undefined : optionId(at) }}
        />
        {[...strangers, ...kept].map((item) => (
          <Toggle key={item.id} item={item} isPressed onPress={onPress} isAlone />
        ))}
        {after}
      </div>
      <div
        id={list}
        role="listbox"
        aria-label={`Classes of ${name}`}
        aria-multiselectable={isMultiple}
        className={isTree ? TREE : ROW}
      >
        {shown.map((item, index) => (
          <Toggle
            key={item.id}
            item={item}
            isPressed={isPressed(item.id)}
            onPress={onPress}
            isAlone={query.trim() !== ""}
            option={{ id: optionId(index), isActive: index === at }}
          />
        ))}
      </div>
      <FilterStatus query={query} shown={shown.length} hidden={found.length - shown.length} />
    </div>
  );
}

type ToggleProps = Pick<ClassPickerProps, "onPress"> & {
  item: PickedClass;
  isPressed: boolean;
  /** Not in its place in a tree. */
  isAlone?: boolean;
} & Pick<ComponentProps<typeof ToggleButton>, "option" | "radio">;

function Toggle({ item, isPressed, onPress, isAlone = false, ...as }: ToggleProps) {
  const { id, text, path = text, colour, hotkey, depth = 0, note } = item;
  return (
    <ToggleButton
      pressed={isPressed}
      onPress={(byKey) => onPress(id, byKey)}
      colour={colour}
      hotkey={hotkey}
      {...as}
      depth={isAlone ? 0 : depth}
    >
      {isAlone ? path : text}
      {note !== undefined && <span className="text-warning-content"> ({note})</span>}
    </ToggleButton>
  );
}
