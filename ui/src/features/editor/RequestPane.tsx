/** What would be sent for one task, exactly. */
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, CircleAlert, CircleX, Info, TriangleAlert } from "lucide-react";
import { memo, useEffect, useState } from "react";
import { useCommand } from "@/components/commands";
import { LabelingPreview } from "@/components/labeling/LabelingPreview";
import { IconButton } from "@/components/ui/Button";
import { CopyButton } from "@/components/ui/CopyButton";
import { EmptyState } from "@/components/ui/EmptyState";
import { Delayed, Skeleton } from "@/components/ui/Skeleton";
import { Tab, TabList, TabPanel, Tabs } from "@/components/ui/Tabs";
import type { DraftContent, ProblemCode, RequestPreview } from "@/ipc/bindings";
import { messageOf } from "@/ipc/client";
import { projectQuery, requestPreviewQuery, taskRowsQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { formatCount, formatNumber } from "@/lib/format";

/** How long typing must rest before the request is made again. */
const REST_MS = 200;

/** `isAimed`: the prompt has a project whose tasks can be asked about. */
export function useRequestPreview(promptId: string, content: DraftContent, isAimed: boolean) {
  const [position, setPosition] = useState(0);
  const [rested, setRested] = useState(content);
  useEffect(() => {
    const timer = setTimeout(() => setRested(content), REST_MS);
    return () => clearTimeout(timer);
  }, [content]);
  const { data, error } = useQuery({ ...requestPreviewQuery(promptId, rested, position), enabled: isAimed });
  return { data, error, position, setPosition };
}

type RequestPaneProps = {
  projectId: string;
  /** Of a new prompt nothing was done yet: what it lacks is what to do next, and no mistake. */
  isUntouched: boolean;
} & ReturnType<typeof useRequestPreview>;

/** Of what rests: a key that is typed changes nothing of it at once. */
export const RequestPane = memo(function RequestPane({ projectId, isUntouched, ...rest }: RequestPaneProps) {
  const { data: request, error, position, setPosition } = rest;
  const [view, setView] = useState("messages");
  const total = request?.task_total ?? 0;
  const step = (by: number) => setPosition(Math.min(Math.max(0, position + by), Math.max(0, total - 1)));
  useCommand("task.previous", () => step(-1));
  useCommand("task.next", () => step(1));

  if (error !== null) {
    return (
      <EmptyState icon={CircleAlert} tone="negative" title="The request could not be made">
        {messageOf(error)}
      </EmptyState>
    );
  }
  return (
    <Tabs value={view} onChange={setView} look="pill" className="h-full">
      <div className="@container flex flex-wrap items-center gap-x-2 gap-y-1 border-b px-4 py-2">
        <TabList label="Views of the request" className="min-w-0 shrink">
          <Tab value="messages">As sent</Tab>
          <Tab value="body">JSON</Tab>
          <Tab value="task">Task</Tab>
        </TabList>
        <div className="ml-auto flex items-center gap-2">
          {total > 0 && (
            <span className="text-xs whitespace-nowrap text-subtle tabular-nums" aria-live="polite">
              <span className="sr-only @sm:not-sr-only">Task </span>
              {formatNumber(position + 1)}
              <span className="sr-only @sm:not-sr-only"> of {formatNumber(total)}</span>
            </span>
          )}
          <div className="flex">
            <IconButton
              icon={ChevronLeft}
              size="small"
              label="Previous task"
              command="task.previous"
              disabledReason={position === 0 ? "This is the first task" : undefined}
            />
            <IconButton
              icon={ChevronRight}
              size="small"
              label="Next task"
              command="task.next"
              disabledReason={position >= total - 1 ? "This is the last task" : undefined}
            />
          </div>
        </div>
      </div>
      {request === undefined ? (
        <Delayed>
          <div className="flex flex-col gap-2 p-4">
            <Skeleton className="h-4 w-24" />
            <Skeleton className="h-16" />
          </div>
        </Delayed>
      ) : (
        <>
          <TabPanel value="messages" className="scroll-area px-4 py-3">
            <AsSent request={request} isUntouched={isUntouched} />
          </TabPanel>
          <TabPanel value="body" className="scroll-area px-4 py-3">
            <Body request={request} />
          </TabPanel>
          <TabPanel value="task" className="scroll-area px-4 py-3">
            <TaskView projectId={projectId} position={request.position} />
          </TabPanel>
          <footer className="flex items-center gap-2 border-t px-4 py-1.5 text-xs text-subtler">
            <span className="whitespace-nowrap tabular-nums">About {formatCount(request.prompt_tokens, "token")}</span>
            <span aria-hidden>·</span>
            <span className="min-w-0 truncate" title={request.endpoint ?? undefined}>
              {destination(request)}
            </span>
          </footer>
        </>
      )}
    </Tabs>
  );
});

function destination({ endpoint, body }: RequestPreview): string {
  if (endpoint !== null) return `to ${endpoint}`;
  return body === "" ? "no model is chosen" : "stays in this program";
}

type AsSentProps = { request: RequestPreview; isUntouched: boolean };

function AsSent({ request, isUntouched }: AsSentProps) {
  return (
    <div className="flex flex-col gap-3">
      <Problems request={request} isUntouched={isUntouched} />
      {request.messages.map((message, index) => (
        <section key={index} aria-label={`${message.role.toLowerCase()} message as sent`}>
          <h2 className="mb-1 text-2xs font-semibold tracking-wide text-subtler">{message.role}</h2>
          <p className="rounded-sm bg-surface px-3 py-2 leading-[1.55] break-words whitespace-pre-wrap" dir="auto">
            {message.content === "" ? <span className="text-subtler">(empty)</span> : message.content}
          </p>
        </section>
      ))}
    </div>
  );
}

/** What every prompt lacks before it is written. */
const TO_DO: readonly ProblemCode[] = ["no_model", "no_message", "no_variable"];

function Problems({ request, isUntouched }: AsSentProps) {
  // That a model retires is said above the editor, and in time.
  const problems = request.problems.filter(({ code }) => code !== "model_retires");
  if (problems.length === 0) return null;
  return (
    <ul className="flex flex-col gap-1.5">
      {problems.map((problem) => {
        const isToDo = isUntouched && TO_DO.includes(problem.code);
        const isError = problem.severity === "error";
        const Icon = isToDo ? Info : isError ? CircleX : TriangleAlert;
        return (
          <li
            key={problem.message}
            className={classes(
              "flex items-start gap-1.5 text-sm",
              isToDo ? "text-subtle" : isError ? "text-negative-content" : "text-warning-content",
            )}
          >
            <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
            <span className="select-text">{problem.message}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Body({ request }: { request: RequestPreview }) {
  if (request.body === "") return <p className="text-subtler">Choose a model to see the request.</p>;
  return (
    <div className="relative">
      <div className="absolute top-1 right-1">
        <CopyButton text={request.body} label="Copy the request" iconOnly size="small" />
      </div>
      <pre className="font-mono text-xs leading-5 break-words whitespace-pre-wrap">{request.body}</pre>
    </div>
  );
}

function TaskView({ projectId, position }: { projectId: string; position: number }) {
  const project = useQuery(projectQuery(projectId)).data;
  const task = useQuery(taskRowsQuery(projectId, null, position, 1)).data?.rows[0];
  if (project === undefined || task === undefined) return null;
  return (
    <div className="flex flex-col gap-3">
      <p className="text-xs text-subtler">
        {task.ground_truth === null ? "This task has no ground truth." : "Shown with its ground truth."}
      </p>
      <LabelingPreview outline={project.outline} data={task.data} regions={task.ground_truth ?? []} taskId={task.id} />
    </div>
  );
}
