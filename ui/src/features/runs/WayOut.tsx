/** What helps a run that paused, beside going on with it. */
import { useQuery } from "@tanstack/react-query";
import { HandCoins } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import type { RunSummary } from "@/ipc/bindings";
import { settingsQuery } from "@/ipc/queries";
import { useResumeWithStop } from "./control";
import { lostWords } from "./cost";
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
  if (run.cause === "money_stop") return <ResumeWithStop run={run} label="Raise the money stop" {...size} />;
  if (run.cause === "daily_budget") {
    return (
      <Button command="app.settings" {...size}>
        Settings
      </Button>
    );
  }
  return run.provider === "practice" ? null : (
    <Button command="go.keys" {...size}>
      API Keys
    </Button>
  );
}

/** Goes on with a run that may cost something else from then on; only where it has a money stop. */
export function ResumeWithStop({ run, label = "Money stop", ...size }: { run: RunSummary; label?: string } & Size) {
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
        {label}
      </Button>
      {setting && (
        <MoneyStopDialog
          onClose={() => setSetting(false)}
          limit={run.limit_micros}
          spent={run.cost_micros}
          lost={{ words: lostWords(run), micros: run.lost_micros }}
          action="Resume"
          onSet={(limit) => resume.mutate(limit, { onSuccess: () => setSetting(false) })}
          waiting={resume.isPending}
          error={resume.error}
        />
      )}
    </>
  );
}
