import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import {
  ClipboardList,
  CloudDownload,
  Download,
  Ellipsis,
  ExternalLink,
  FileCode,
  FolderKanban,
  Images,
  PencilLine,
  Plus,
  Trash2,
  Upload,
} from "lucide-react";
import { useState } from "react";
import { CodeView } from "@/components/code/CodeView";
import { useCommand } from "@/components/commands";
import { isMediaObject } from "@/components/labeling/regions";
import { Page } from "@/components/Page";
import { LabelsView } from "@/components/project/LabelsView";
import { QueryProblem } from "@/components/QueryProblem";
import { useFirstToLabel } from "@/components/tasks/useTaskSteps";
import { Badge } from "@/components/ui/Badge";
import { Banner } from "@/components/ui/Banner";
import { Button, IconButton } from "@/components/ui/Button";
import { CopyButton } from "@/components/ui/CopyButton";
import { EmptyState } from "@/components/ui/EmptyState";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/Menu";
import { Delayed, Skeleton } from "@/components/ui/Skeleton";
import { Tab, TabList, TabPanel, Tabs } from "@/components/ui/Tabs";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import { useMove } from "@/components/useMove";
import { useWhileHere } from "@/components/useWhileHere";
import type { ProjectDetail, ProjectLink } from "@/ipc/bindings";
import { IpcFailure, ipc, messageOf } from "@/ipc/client";
import { projectQuery } from "@/ipc/queries";
import { formatCount, formatNumber, sentence } from "@/lib/format";
import { inUse, useDeleteProject } from "./deleteProject";
import { ExportProjectDialog } from "./ExportProjectDialog";
import { GoldCheck } from "./GoldCheck";
import { ProjectTasks } from "./ProjectTasks";
import { RenameProjectDialog } from "./RenameProjectDialog";

const route = getRouteApi("/projects/$projectId");
const above = [{ label: "Projects", to: "/projects" }] as const;

export function ProjectScreen() {
  const { projectId } = route.useParams();
  const project = useQuery(projectQuery(projectId));
  if (project.error instanceof IpcFailure && project.error.code === "not_found") {
    return (
      <Page title="Project" above={above} className="justify-center">
        <EmptyState
          icon={FolderKanban}
          title="This project does not exist"
          heading="h1"
          actions={
            <Button variant="primary" look="filled" nativeButton={false} render={<Link to="/projects" />}>
              Go to Projects
            </Button>
          }
        >
          It was deleted, or its address is of another workspace.
        </EmptyState>
      </Page>
    );
  }
  if (project.isError) {
    return (
      <Page title="Project" above={above} className="justify-center">
        <QueryProblem
          title="The project could not be read"
          heading="h1"
          error={project.error}
          onRetry={() => void project.refetch()}
        />
      </Page>
    );
  }
  if (project.isPending) {
    return (
      <Page title="Project" above={above}>
        <Delayed>
          <div role="status" aria-label="Reading the project" className="flex flex-col gap-3 p-5">
            <Skeleton className="h-7 w-96" />
            <Skeleton className="h-40" />
          </div>
        </Delayed>
      </Page>
    );
  }
  return <Project key={projectId} project={project.data} />;
}

