/** What annotations and predictions say, to be compared. */
import type { JsonValue, Region } from "@/ipc/bindings";
import { classesOf, spanOf } from "./regions";

/** Regions whose classes together are one set. */
const SETS = ["choices", "taxonomy"];

/** What regions of a control say, without their ids and in one order. */
export function saidOn(control: string, regions: readonly Region[]): string[] {
  const own = regions.filter((region) => region.from_name === control && region.type !== "relation");
  const said = own.flatMap(saidBy);
  return (own.every((region) => SETS.includes(region.type)) ? [...new Set(said)] : said).sort();
}

/** The controls on which not all of these annotations and predictions say the same. */
export function differingControls(sides: readonly (readonly Region[])[]): Set<string> {
  const controls = [...new Set(sides.flat().map(({ from_name }) => from_name))];
  const saidOnIt = (control: string) => new Set(sides.map((side) => saidOn(control, side).join("\n")));
  return new Set(controls.filter((control) => saidOnIt(control).size > 1));
}

/** What one region says, in parts that are in no order. */
export function saidBy(region: Region): string[] {
  const span = spanOf(region);
  if (span !== null) return span.labels.map((label) => JSON.stringify([label, span.start, span.end]));
  if (SETS.includes(region.type)) return parts(region);
  return [JSON.stringify(ordered(region.value))];
}

function parts(region: Region): string[] {
  const value = region.value[region.type];
  return Array.isArray(value) ? value.map((part) => JSON.stringify(part)) : classesOf(region);
}

/** The same with the keys of objects in one order, and a text on its own as the list of it: both are written. */
function ordered(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== "object") return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(
    keys.map((key) => {
      const part = ordered(value[key] ?? null);
      return [key, key === "text" && typeof part === "string" ? [part] : part];
    }),
  );
}
