import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { toast } from "@/components/ui/toast";
import { IpcFailure, ipc, messageOf } from "@/ipc/client";

export function isNameTaken(error: unknown): boolean {
  return error instanceof IpcFailure && error.code === "name_taken";
}

/** Takes a prompt out of the bin; where its name is taken meanwhile, the bin asks for another one. */
export function useRestorePrompt() {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ id }: { id: string; name: string }) => ipc.restorePrompt(id, null),
    onError: (error, { id, name }) => {
      if (isNameTaken(error)) void navigate({ to: ".", search: (old) => ({ ...old, dialog: "bin", prompt: id }) });
      else toast({ kind: "failed", title: `“${name}” could not be brought back`, description: messageOf(error) });
    },
  });
}
