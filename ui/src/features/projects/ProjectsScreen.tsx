import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { CloudDownload, FlaskConical, FolderKanban, LayoutTemplate, SearchX, Upload } from "lucide-react";
import { useMemo } from "react";
import { runCommand } from "@/components/commands";
import { ListHead } from "@/components/ListHead";
import { Page } from "@/components/Page";
import { QueryProblem } from "@/components/QueryProblem";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { ListSkeleton } from "@/components/ui/ListTable";
import type { ProjectSummary } from "@/ipc/bindings";
import { projectsQuery } from "@/ipc/queries";
import { formatCount } from "@/lib/format";
import { ProjectsTable, type Sorting } from "./ProjectsTable";

const route = getRouteApi("/projects");

export function ProjectsScreen() {
  const { q = "", sort = "updated", desc = sort !== "name" } = route.useSearch();
  const navigate = route.useNavigate();
  const projects = useQuery(projectsQuery());
  const shown = useMemo(() => arrange(projects.data ?? [], q, { sort, desc }), [projects.data, q, sort, desc]);
  const all = projects.data ?? [];
  const setQuery = (query: string) =>
    void navigate({ search: (old) => ({ ...old, q: query === "" ? undefined : query }), replace: true });

  return (
    <Page title="Projects">
      <ListHead title="Projects" count={all.length} search={{ label: "Search projects", value: q, onChange: setQuery }}>
        <Button icon={CloudDownload} command="project.from-label-studio" className="gap-0 @md:gap-1.5">
          <span className="sr-only @md:not-sr-only">From Label Studio</span>
        </Button>
        <Button variant="primary" look="filled" icon={Upload} command="project.import">
          Import project
        </Button>
      </ListHead>
      <div className="min-h-0 flex-1 px-4 pb-4">
        {projects.isError ? (
          <QueryProblem
            title="The projects could not be read"
            error={projects.error}
            onRetry={() => void projects.refetch()}
          />
        ) : projects.isPending ? (
          <ListSkeleton label="Reading the projects" />
        ) : all.length === 0 ? (
          <EmptyState
            icon={FolderKanban}
            title="Bring a labeling project"
            className="h-full justify-center"
            actions={
              <>
                <Button variant="primary" look="filled" icon={Upload} onClick={() => runCommand("project.import")}>
                  Import project
                </Button>
                <Button icon={CloudDownload} onClick={() => runCommand("project.from-label-studio")}>
                  From Label Studio
                </Button>
                <Button icon={FlaskConical} onClick={() => runCommand("go.sample")}>
                  Open the sample
                </Button>
                <Button icon={LayoutTemplate} onClick={() => runCommand("project.template")}>
                  Samples by control
                </Button>
              </>
            }
          >
            A labeling config from Label Studio (.xml) and its tasks (.json): choose them, or drop them on this window.
            Or pull a project from a server, or begin with a sample that asks what you want to ask.
          </EmptyState>
        ) : shown.length === 0 ? (
          <EmptyState
            icon={SearchX}
            title={`No project matches “${q}”`}
            actions={<Button onClick={() => setQuery("")}>Clear search</Button>}
          >
            {formatCount(all.length, "project")} here. Names and controls are searched.
          </EmptyState>
        ) : (
          <ProjectsTable
            projects={shown}
            sorting={{ sort, desc }}
            onSort={(next) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true })}
          />
        )}
      </div>
    </Page>
  );
}

function arrange(projects: readonly ProjectSummary[], query: string, { sort, desc }: Sorting): ProjectSummary[] {
  const wanted = query.trim().toLocaleLowerCase();
  const kept = projects.filter(({ name, controls }) =>
    [name, ...controls].some((text) => text.toLocaleLowerCase().includes(wanted)),
  );
  const sign = desc ? -1 : 1;
  const compare: Record<Sorting["sort"], (a: ProjectSummary, b: ProjectSummary) => number> = {
    name: (a, b) => a.name.localeCompare(b.name),
    tasks: (a, b) => a.task_count - b.task_count,
    updated: (a, b) => a.updated_at.localeCompare(b.updated_at),
  };
  return kept.sort((a, b) => sign * compare[sort](a, b) || a.name.localeCompare(b.name));
}
