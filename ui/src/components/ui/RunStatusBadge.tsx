import {
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleStop,
  CircleX,
  LoaderCircle,
  type LucideIcon,
} from "lucide-react";
import type { RunStatus } from "@/ipc/bindings";
import { Badge, type Tone } from "./Badge";

const statuses: Record<RunStatus, { word: string; tone: Tone; icon: LucideIcon }> = {
  queued: { word: "Queued", tone: "neutral", icon: CircleDashed },
  in_progress: { word: "In progress", tone: "primary", icon: LoaderCircle },
  paused: { word: "Paused", tone: "warning", icon: CirclePause },
  completed: { word: "Completed", tone: "positive", icon: CircleCheck },
  failed: { word: "Failed", tone: "negative", icon: CircleX },
  // The word on every button is "Stop"; what it leaves is a canceled run.
  canceled: { word: "Canceled", tone: "neutral", icon: CircleStop },
};

export function RunStatusBadge({ status }: { status: RunStatus }) {
  const { word, tone, icon } = statuses[status];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
}
