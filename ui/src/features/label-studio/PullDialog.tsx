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
import { ConfirmDialog, Dialog } from "@/components/ui/Dialog";
import { EmptyState } from "@/components/ui/EmptyState";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { Segmented } from "@/components/ui/Segmented";
import type { ConfigChange, GoneTasks, ProjectDetail, ProjectLink, PullOptions, PullPlan } from "@/ipc/bindings";
import { messageOf } from "@/ipc/client";
import { projectQuery, pullPlanQuery } from "@/ipc/queries";
import { formatCount, sentence } from "@/lib/format";
import { Lines } from "./Lines";
import { PullReportView } from "./PullReportView";
import { pulling } from "./pulling";
import { usePull } from "./usePull";
import { placeWords, pullLines, pullsNothing } from "./words";

const TITLE = "Pull changes";

const GONE: readonly { value: GoneTasks; label: string }[] = [
  { value: "keep", label: "Keep here" },
  { value: "remove", label: "Remove here" },
];

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
  const [options, setOptions] = useState<PullOptions>({ take_config: false, gone: "keep" });
  const [asking, setAsking] = useState(false);
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
      : pullsNothing(plan.data, options.take_config)
        ? plan.data.config === null
          ? "There is nothing to pull."
          : "Only the config changed, and it is not taken."
        : undefined;
  const removes = plan.data !== undefined && plan.data.gone > 0 && options.gone === "remove";
  const begin = () => pull.mutate({ serverId, remoteId, title: link.title, options });
  const submit = () => {
    if (refused !== undefined) return;
    if (removes) setAsking(true);
    else begin();
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
          <Button variant={removes ? "negative" : "primary"} look="filled" disabledReason={refused} onClick={submit}>
            {removes ? "Pull and remove" : "Pull"}
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
          <Plan plan={plan.data} options={options} onOptions={setOptions} />
        )}
      </div>
      {plan.data !== undefined && (
        <ConfirmDialog
          open={asking}
          onClose={() => setAsking(false)}
          title={`Remove ${formatCount(plan.data.gone + plan.data.kept, "task")} from this project?`}
          action="Pull and remove"
          onConfirm={() => {
            setAsking(false);
            begin();
          }}
        >
          {plan.data.kept > 0 &&
            `${formatCount(plan.data.kept, "of them was", "of them were")} kept before though gone there. `}
          Their annotations go with them, and what runs predicted for them and was decided about it, so that numbers of
          runs are those of the tasks that are left. They are not in the bin, and cannot be brought back.
        </ConfirmDialog>
      )}
    </Dialog>
  );
}

type PlanProps = { plan: PullPlan; options: PullOptions; onOptions: (options: PullOptions) => void };

function Plan({ plan, options, onOptions }: PlanProps) {
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
      {plan.gone > 0 && (
        <div className="flex flex-col gap-1.5">
          <span className="text-sm font-semibold">Tasks that are gone there</span>
          <div>
            <Segmented
              label="Tasks that are gone there"
              value={options.gone}
              onChange={(gone) => onOptions({ ...options, gone })}
              options={GONE}
            />
          </div>
          <span className="text-xs text-subtler">
            {options.gone === "remove"
              ? "With their annotations and what was predicted for them."
              : "You are not asked about them again."}
          </span>
        </div>
      )}
      {plan.config !== null && (
        <Config
          change={plan.config}
          taken={options.take_config}
          onTake={(take_config) => onOptions({ ...options, take_config })}
        />
      )}
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
        <TextDiff before={before} after={after} look="unified" label="Labeling config, here to there" isCode />
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
