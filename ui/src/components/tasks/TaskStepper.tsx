import { ChevronLeft, ChevronRight } from "lucide-react";
import { IconButton } from "@/components/ui/Button";
import { formatNumber } from "@/lib/format";

type TaskStepperProps = { position: number; total: number; onChange: (position: number) => void };

/** Which task is shown, and the way to the ones beside it. `position` counts from 0. */
export function TaskStepper({ position, total, onChange }: TaskStepperProps) {
  return (
    <div className="flex items-center gap-1 text-sm text-subtler">
      <span className="flex-1 tabular-nums">
        Task {formatNumber(position + 1)} of {formatNumber(total)}
      </span>
      <IconButton
        icon={ChevronLeft}
        label="Previous task"
        size="small"
        disabled={position === 0}
        onClick={() => onChange(position - 1)}
      />
      <IconButton
        icon={ChevronRight}
        label="Next task"
        size="small"
        disabled={position + 1 >= total}
        onClick={() => onChange(position + 1)}
      />
    </div>
  );
}
