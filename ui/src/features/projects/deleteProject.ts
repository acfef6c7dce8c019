import { useMutation } from "@tanstack/react-query";
import { toast } from "@/components/ui/toast";
import type { ProjectSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { formatCount } from "@/lib/format";

/** Why a project cannot be deleted now. */
export function inUse(project: ProjectSummary): string | undefined {
  if (project.prompt_count === 0) return undefined;
  return `${formatCount(project.prompt_count, "prompt uses", "prompts use")} it. Delete ${project.prompt_count === 1 ? "that" : "those"} first.`;
}

/** Deletes at once and offers the way back. */
export function useDeleteProject(onDeleted?: () => void): (project: ProjectSummary) => void {
  const restore = useMutation({
    mutationFn: (project: ProjectSummary) => ipc.restoreProject(project.id),
    onError: (error, project) =>
      toast({ kind: "failed", title: `“${project.name}” could not be brought back`, description: messageOf(error) }),
  });
  const { mutate } = useMutation({
    mutationFn: (project: ProjectSummary) => ipc.deleteProject(project.id),
    onSuccess: (_, project) => {
      onDeleted?.();
      toast({ title: `Deleted “${project.name}”`, action: { label: "Undo", run: () => restore.mutate(project) } });
    },
    onError: (error, project) =>
      toast({ kind: "failed", title: `“${project.name}” was not deleted`, description: messageOf(error) }),
  });
  return mutate;
}
