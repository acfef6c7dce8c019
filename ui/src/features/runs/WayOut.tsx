/** What helps a run that paused, beside going on with it. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { HandCoins, Plug } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { toast } from "@/components/ui/toast";
import type { RunSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
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
  // Nothing stands in the way of what was paused by hand or broken off, and nobody is asked for answers of the practice model.
  if (run.reason === null || run.is_interrupted || run.provider === "practice") return null;
  // Only a key, a model or an account that is refused is mended there; of any other trouble a test tells whether it is over.
  return run.cause === "refused" || run.connection_name === null ? (
    <Button command="go.keys" {...size}>
      API Keys
    </Button>
  ) : (
    <TestConnection run={run} name={run.connection_name} {...size} />
  );
}

/** Asks what the run asked one short question, and tells what came of it. */
function TestConnection({ run, name, ...size }: { run: RunSummary; name: string } & Size) {
  const test = useMutation({
    mutationFn: () => ipc.testConnection(run.connection_id, run.model),
    onSuccess: ({ ok, message }) =>
      toast({
        kind: ok ? "done" : "failed",
        title: ok ? `“${name}” answers` : `“${name}” does not work`,
        description: message,
      }),
    onError: (error) => toast({ kind: "failed", title: "The test could not be made", description: messageOf(error) }),
  });
  return (
    <Button icon={Plug} onClick={() => test.mutate()} waiting={test.isPending} {...size}>
      Test connection
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
