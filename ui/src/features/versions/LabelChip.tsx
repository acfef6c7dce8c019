import type { PointerEvent } from "react";
import { Badge } from "@/components/ui/Badge";
import type { VersionSummary } from "@/ipc/bindings";
import { classes } from "@/lib/classes";

/** A label, and the version that it is taken from. */
export type HeldLabel = { name: string; from: VersionSummary };

/** How the chips of labels are dragged. */
export type LabelDrag = {
  press: (event: PointerEvent, label: HeldLabel) => void;
  /** The name of the label that is being dragged. */
  held: string | undefined;
};

type LabelChipProps = HeldLabel & { drag: LabelDrag; className?: string };

/** A label where it stands. It can be dragged by pointer only: what the keyboard needs is in the menu of labels. */
export function LabelChip({ name, from, drag, className }: LabelChipProps) {
  return (
    <span
      title={`Drag “${name}” to another version to move it there`}
      onPointerDown={(event) => drag.press(event, { name, from })}
      className={classes("inline-flex min-w-0 cursor-grab touch-none select-none", className)}
    >
      <Badge
        size="small"
        tone="primary"
        className={classes("min-w-0 shrink", drag.held === name && "border-dashed border-border-field bg-transparent")}
      >
        {name}
      </Badge>
    </span>
  );
}
