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
 * The renames that lead from the classes of `before` to those of `after`. `made` are those that were made one after the
 * other, of which some may have been taken back since. A new class that stands where another one went, beside one that
 * stayed, is taken for a rename too.
 */
export function renamesBetween(before: Outline, after: Outline, made: readonly ClassRename[]): ClassRename[] {
  const now = classesByControl(after);
  return [...classesByControl(before)].flatMap(([control, old]) => {
    const current = now.get(control);
    if (current === undefined) return [];
    const gone = old.filter((name) => !current.includes(name));
    const come = current.filter((name) => !old.includes(name));
    return gone.flatMap((from) => {
      const to = followed(control, from, made, come) ?? inPlace(old.indexOf(from), old, current, come);
      return to === undefined ? [] : [{ control, from, to }];
    });
  });
}

/** Where the renames that were made lead from a class; `undefined` if that is none of the new ones. */
function followed(control: string, from: string, made: readonly ClassRename[], come: string[]): string | undefined {
  const end = made.reduce(
    (name, rename) => (rename.control === control && rename.from === name ? rename.to : name),
    from,
  );
  return come.includes(end) ? end : undefined;
}

function inPlace(place: number, old: string[], current: string[], come: string[]): string | undefined {
  const now = current[place];
  const stayed = (at: number) => old[at] !== undefined && old[at] === current[at];
  return now !== undefined && come.includes(now) && (stayed(place - 1) || stayed(place + 1)) ? now : undefined;
}
