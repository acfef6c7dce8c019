/** What helps a run that paused, beside going on with it. */
import { useQuery } from "@tanstack/react-query";
import { HandCoins } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import type { RunSummary } from "@/ipc/bindings";
import { settingsQuery } from "@/ipc/queries";
import { useResumeWithStop } from "./control";
import { MoneyStopDialog } from "./MoneyStopDialog";

type Size = { size?: "small" };

/** Where what stands in the way of a run is mended. */
export function WayOut({ run, ...size }: { run: RunSummary } & Size) {
  const isOffline = useQuery(settingsQuery()).data?.offline === true;
  if (run.cause === "offline") {
    return isOffline ? (
      <Button command="go.network" {...size}>
        Network settings
      </Button>
    ) : null;
  }
  return run.provider === "practice" ? null : (
    <Button command="go.keys" {...size}>
      API Keys
    </Button>
  );
}

/** Goes on with a run that may cost something else from then on; only where it has a money stop. */
export function ResumeWithStop({ run, ...size }: { run: RunSummary } & Size) {
  const [setting, setSetting] = useState(false);
  const resume = useResumeWithStop(run.id);
  if (run.limit_micros === null) return null;
  return (
    <>
      <Button
        icon={HandCoins}
        onClick={() => {
          resume.reset();
          setSetting(true);
        }}
        {...size}
      >
        Money stop
      </Button>
      {setting && (
        <MoneyStopDialog
          onClose={() => setSetting(false)}
          limit={run.limit_micros}
          spent={run.cost_micros}
          action="Resume"
          onSet={(limit) => resume.mutate(limit, { onSuccess: () => setSetting(false) })}
          waiting={resume.isPending}
          error={resume.error}
        />
      )}
    </>
  );
}
