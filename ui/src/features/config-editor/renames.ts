/** Which classes are known by another name in a new config: told by who renamed them, or plain from the configs. */
import { labelOf } from "@/components/labeling/regions";
import type { ClassRename, Outline } from "@/ipc/bindings";

/** The classes of each control, as regions name them. */
export function classesByControl(outline: Outline): Map<string, string[]> {
  return new Map(
    outline.nodes.flatMap((node) =>
      node.kind === "control" && node.name !== null ? [[node.name, node.classes.map(labelOf)] as const] : [],
    ),
  );
}

/**
 * The renames that lead from the classes of `before` to those of `after`, all at once: classes may have changed names. `made`
 * are those that were made one after the other, of which the text may have taken some back since. A new class that stands
 * where another one went, beside one that stayed, is taken for a rename too.
 */
export function renamesBetween(before: Outline, after: Outline, made: readonly ClassRename[]): ClassRename[] {
  const now = classesByControl(after);
  return [...classesByControl(before)].flatMap(([control, old]) => {
    const current = now.get(control);
    if (current === undefined) return [];
    const ends = followed(control, old, made);
    const led = old.filter((name) => current.includes(ends.get(name) ?? name));
    const come = current.filter((name) => !old.includes(name) && !led.some((one) => ends.get(one) === name));
    return old.flatMap((from) => {
      const to = led.includes(from)
        ? ends.get(from)
        : current.includes(from)
          ? undefined
          : inPlace(old.indexOf(from), old, current, come);
      return to === undefined ? [] : [{ control, from, to }];
    });
  });
}

/** Where the renames that were made lead from these classes, of those that they lead elsewhere. */
function followed(control: string, old: readonly string[], made: readonly ClassRename[]): Map<string, string> {
  /** The old name by what the class is called. A name that is given again is that of the class that has it now. */
  const called = new Map(old.map((name) => [name, name]));
  for (const rename of made) {
    if (rename.control !== control) continue;
    const name = called.get(rename.from);
    called.delete(rename.from);
    if (name === undefined) called.delete(rename.to);
    else called.set(rename.to, name);
  }
  return new Map([...called].flatMap(([now, then]) => (now === then ? [] : [[then, now] as const])));
}

function inPlace(place: number, old: string[], current: string[], come: string[]): string | undefined {
  const now = current[place];
  const stayed = (at: number) => old[at] !== undefined && old[at] === current[at];
  return now !== undefined && come.includes(now) && (stayed(place - 1) || stayed(place + 1)) ? now : undefined;
}
