import { useMutation } from "@tanstack/react-query";
import { toast } from "@/components/ui/toast";
import type { VersionSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";

type Place = Pick<VersionSummary, "id" | "number">;
type Move = {
  name: string;
  to: Place;
  /** Where the label was; a new one was nowhere. */
  from?: Place;
};

export function labelNotMoved(error: Error): void {
  toast({ kind: "failed", title: "The label was not moved", description: messageOf(error) });
}

/** Lets a label point to a version, and offers the way back to where it was. */
export function useMoveLabel() {
  const move = useMutation({
    mutationFn: ({ name, to }: Move) => ipc.moveLabel(to.id, name),
    onSuccess: (_, { name, to, from }) =>
      toast({
        title: `“${name}” points to version ${to.number} now`,
        action: from === undefined ? undefined : { label: "Undo", run: () => move.mutate({ name, to: from }) },
      }),
    onError: labelNotMoved,
  });
  return move;
}
