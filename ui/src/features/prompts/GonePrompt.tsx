/** In place of a prompt that is not there: it was deleted here, by the local API or by another program, or never was. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CircleSlash, RotateCcw, Trash2 } from "lucide-react";
import { QueryProblem } from "@/components/QueryProblem";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { RelativeTime } from "@/components/ui/Time";
import { deletedPromptsQuery } from "@/ipc/queries";
import { useRestorePrompt } from "./restore";

type GonePromptProps = {
  promptId: string;
  /** It was on the screen when it went. */
  wasOpen: boolean;
};

export function GonePrompt({ promptId, wasOpen }: GonePromptProps) {
  const navigate = useNavigate();
  const bin = useQuery(deletedPromptsQuery());
  const restore = useRestorePrompt();
  const prompt = bin.data?.find(({ id }) => id === promptId);
  const back = <Button onClick={() => void navigate({ to: "/prompts" })}>Back to the list</Button>;
  if (prompt !== undefined) {
    return (
      <EmptyState
        icon={Trash2}
        title="This prompt is in the bin"
        heading="h1"
        className="h-full justify-center"
        actions={
          <>
            <Button
              variant="primary"
              look="filled"
              icon={RotateCcw}
              waiting={restore.isPending}
              onClick={() => restore.mutate(prompt)}
            >
              Restore
            </Button>
            {back}
          </>
        }
      >
        <span dir="auto">“{prompt.name}”</span> was deleted <RelativeTime iso={prompt.deleted_at} />, here or by another
        program. The bin keeps it for 30 days, with its versions and runs.
      </EmptyState>
    );
  }
  if (bin.isError) {
    return (
      <QueryProblem
        title="The deleted prompts could not be read"
        error={bin.error}
        onRetry={() => void bin.refetch()}
        heading="h1"
      />
    );
  }
  // What was read before the prompt went does not know of it.
  if (bin.isFetching) return <h1 className="sr-only">Prompt</h1>;
  return (
    <EmptyState
      icon={CircleSlash}
      title={wasOpen ? "This prompt is gone for good" : "There is no such prompt"}
      heading="h1"
      className="h-full justify-center"
      actions={back}
    >
      {wasOpen
        ? "It is not in the bin either, which keeps what was deleted for 30 days."
        : "No prompt of this workspace has this address. It may be one of another workspace, or one that was deleted for good."}
    </EmptyState>
  );
}
