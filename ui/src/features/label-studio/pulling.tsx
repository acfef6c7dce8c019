import type { ComponentProps } from "react";
import { Button } from "@/components/ui/Button";
import type { Dialog } from "@/components/ui/Dialog";
import { Progress } from "@/components/ui/Progress";
import type { PullProgress } from "@/ipc/bindings";
import { formatBytes, formatCount, formatNumber } from "@/lib/format";

type Pulling = { title: string; progress: PullProgress | null; onCancel: () => void; canceling: boolean };

/** What the dialog that began a pull shows while it is at work: props, so that it stays the same dialog. */
export function pulling({
  title,
  progress,
  onCancel,
  canceling,
}: Pulling): Omit<ComponentProps<typeof Dialog>, "open"> {
  const isRead = progress !== null && progress.total > 0 && progress.done >= progress.total;
  return {
    // A pull is left by its own button, so that a stray key does not throw it away.
    onClose: () => {},
    title: `Pulling “${title}”`,
    footer: (
      <Button onClick={onCancel} waiting={canceling}>
        Cancel pull
      </Button>
    ),
    children: (
      <div className="flex flex-col gap-3 py-4">
        <Progress
          label="Pull"
          share={progress === null || progress.total === 0 || isRead ? null : progress.done / progress.total}
        />
        <p className="text-sm text-subtler tabular-nums">
          {progress === null
            ? "Asking the server"
            : progress.bytes > 0
              ? `${formatBytes(progress.bytes)} of its ${formatCount(progress.total, "task")} read`
              : isRead
                ? `${formatCount(progress.total, "task")} read; they are being put into the project`
                : `${formatNumber(progress.done)} of ${formatCount(progress.total, "task")} read`}
        </p>
        <p className="text-sm text-subtler">
          Nothing is changed here until all of it is read. A pull that breaks off goes on where it was.
        </p>
      </div>
    ),
  };
}
