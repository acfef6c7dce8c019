import { ClassChip } from "@/components/ui/Badge";
import type { Outline, Region } from "@/ipc/bindings";
import { classesOf, colourOf, labelOf, spanOf, valueText } from "./regions";

/** What an annotation or a prediction says, in one line of a table. */
export function RegionSummary({ outline, regions }: { outline: Outline | undefined; regions: readonly Region[] }) {
  if (regions.length === 0) return <span className="text-subtler">nothing marked</span>;
  const named = regions.filter((region) => classesOf(region).length > 0 && spanOf(region) === null);
  // Of several controls, each value says whose it is.
  const several = new Set(regions.map((region) => region.from_name)).size > 1;
  const told = regions
    .filter((region) => !named.includes(region))
    .map((region) => (several ? `${region.from_name}: ${valueText(region)}` : valueText(region)));
  return (
    <span className="flex min-w-0 items-center gap-1.5 overflow-hidden">
      {named.flatMap((region) => {
        const control = outline?.nodes.find((node) => node.name === region.from_name);
        return classesOf(region).map((name) => (
          <ClassChip key={`${region.id}-${name}`} colour={colourOf(control, name)}>
            {control?.classes.find((option) => labelOf(option) === name)?.value ?? name}
          </ClassChip>
        ));
      })}
      {told.length > 0 && (
        <span className="truncate" dir="auto" title={told.join("\n")}>
          {told.join("; ")}
        </span>
      )}
    </span>
  );
}
