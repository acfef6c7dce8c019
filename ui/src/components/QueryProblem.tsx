import { RotateCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { messageOf } from "@/ipc/client";
import { Button } from "./ui/Button";
import { CopyButton } from "./ui/CopyButton";
import { EmptyState } from "./ui/EmptyState";

type QueryProblemProps = {
  /** What could not be done: "The prompts could not be read". */
  title: string;
  error: unknown;
  onRetry: () => void;
  /** `h1` where it is the whole screen. */
  heading?: "h1" | "h2";
  /** Another way out. */
  action?: ReactNode;
};

/** In place of what could not be read. */
export function QueryProblem({ title, error, onRetry, heading = "h2", action }: QueryProblemProps) {
  const message = messageOf(error);
  return (
    <div role="alert">
      <EmptyState
        icon={TriangleAlert}
        tone="negative"
        title={title}
        heading={heading}
        actions={
          <>
            <Button variant="primary" look="filled" icon={RotateCw} onClick={onRetry}>
              Try again
            </Button>
            {action}
            <CopyButton text={message} label="Copy details" />
          </>
        }
      >
        {message}
      </EmptyState>
    </div>
  );
}
