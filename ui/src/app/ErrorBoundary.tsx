import { RotateCw, TriangleAlert } from "lucide-react";
import { Component, type ReactNode } from "react";
import { Button } from "@/components/ui/Button";
import { CopyButton } from "@/components/ui/CopyButton";
import { EmptyState } from "@/components/ui/EmptyState";
import { messageOf } from "@/ipc/client";

/** Takes the place of a screen that threw while it was drawn. */
export function BrokenScreen({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return (
    <div role="alert" className="flex h-full items-center justify-center">
      <EmptyState
        icon={TriangleAlert}
        heading="h1"
        tone="negative"
        title="This screen could not be drawn"
        actions={
          <>
            <Button variant="primary" look="filled" icon={RotateCw} onClick={onRetry}>
              Draw it again
            </Button>
            <CopyButton text={details} label="Copy details" />
          </>
        }
      >
        This is a fault in the program, not in your data, which is safe in the workspace. The program says:{" "}
        {messageOf(error)}
      </EmptyState>
    </div>
  );
}

/** Around everything: the last resort when the frame itself cannot be drawn. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown; failed: boolean }> {
  override state = { error: null as unknown, failed: false };

  static getDerivedStateFromError(error: unknown) {
    return { error, failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return <BrokenScreen error={this.state.error} onRetry={() => this.setState({ error: null, failed: false })} />;
  }
}
