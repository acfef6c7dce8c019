import { FileWarning } from "lucide-react";
import { Button } from "@/components/ui/Button";
import { CopyButton } from "@/components/ui/CopyButton";
import { EmptyState } from "@/components/ui/EmptyState";
import { Toasts, toast } from "@/components/ui/toast";
import type { Theme } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { useAppliedTheme } from "./theme";

/** The whole window, when there is no workspace to show. */
type StartProblemProps = {
  message: string;
  theme: Theme;
  /** The workspace was chosen; there is the program's own to go back to. */
  isChosen: boolean;
};

export function StartProblem({ message, theme, isChosen }: StartProblemProps) {
  useAppliedTheme(theme);
  const goBack = () =>
    void ipc
      .switchWorkspace(null)
      .catch((error) => toast({ kind: "failed", title: "It could not be opened", description: messageOf(error) }));
  return (
    <main className="flex h-full items-center justify-center">
      <EmptyState
        icon={FileWarning}
        heading="h1"
        tone="negative"
        title="The workspace could not be opened"
        actions={
          <>
            {isChosen && (
              <Button variant="primary" look="filled" onClick={goBack}>
                Open my own workspace
              </Button>
            )}
            <CopyButton text={message} label="Copy details" />
          </>
        }
      >
        <p>{message}</p>
        <p className="mt-2">Nothing was changed. Put right what is said above, then start Touchstone again.</p>
      </EmptyState>
      <Toasts />
    </main>
  );
}
