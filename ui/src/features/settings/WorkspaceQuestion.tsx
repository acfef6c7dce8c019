import { useMutation } from "@tanstack/react-query";
import { Banner } from "@/components/ui/Banner";
import { ConfirmDialog } from "@/components/ui/Dialog";
import { ipc, messageOf } from "@/ipc/client";

/** Asks before the program works with another workspace: `path`, or none while nothing is asked. */
export function WorkspaceQuestion({ path, onClose }: { path: string | null; onClose: () => void }) {
  const use = useMutation({ mutationFn: (path: string) => ipc.switchWorkspace(path) });
  return (
    <ConfirmDialog
      open={path !== null}
      onClose={() => {
        use.reset();
        onClose();
      }}
      title="Open this workspace?"
      action="Open workspace"
      tone="primary"
      waiting={use.isPending}
      onConfirm={() => path !== null && use.mutate(path)}
    >
      <p className="font-mono text-xs break-all text-content select-text">{path}</p>
      <p className="mt-2">
        Touchstone starts again with it. Runs at work are paused; the workspace that is open now stays as it is, and
        Settings leads back to it. API keys are in this computer's keychain, not in the file.
      </p>
      {use.isError && (
        <Banner kind="negative" role="alert" className="mt-3">
          {messageOf(use.error)}
        </Banner>
      )}
    </ConfirmDialog>
  );
}
