/** What compared runs are called: as short as tells them apart. */
import type { RunSummary } from "@/ipc/bindings";
import { formatNumber } from "@/lib/format";
import { modelLabel } from "@/lib/models";

/** A run with what else tells it from others. */
export type NamedRun = { run: RunSummary; promptName: string };

/** "v4", and where that says too little, the prompt before it, or the model and the number of the run after it. */
export function runNames(all: readonly NamedRun[]): string[] {
  const severalPrompts = new Set(all.map(({ run }) => run.prompt_id)).size > 1;
  const version = ({ run, promptName }: NamedRun) =>
    severalPrompts ? `${promptName} v${run.version_number}` : `v${run.version_number}`;
  const model = (one: NamedRun) => `${version(one)} with ${modelLabel(one.run)}`;
  const number = (one: NamedRun) => `${version(one)}, run ${formatNumber(one.run.number)}`;
  const isAlone = (one: NamedRun, name: (of: NamedRun) => string) =>
    all.filter((other) => name(other) === name(one)).length === 1;
  return all.map((one) => {
    if (isAlone(one, version)) return version(one);
    return isAlone(one, model) ? model(one) : number(one);
  });
}
