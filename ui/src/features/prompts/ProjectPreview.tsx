import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { CodeView } from "@/components/code/CodeView";
import { LabelingPreview } from "@/components/labeling/LabelingPreview";
import { LabelsView } from "@/components/project/LabelsView";
import { TaskData } from "@/components/project/TaskData";
import { QueryProblem } from "@/components/QueryProblem";
import { TaskStepper } from "@/components/tasks/TaskStepper";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { Delayed, Skeleton } from "@/components/ui/Skeleton";
import { Tab, TabList, TabPanel, Tabs } from "@/components/ui/Tabs";
import type { TaskRow } from "@/ipc/bindings";
import { projectQuery, taskRowsQuery } from "@/ipc/queries";

/** What a prompt that aims at this project will see, and what it will be asked for. */
export function ProjectPreview({ projectId }: { projectId: string }) {
  const [tab, setTab] = useState("labels");
  const [position, setPosition] = useState(0);
  const project = useQuery(projectQuery(projectId));
  const tasks = useQuery({ ...taskRowsQuery(projectId, null, position, 1), placeholderData: (previous) => previous });
  if (project.isError) {
    return (
      <QueryProblem
        title="The project could not be read"
        error={project.error}
        onRetry={() => void project.refetch()}
      />
    );
  }
  if (project.isPending) {
    return (
      <Delayed>
        <div role="status" aria-label="Reading the project" className="flex flex-col gap-3">
          <Skeleton className="h-8 w-80" />
          <Skeleton className="h-24" />
        </div>
      </Delayed>
    );
  }
  const { outline, variables, config_xml: xml, answer_schema: schema } = project.data;
  const task = tasks.data?.rows[0];
  const total = tasks.data?.total ?? 0;
  const stepper = <TaskStepper position={position} total={total} onChange={setPosition} />;
  return (
    <Tabs value={tab} onChange={setTab} look="pill" className="h-full gap-4">
      <TabList label="Preview of the project">
        <Tab value="labels">Labels</Tab>
        <Tab value="interface">Interface</Tab>
        <Tab value="task">Sample task</Tab>
        <Tab value="config">Config XML</Tab>
        <Tab value="schema">Answer schema</Tab>
      </TabList>
      <TabPanel value="labels" className="scroll-area pr-1">
        <LabelsView outline={outline} variables={variables} />
      </TabPanel>
      <TabPanel value="interface" className="flex flex-col gap-3">
        {stepper}
        <ScrollRegion label="Interface" className="min-h-0 rounded-md border bg-surface p-4">
          <OfTask task={task}>{(row) => <LabelingPreview outline={outline} data={row.data} taskId={row.id} />}</OfTask>
        </ScrollRegion>
      </TabPanel>
      <TabPanel value="task" className="flex flex-col gap-3">
        {stepper}
        <ScrollRegion label="Data of the task" className="min-h-0 rounded-md border bg-surface p-4">
          <OfTask task={task}>{(row) => <TaskData data={row.data} />}</OfTask>
        </ScrollRegion>
      </TabPanel>
      <TabPanel value="config">
        <CodeView language="xml" label="Labeling config" text={xml} className="h-full" />
      </TabPanel>
      <TabPanel value="schema" className="flex flex-col gap-2">
        <p className="text-sm text-subtler">A model's answer must be JSON of this shape.</p>
        <CodeView language="json" label="Answer schema" text={schema} className="flex-1" />
      </TabPanel>
    </Tabs>
  );
}

function OfTask({ task, children }: { task: TaskRow | undefined; children: (task: TaskRow) => ReactNode }) {
  return task === undefined ? <p className="text-subtler">This project has no tasks.</p> : children(task);
}
