import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { toast } from "@/components/ui/toast";
import type { PullOptions, PullProgress } from "@/ipc/bindings";
import { ipc, isCanceled, listen, messageOf } from "@/ipc/client";
import { useIsOpen } from "./useIsOpen";

type Pulled = { serverId: string; remoteId: number; title: string; options: PullOptions };

/** A pull, with how far it has come while it is at work. It goes on where its dialog is left by the way back of the window. */
export function usePull() {
  const isOpen = useIsOpen();
  const [progress, setProgress] = useState<PullProgress | null>(null);
  const pull = useMutation({
    mutationFn: ({ serverId, remoteId, options }: Pulled) => ipc.pullProject(serverId, remoteId, options),
    onMutate: () => setProgress(null),
    onSuccess: (_, { title }) => {
      if (!isOpen.current) toast({ title: `“${title}” was pulled` });
    },
    onError: (error, { title }) => {
      if (isCanceled(error)) toast({ title: "The pull was canceled; nothing was changed here" });
      else if (!isOpen.current)
        toast({ kind: "failed", title: `“${title}” was not pulled`, description: messageOf(error) });
    },
  });
  const cancel = useMutation({
    mutationFn: ipc.cancelPull,
    onError: (error) => toast({ kind: "failed", title: "The pull was not canceled", description: messageOf(error) }),
  });
  const { isPending, variables } = pull;
  useEffect(() => {
    if (!isPending) return;
    return listen("pullProgress", (told) => {
      if (told.server_id === variables.serverId && told.remote_id === variables.remoteId) setProgress(told);
    });
  }, [isPending, variables]);
  return { pull, cancel, progress, failed: isCanceled(pull.error) ? null : pull.error };
}
