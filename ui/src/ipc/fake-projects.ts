/** Projects of the scripted world, and its sample. */
import type { ProjectExport, ProjectFormat } from "./bindings";
import { Refused } from "./fake-refused";
import { firstRun } from "./fake-scenes";
import type { FakeState } from "./fake-state";

export function projectCommands({ world, send, deleted, project, promptsOf, projectDetail }: FakeState) {
  return {
    openSample: () => {
      const sample = firstRun();
      for (const part of sample.projects) {
        if (!world.projects.some((project) => project.summary.id === part.summary.id)) world.projects.push(part);
      }
      for (const part of sample.prompts) {
        if (!world.prompts.some((prompt) => prompt.id === part.id)) world.prompts.push(part);
      }
      send.changed({ kind: "projects" });
      send.changed({ kind: "prompts" });
      return "prompt-sample";
    },
    chooseProjectExportPath: (format: ProjectFormat, suggestedName: string) =>
      `/home/ann/Documents/${suggestedName}.${format === "csv" || format === "jsonl" ? format : "json"}`,
    listProjects: () => world.projects.map((target) => ({ ...target.summary, prompt_count: promptsOf(target).length })),
    getProject: (projectId: string) => projectDetail(project(projectId)),
    exportProject: (projectId: string, options: ProjectExport) => ({
      tasks: project(projectId).summary.task_count,
      path: options.path,
    }),
    renameProject: (projectId: string, name: string) => {
      const target = project(projectId);
      const isTaken = world.projects.some((other) => other !== target && other.summary.name === name.trim());
      if (isTaken) throw new Refused("name_taken", `A project named "${name.trim()}" exists already.`, "name");
      target.summary = { ...target.summary, name: name.trim() };
      send.changed({ kind: "projects" });
      send.changed({ kind: "prompts" });
      return null;
    },
    deleteProject: (projectId: string) => {
      const target = project(projectId);
      const prompts = promptsOf(target).length;
      if (prompts > 0) {
        throw new Refused("project_in_use", `${prompts} prompts aim at this project; delete them first`);
      }
      world.projects.splice(world.projects.indexOf(target), 1);
      deleted.projects.push(target);
      send.changed({ kind: "projects" });
      return null;
    },
    restoreProject: (projectId: string) => {
      const target = deleted.projects.find((project) => project.summary.id === projectId);
      if (target !== undefined) world.projects.push(target);
      send.changed({ kind: "projects" });
      return null;
    },
  };
}
