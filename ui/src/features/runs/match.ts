/** Which of several controls a prediction and the ground truth say the same on. */
import { classesOf, spanOf } from "@/components/labeling/regions";
import type { JsonValue, Region, ResultRow } from "@/ipc/bindings";

/** Regions whose classes together are one set. */
const SETS = ["choices", "taxonomy"];

type Compared = Pick<ResultRow, "correct" | "prediction" | "ground_truth">;

/**
 * `null` where there is nothing to compare: one side is missing, or neither says anything on this control. Whether the
 * row is correct is scored in Rust, and holds here too.
 */
export function matchesOn(control: string, { correct, prediction, ground_truth }: Compared): boolean | null {
  if (correct === null || prediction === null || ground_truth === null) return null;
  const [said, truth] = [saidOn(control, prediction), saidOn(control, ground_truth)];
  if (said.length === 0 && truth.length === 0) return null;
  return correct || (said.length === truth.length && said.every((part, index) => part === truth[index]));
}

/** What regions of a control say, without their ids and in one order. */
function saidOn(control: string, regions: readonly Region[]): string[] {
  const own = regions.filter((region) => region.from_name === control && region.type !== "relation");
  const said = own.flatMap((region) => {
    const span = spanOf(region);
    if (span !== null) return span.labels.map((label) => JSON.stringify([label, span.start, span.end]));
    if (SETS.includes(region.type)) return parts(region);
    return [JSON.stringify(ordered(region.value))];
  });
  return (own.every((region) => SETS.includes(region.type)) ? [...new Set(said)] : said).sort();
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
