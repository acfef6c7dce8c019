/** A prompt that came from elsewhere has no tasks to ask about yet. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Crosshair } from "lucide-react";
import { Loaded } from "@/components/Loaded";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { Menu, MenuItem } from "@/components/ui/Menu";
import { toast } from "@/components/ui/toast";
import { ipc, messageOf } from "@/ipc/client";
import { projectsQuery } from "@/ipc/queries";
import { formatCount } from "@/lib/format";

export function AimPane({ promptId }: { promptId: string }) {
  const aim = useMutation({
    mutationFn: (projectId: string) => ipc.setPromptProject(promptId, projectId),
    onError: (error) =>
      toast({ kind: "failed", title: "The target project was not set", description: messageOf(error) }),
  });
  return (
    <Loaded query={useQuery(projectsQuery())} what="the projects">
      {(projects) => (
        <EmptyState
          icon={Crosshair}
          title="No target project yet"
          className="h-full justify-center"
          actions={
            projects.length === 0 ? (
              <Button command="project.import">Import project</Button>
            ) : (
              <Menu
                align="center"
                trigger={
                  <Button variant="primary" look="filled" waiting={aim.isPending}>
                    Choose a target project
                  </Button>
                }
              >
                {projects.map((project) => (
                  <MenuItem
                    key={project.id}
                    hint={formatCount(project.task_count, "task")}
                    disabledReason={project.ineligible ?? undefined}
                    onClick={() => aim.mutate(project.id)}
                  >
                    {project.name}
                  </MenuItem>
                ))}
              </Menu>
            )
          }
        >
          It came from elsewhere. A project gives it tasks to ask about, an answer format and ground truth.
        </EmptyState>
      )}
    </Loaded>
  );
}
