import { ClassChip } from "@/components/ui/Badge";
import type { Outline, Region } from "@/ipc/bindings";
import { classes } from "@/lib/classes";
import { classesOf, colourOf, labelOf, spanOf, valueText } from "./regions";

type RegionSummaryProps = {
  outline: Outline | undefined;
  regions: readonly Region[];
  /** There is room for all of it. */
  isWhole?: boolean;
};

/** What an annotation or a prediction says, in one line of a table, or where there is room in as many as it takes. */
export function RegionSummary({ outline, regions, isWhole = false }: RegionSummaryProps) {
  if (regions.length === 0) return <span className="text-subtler">Nothing marked</span>;
  const named = regions.filter((region) => classesOf(region).length > 0 && spanOf(region) === null);
  // Of several controls, each value says whose it is.
  const several = new Set(regions.map((region) => region.from_name)).size > 1;
  const told = regions
    .filter((region) => !named.includes(region))
    .map((region) => (several ? `${region.from_name}: ${valueText(region)}` : valueText(region)));
  return (
    <span className={classes("flex min-w-0 items-center gap-1.5", isWhole ? "flex-wrap" : "overflow-hidden")}>
      {named.flatMap((region) => {
        const control = outline?.nodes.find((node) => node.name === region.from_name);
        return classesOf(region).map((name) => (
          <ClassChip key={`${region.id}-${name}`} colour={colourOf(control, name)}>
            {control?.classes.find((option) => labelOf(option) === name)?.value ?? name}
          </ClassChip>
        ));
      })}
      {told.length > 0 && (
        <span
          className={isWhole ? "min-w-0 break-words whitespace-pre-wrap" : "truncate"}
          dir="auto"
          title={isWhole ? undefined : told.join("\n")}
        >
          {told.join(isWhole ? "\n" : "; ")}
        </span>
      )}
    </span>
  );
}
