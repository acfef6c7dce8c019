/** What changed on the server since a project was pulled last, and the way to have it here. */
import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useState } from "react";
import { TextDiff } from "@/components/diff/TextDiff";
import { Loaded } from "@/components/Loaded";
import { QueryProblem } from "@/components/QueryProblem";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Checkbox } from "@/components/ui/Checkbox";
import { Dialog } from "@/components/ui/Dialog";
import { EmptyState } from "@/components/ui/EmptyState";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import type { ConfigChange, ProjectDetail, ProjectLink, PullPlan } from "@/ipc/bindings";
import { messageOf } from "@/ipc/client";
import { projectQuery, pullPlanQuery } from "@/ipc/queries";
import { formatCount, sentence } from "@/lib/format";
import { Lines } from "./Lines";
import { PullReportView } from "./PullReportView";
import { pulling } from "./pulling";
import { usePull } from "./usePull";
import { placeWords, pullLines, pullsNothing } from "./words";

const TITLE = "Pull changes";

/** Of a project that came from a server. */
export function PullDialog({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const project = useQuery(projectQuery(projectId));
  const link = project.data?.summary.link ?? null;
  if (project.data !== undefined && link !== null) return <Pull project={project.data} link={link} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title={TITLE}>
      <Loaded query={project} what="the project">
        {() => <p className="text-sm text-subtle">This project is not linked with a Label Studio server any more.</p>}
      </Loaded>
    </Dialog>
  );
}

type PullProps = { project: ProjectDetail; link: ProjectLink; onClose: () => void };

function Pull({ project, link, onClose }: PullProps) {
  const { server_id: serverId, remote_id: remoteId } = link;
  const plan = useQuery(pullPlanQuery(serverId, remoteId));
  const [takesConfig, setTakesConfig] = useState(false);
  const { pull, cancel, progress, failed } = usePull();
  if (pull.isSuccess) {
    return (
      <Dialog
        open
        onClose={onClose}
        title={TITLE}
        description={`From ${placeWords(link)}.`}
        onSubmit={onClose}
        footer={
          <Button variant="primary" look="filled" onClick={onClose}>
            Close
          </Button>
        }
      >
        <PullReportView report={pull.data} ineligible={project.summary.ineligible} />
      </Dialog>
    );
  }
  if (pull.isPending) {
    const onCancel = () => cancel.mutate();
    return <Dialog open {...pulling({ title: link.title, progress, onCancel, canceling: cancel.isPending })} />;
  }
  const refused = plan.isFetching
    ? "The server is being asked."
    : plan.isError || plan.data === undefined
      ? "The server could not be asked."
      : pullsNothing(plan.data, takesConfig)
        ? plan.data.config === null
          ? "There is nothing to pull."
          : "Only the config changed, and it is not taken."
        : undefined;
  const submit = () => {
    if (refused === undefined) pull.mutate({ serverId, remoteId, title: link.title, takeConfig: takesConfig });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      size={plan.data?.config == null ? "medium" : "large"}
      title={TITLE}
      description={`From ${placeWords(link)}.`}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" look="filled" disabledReason={refused} onClick={submit}>
            Pull
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {failed !== null && (
          <Banner kind="negative" role="alert" title="Nothing was changed">
            {messageOf(failed)}
          </Banner>
        )}
        {plan.isError ? (
          <QueryProblem title="The changes could not be read" error={plan.error} onRetry={() => void plan.refetch()} />
        ) : plan.data === undefined ? (
          <p role="status" className="py-6 text-center text-sm text-subtler">
            Comparing the tasks of both sides…
          </p>
        ) : (
          <Plan plan={plan.data} takesConfig={takesConfig} onTakesConfig={setTakesConfig} />
        )}
      </div>
    </Dialog>
  );
}

type PlanProps = { plan: PullPlan; takesConfig: boolean; onTakesConfig: (takes: boolean) => void };

function Plan({ plan, takesConfig, onTakesConfig }: PlanProps) {
  const lines = pullLines(plan);
  return (
    <>
      {lines.length === 0 && plan.config === null && (
        <EmptyState icon={CircleCheck} title="Nothing changed there" className="py-6">
          The {formatCount(plan.tasks, "task")} of the project there {plan.tasks === 1 ? "is" : "are"} here as{" "}
          {plan.tasks === 1 ? "it is" : "they are"}.
        </EmptyState>
      )}
      {lines.length > 0 && <Lines label="What a pull would do" lines={lines} />}
      {plan.config !== null && <Config change={plan.config} taken={takesConfig} onTake={onTakesConfig} />}
    </>
  );
}

type ConfigProps = { change: ConfigChange; taken: boolean; onTake: (taken: boolean) => void };

function Config({ change, taken, onTake }: ConfigProps) {
  const { before, after, faults, ineligible } = change;
  return (
    <section aria-labelledby="config-title" className="flex flex-col gap-3">
      <h3 id="config-title" className="text-sm font-semibold">
        Their labeling config is another one
      </h3>
      <ScrollRegion label="Changes of the labeling config" className="max-h-64 rounded-md border">
        <TextDiff before={before} after={after} look="unified" label="Labeling config, here to there" />
      </ScrollRegion>
      {ineligible !== null && (
        <Banner kind="warning" title="Prompts could not use the project with it">
          {sentence(ineligible)}
        </Banner>
      )}
      {faults.length > 0 && (
        <Banner kind="warning" title="Label Studio would object to it">
          <ul className="list-disc pl-4">
            {faults.map((fault) => (
              <li key={fault}>{sentence(fault)}</li>
            ))}
          </ul>
        </Banner>
      )}
      <Checkbox
        checked={taken}
        onChange={onTake}
        hint="Prompts ask for what the config says. Without it, tasks and annotations come, and the config of here stays."
      >
        Take their config
      </Checkbox>
    </section>
  );
}
