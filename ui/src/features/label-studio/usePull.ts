import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { toast } from "@/components/ui/toast";
import type { PullProgress } from "@/ipc/bindings";
import { IpcFailure, ipc, listen } from "@/ipc/client";

type Pulled = { serverId: string; remoteId: number; takeConfig: boolean };

/** A pull, with how far it has come while it is at work. */
export function usePull() {
  const [progress, setProgress] = useState<PullProgress | null>(null);
  const pull = useMutation({
    mutationFn: ({ serverId, remoteId, takeConfig }: Pulled) => ipc.pullProject(serverId, remoteId, takeConfig),
    onMutate: () => setProgress(null),
    onError: (error) => {
      if (isCanceled(error)) toast({ title: "The pull was canceled; nothing was changed here" });
    },
  });
  const cancel = useMutation({ mutationFn: ipc.cancelPull });
  const { isPending, variables } = pull;
  useEffect(() => {
    if (!isPending) return;
    return listen("pullProgress", (told) => {
      if (told.server_id === variables.serverId && told.remote_id === variables.remoteId) setProgress(told);
    });
  }, [isPending, variables]);
  return { pull, cancel, progress, failed: isCanceled(pull.error) ? null : pull.error };
}

function isCanceled(error: unknown): boolean {
  return error instanceof IpcFailure && error.code === "canceled";
}