function Project({ project }: { project: ProjectDetail }) {
  const { summary, outline, variables, config_faults: faults } = project;
  const { tab = "tasks" } = route.useSearch();
  const navigate = useNavigate();
  const navigateWhileHere = useWhileHere(navigate);
  const { task } = route.useSearch();
  const move = useMove<ReturnType<typeof route.useSearch>>();
  const [exporting, setExporting] = useState(false);
  const [renaming, setRenaming] = useState(false);
  useCommand("row.rename", () => setRenaming(true));
  const noTask = summary.task_count === 0 ? "This project has no tasks to label." : undefined;
  const firstToLabel = useFirstToLabel(summary.id);
  const startLabeling = async () => {
    const first = task === undefined ? await firstToLabel({}) : task - 1;
    if (first === undefined) return;
    await navigateWhileHere({
      to: "/projects/$projectId/label",
      params: { projectId: summary.id },
      search: { task: first + 1 },
    });
  };
  useCommand(
    "project.label",
    () => void startLabeling(),
    // The table of tasks labels what is open in it.
    noTask === undefined ? { enabled: tab !== "tasks" } : { disabledReason: noTask },
  );
  const editConfig = () => void navigate({ to: "/projects/$projectId/config", params: { projectId: summary.id } });
  useCommand("project.config", editConfig);
  const { link } = summary;
  const pull = () => void navigate({ to: ".", search: (old) => ({ ...old, dialog: "pull", project: summary.id }) });
  useCommand("project.pull", pull, { enabled: link !== null });
  const openThere = useMutation({
    mutationFn: () => ipc.openLinkedProject(summary.id),
    onError: (error) => toast({ kind: "failed", title: "The project was not opened", description: messageOf(error) }),
  });
  useCommand("project.open-there", () => openThere.mutate(), { enabled: link !== null });
  const remove = useDeleteProject(() => void navigate({ to: "/projects" }));
  const open = (dialog: "import" | "media" | "import-report" | "create") =>
    void navigate({ to: ".", search: (old) => ({ ...old, dialog, project: summary.id }) });
  const hasMedia = outline.nodes.some(isMediaObject);
  const withTasks = noTask === undefined ? {} : { disabledReason: noTask };
  const refusedPrompt = summary.ineligible === null ? undefined : sentence(summary.ineligible);
  const refusedDelete = inUse(summary);
  useCommand("project.add", () => open("import"));
  useCommand("project.media", () => open("media"), { enabled: hasMedia, ...withTasks });
  useCommand("project.export", () => setExporting(true), withTasks);
  useCommand("project.report", () => open("import-report"));
  useCommand(
    "project.prompt",
    () => open("create"),
    refusedPrompt === undefined ? {} : { disabledReason: refusedPrompt },
  );
  useCommand(
    "project.delete",
    () => remove(summary),
    refusedDelete === undefined ? {} : { disabledReason: refusedDelete },
  );
  return (
    <Page
      title={summary.name}
      above={above}
      titleAction={<IconButton icon={PencilLine} size="small" label="Rename the project" command="row.rename" />}
    >
      <div className="flex shrink-0 items-center gap-2 px-4 pt-4 low:pt-2">
        <div className="flex min-w-0 flex-1 items-center gap-2">
          <h1 className="min-w-0 truncate text-xl font-semibold select-text" dir="auto" title={summary.name}>
            {summary.name}
          </h1>
          {summary.is_sample && <Badge>Sample</Badge>}
        </div>
        <Menu align="end" trigger={<IconButton icon={Ellipsis} label="Actions for this project" look="outlined" />}>
          <MenuItem icon={PencilLine} command="row.rename" onClick={() => setRenaming(true)}>
            Rename
          </MenuItem>
          <MenuItem icon={FileCode} onClick={editConfig}>
            Edit labeling config
          </MenuItem>
          <MenuItem icon={Upload} onClick={() => open("import")}>
            Import tasks
          </MenuItem>
          {hasMedia && (
            <MenuItem icon={Images} disabledReason={noTask} onClick={() => open("media")}>
              Check pictures and PDFs
            </MenuItem>
          )}
          <MenuItem icon={Download} disabledReason={noTask} onClick={() => setExporting(true)}>
            Export project
          </MenuItem>
          <MenuItem icon={ClipboardList} onClick={() => open("import-report")}>
            Import report
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={Trash2} tone="negative" disabledReason={refusedDelete} onClick={() => remove(summary)}>
            Delete project
          </MenuItem>
        </Menu>
        <Button icon={PencilLine} command="project.label" disabledReason={noTask}>
          Label tasks
        </Button>
        <Button
          variant="primary"
          look="filled"
          icon={Plus}
          disabledReason={refusedPrompt}
          onClick={() => open("create")}
        >
          Create Prompt
        </Button>
      </div>
      <p className="shrink-0 truncate px-4 pb-2 text-sm text-subtler low:pb-0">
        {[
          formatCount(summary.task_count, "task"),
          formatCount(summary.annotation_count, "annotation"),
          summary.ground_truth_count === 0
            ? "no ground truths"
            : formatCount(summary.ground_truth_count, "ground truth"),
          summary.prompt_count === 0 ? "no prompts yet" : formatCount(summary.prompt_count, "prompt"),
        ].join(" · ")}
      </p>
      {link !== null && <LinkLine link={link} />}
      {renaming && <RenameProjectDialog project={summary} onClose={() => setRenaming(false)} />}
      {exporting && <ExportProjectDialog project={summary} onClose={() => setExporting(false)} />}
      {refusedPrompt !== undefined && (
        <Banner kind="warning" className="mx-4 mb-2 shrink-0" title="Prompts cannot use this project">
          {refusedPrompt}
        </Banner>
      )}
      <Tabs
        value={tab}
        onChange={(next) => move({ tab: next === "tasks" ? undefined : (next as typeof tab), task: undefined })}
        className="flex-1"
      >
        <TabList label="Parts of the project" className="px-1.5">
          <Tab value="tasks" count={formatNumber(summary.task_count)}>
            Tasks
          </Tab>
          <Tab value="gold">Gold check</Tab>
          <Tab value="labels">Labels</Tab>
          <Tab value="config">Config XML</Tab>
          <Tab value="schema">Answer schema</Tab>
        </TabList>
        <TabPanel value="tasks">
          <ProjectTasks project={project} />
        </TabPanel>
        <TabPanel value="gold">
          <GoldCheck project={project} />
        </TabPanel>
        <TabPanel value="labels" className="scroll-area px-4 py-4">
          <div className="max-w-3xl">
            <h2 className="sr-only">Labels</h2>
            <LabelsView outline={outline} variables={variables} />
          </div>
        </TabPanel>
        <TabPanel value="config" className="flex flex-col gap-3 px-4 py-4">
          {faults.length > 0 && (
            <Banner kind="warning" className="shrink-0" title="Label Studio would object to this config">
              <ul className="list-disc pl-4">
                {faults.map((fault) => (
                  <li key={fault}>{fault}</li>
                ))}
              </ul>
            </Banner>
          )}
          <CodeView language="xml" label="Labeling config" text={project.config_xml} className="flex-1" />
          <div className="flex justify-end gap-2">
            <CopyButton text={project.config_xml} label="Copy config" />
            <Button icon={PencilLine} command="project.config">
              Edit config
            </Button>
          </div>
        </TabPanel>
        <TabPanel value="schema" className="flex flex-col gap-3 px-4 py-4">
          <p className="text-sm text-subtler">A model's answer must be JSON of this shape.</p>
          <CodeView language="json" label="Answer schema" text={project.answer_schema} className="flex-1" />
          <div className="flex justify-end">
            <CopyButton text={project.answer_schema} label="Copy schema" />
          </div>
        </TabPanel>
      </Tabs>
    </Page>
  );
}

/** Where a project came from, and the way to what changed there. */
function LinkLine({ link }: { link: ProjectLink }) {
  const { title, server_name: server, url, pulled_at: pulled } = link;
  return (
    <div className="flex shrink-0 items-center gap-3 px-4 pb-2 text-sm text-subtler">
      <p className="min-w-0 truncate select-text" title={url} dir="auto">
        From <span className="font-medium text-subtle">{title}</span> on{" "}
        <span className="font-medium text-subtle">{server}</span>, pulled <RelativeTime iso={pulled} />
      </p>
      <Button size="small" icon={CloudDownload} command="project.pull">
        Pull changes
      </Button>
      <Button size="small" look="string" icon={ExternalLink} command="project.open-there">
        Open in Label Studio
      </Button>
    </div>
  );
}
