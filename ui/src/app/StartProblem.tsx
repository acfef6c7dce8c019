import { FileWarning } from "lucide-react";
import { CopyButton } from "@/components/ui/CopyButton";
import { EmptyState } from "@/components/ui/EmptyState";
import { Toasts } from "@/components/ui/toast";
import type { Theme } from "@/ipc/bindings";
import { useAppliedTheme } from "./theme";

/** The whole window, when there is no workspace to show. */
export function StartProblem({ message, theme }: { message: string; theme: Theme }) {
  useAppliedTheme(theme);
  return (
    <main className="flex h-full items-center justify-center">
      <EmptyState
        icon={FileWarning}
        heading="h1"
        tone="negative"
        title="The workspace could not be opened"
        actions={<CopyButton text={message} label="Copy details" />}
      >
        <p>{message}</p>
        <p className="mt-2">Nothing was changed. Put right what is said above, then start Touchstone again.</p>
      </EmptyState>
      <Toasts />
    </main>
  );
}
