import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { FileWarning } from "lucide-react";
import { Button } from "@/components/ui/Button";
import { CopyButton } from "@/components/ui/CopyButton";
import { EmptyState } from "@/components/ui/EmptyState";
import { Toasts } from "@/components/ui/toast";
import { DataSection } from "@/features/settings/DataSection";
import { openOwnWorkspace } from "@/features/settings/workspaces";
import type { Theme } from "@/ipc/bindings";
import { sentence } from "@/lib/format";
import { useAppliedTheme } from "./theme";

type StartProblemProps = {
  client: QueryClient;
  message: string;
  theme: Theme;
  /** The workspace was chosen; there is the program's own to go back to. */
  isChosen: boolean;
};

/** The whole window, when there is no workspace to show: why, and what can be done about it. */
export function StartProblem({ client, message, theme, isChosen }: StartProblemProps) {
  useAppliedTheme(theme);
  return (
    <QueryClientProvider client={client}>
      <main className="scroll-area flex h-full flex-col items-center overflow-y-auto px-6">
        <EmptyState
          icon={FileWarning}
          heading="h1"
          tone="negative"
          title="The workspace could not be opened"
          className="mt-auto"
          actions={
            <>
              {isChosen && (
                <Button variant="primary" look="filled" onClick={() => void openOwnWorkspace()}>
                  Open my own workspace
                </Button>
              )}
              <CopyButton text={message} label="Copy details" />
            </>
          }
        >
          <p>
            {sentence(message)
              .split("`")
              // Every other part stood between two of them.
              .map((part, place) =>
                place % 2 === 0 ? (
                  part
                ) : (
                  <code key={place} className="font-mono text-xs">
                    {part}
                  </code>
                ),
              )}
          </p>
          <p className="mt-2">
            Nothing was changed. Put right what is said above and start Touchstone again, or go on below.
          </p>
        </EmptyState>
        <section
          aria-labelledby="repair"
          className="mb-auto flex w-full max-w-2xl flex-col items-start gap-3 border-t border-border py-6"
        >
          <h2 id="repair" className="text-base font-semibold">
            If the file is damaged
          </h2>
          <DataSection />
        </section>
        <Toasts />
      </main>
    </QueryClientProvider>
  );
}
