/** Reviewing what a run answered: which project, which run, and what there is when there is nothing to review. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { FlaskConical, FolderKanban, Play, Upload } from "lucide-react";
import { type RefObject, useEffect, useRef } from "react";
import { runCommand } from "@/components/commands";
import { Loaded } from "@/components/Loaded";
import { Page } from "@/components/Page";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { RunStatusBadge } from "@/components/ui/RunStatusBadge";
import { Select } from "@/components/ui/Select";
import type { ProjectDetail, ProjectSummary } from "@/ipc/bindings";
import { projectQuery, projectsQuery, reviewRunsQuery } from "@/ipc/queries";
import { runWords } from "@/lib/reviews";
import { keepLastProject, lastProject } from "./lastProject";
import { ReviewQueue } from "./ReviewQueue";

const route = getRouteApi("/review");

export function ReviewScreen() {
  // The list takes the keyboard when the screen is opened, and not when another project or run is chosen.
  const hasFocused = useRef(false);
  return (
    <Page title="Review">
      <h1 className="sr-only">Review</h1>
      <Loaded query={useQuery(projectsQuery())} what="the projects">
        {(projects) => <Projects projects={projects} hasFocused={hasFocused} />}
      </Loaded>
    </Page>
  );
}

type ProjectsProps = { projects: readonly ProjectSummary[]; hasFocused: RefObject<boolean> };

function Projects({ projects, hasFocused }: ProjectsProps) {
  const { of } = route.useSearch();
  const known = (id: string | undefined) => projects.find((project) => project.id === id);
  const project =
    known(of) ?? known(lastProject()) ?? projects.find(({ prompt_count }) => prompt_count > 0) ?? projects[0];
  const projectId = project?.id;
  useEffect(() => {
    if (projectId !== undefined) keepLastProject(projectId);
  }, [projectId]);
  if (projectId === undefined) {
    return (
      <EmptyState
        icon={FolderKanban}
        title="Nothing to review yet"
        className="h-full justify-center"
        actions={
          <>
            <Button variant="primary" look="filled" icon={Upload} onClick={() => runCommand("project.import")}>
              Import project
            </Button>
            <Button icon={FlaskConical} onClick={() => runCommand("go.sample")}>
              Open the sample
            </Button>
          </>
        }
      >
        Predictions of a run that are worth a look are decided about here. Bring a labeling project, and run a prompt
        over its tasks.
      </EmptyState>
    );
  }
  return <Reviewed key={projectId} projectId={projectId} projects={projects} hasFocused={hasFocused} />;
}

function Reviewed({ projectId, projects, hasFocused }: ProjectsProps & { projectId: string }) {
  const { run: runId } = route.useSearch();
  const navigate = route.useNavigate();
  const project = useQuery(projectQuery(projectId));
  const runs = useQuery(reviewRunsQuery(projectId));
  const run = runs.data?.find(({ run_id }) => run_id === runId) ?? runs.data?.[0];
  return (
    <>
      <div className="flex shrink-0 items-center gap-2 border-b px-4 py-2">
        <Select
          label="Project"
          prefix="Project"
          value={projectId}
          onChange={(of) => void navigate({ search: { of } })}
          options={projects.map(({ id, name }) => ({ value: id, label: name }))}
          className="max-w-64 shrink"
        />
        {runs.data !== undefined && run !== undefined && (
          <>
            <Select
              label="Run"
              value={run.run_id}
              onChange={(id) => void navigate({ search: { of: projectId, run: id } })}
              options={runs.data.map((one) => ({ value: one.run_id, label: runWords(one) }))}
              className="max-w-md min-w-40 shrink"
            />
            <RunStatusBadge status={run.status} />
          </>
        )}
      </div>
      <Loaded query={project} what="the project">
        {(project) => (
          <Loaded query={runs} what="the runs">
            {(runs) =>
              run === undefined ? (
                <NoRun project={project} />
              ) : (
                <ReviewQueue key={run.run_id} project={project} runs={runs} run={run} hasFocused={hasFocused} />
              )
            }
          </Loaded>
        )}
      </Loaded>
    </>
  );
}

function NoRun({ project }: { project: ProjectDetail }) {
  const { id, ineligible, prompt_count } = project.summary;
  return (
    <EmptyState
      icon={Play}
      title="No run has answered tasks of this project"
      className="flex-1 justify-center"
      actions={
        ineligible === null &&
        (prompt_count > 0 ? (
          <Button
            variant="primary"
            look="filled"
            nativeButton={false}
            render={<Link to="/prompts" search={{ q: project.summary.name }} />}
          >
            See its prompts
          </Button>
        ) : (
          <Button
            variant="primary"
            look="filled"
            nativeButton={false}
            render={<Link to="." search={(old) => ({ ...old, dialog: "create", project: id })} />}
          >
            Create Prompt
          </Button>
        ))
      }
    >
      {ineligible === null
        ? "Run a prompt over its tasks. What failed, what runs disagree on and what the model is not sure of comes here."
        : ineligible}
    </EmptyState>
  );
}
