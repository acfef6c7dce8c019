/** What other runs said of a task: each answer once, and what of it is not what this run said. */
import { isMark } from "@/components/labeling/boxes";
import { saidBy, saidOn } from "@/components/labeling/said";
import type { Region, ReviewOther } from "@/ipc/bindings";

export type Answer = { prediction: Region[]; runIds: string[] };

/** Answers that say the same on each control are one; those that most runs gave first. */
export function answersOf(others: readonly ReviewOther[]): Answer[] {
  const answers = new Map<string, Answer>();
  for (const { run_id, prediction } of others) {
    const key = saidIn(prediction);
    const known = answers.get(key);
    if (known === undefined) answers.set(key, { prediction, runIds: [run_id] });
    else known.runIds.push(run_id);
  }
  return [...answers.values()].sort((one, other) => other.runIds.length - one.runIds.length);
}

export type Difference = { more: Region[]; less: Region[] };

/**
 * What `theirs` has that `own` has not, and the other way round. What is only chosen otherwise is told once, as what they chose;
 * a mark is at a place, so that another one does not stand for it.
 */
export function differenceOf(own: readonly Region[], theirs: readonly Region[]): Difference {
  const lacking = (regions: readonly Region[], others: readonly Region[]) => {
    const said = (region: Region) => JSON.stringify([region.from_name, ...saidBy(region).sort()]);
    const known = new Set(others.map(said));
    return regions.filter((region) => !known.has(said(region)));
  };
  const more = lacking(theirs, own);
  const instead = new Set(more.filter((region) => !isMark(region)).map(({ from_name }) => from_name));
  return { more, less: lacking(own, theirs).filter(({ from_name }) => !instead.has(from_name)) };
}

/** What is said on each control, to be compared. */
function saidIn(regions: readonly Region[]): string {
  const controls = [...new Set(regions.map(({ from_name }) => from_name))].sort();
  const said = controls.map((control) => [control, saidOn(control, regions)] as const);
  return JSON.stringify(said.filter(([, parts]) => parts.length > 0));
}
