import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { QueryProblem } from "@/components/QueryProblem";
import { Banner } from "@/components/ui/Banner";
import { FormDialog } from "@/components/ui/Dialog";
import { Select } from "@/components/ui/Select";
import { Delayed, Skeleton } from "@/components/ui/Skeleton";
import type { ClassRename, ConfigImpact, Outline, ProjectDetail, RemovedLabel } from "@/ipc/bindings";
import { messageOf } from "@/ipc/client";
import { configImpactQuery } from "@/ipc/queries";
import { formatCount, sentence } from "@/lib/format";
import { classesByControl } from "./renames";

/** Nothing that is there would be lost or stop to fit. */
export function isHarmless(impact: ConfigImpact): boolean {
  return (
    impact.removed_controls.length === 0 &&
    impact.removed_labels.length === 0 &&
    impact.changed_controls.length === 0 &&
    impact.missing_variables.length === 0 &&
    impact.invalid_annotations === 0
  );
}

type SaveConfigDialogProps = {
  project: ProjectDetail;
  xml: string;
  outline: Outline;
  /** Classes that seem to have another name now. */
  suggested: readonly ClassRename[];
  onSave: (renames: ClassRename[]) => Promise<void>;
  onClose: () => void;
};

/** Stands for keeping what annotations say, in a select that has only texts. */
const AS_IT_IS = "";

/** What the new config would do to the annotations that are there, and what shall become of classes that went. */
export function SaveConfigDialog({ project, xml, outline, suggested, onSave, onClose }: SaveConfigDialogProps) {
  const { id } = project.summary;
  const [renames, setRenames] = useState<ClassRename[]>([...suggested]);
  const plain = useQuery(configImpactQuery(id, xml, []));
  // One after the other: a further look ends the one before it.
  const renamed = useQuery({ ...configImpactQuery(id, xml, renames), enabled: plain.isSuccess && renames.length > 0 });
  const impact = renames.length === 0 ? plain.data : renamed.data;
  const save = useMutation({ mutationFn: () => onSave(renames) });
  const classes = classesByControl(outline);
  const failed = plain.isError ? plain : renamed.isError ? renamed : undefined;
  return (
    <FormDialog
      onClose={onClose}
      title="Save the labeling config"
      description={`${formatCount(project.summary.annotation_count, "annotation")} of “${project.summary.name}” were made with the config of before.`}
      action="Save config"
      onSubmit={() => save.mutate()}
      waiting={save.isPending}
      disabledReason={impact === undefined ? "The annotations are being looked through." : undefined}
    >
      {failed !== undefined ? (
        <QueryProblem
          title="The annotations could not be looked through"
          error={failed.error}
          onRetry={() => void failed.refetch()}
        />
      ) : plain.data === undefined || impact === undefined ? (
        <Delayed>
          <div role="status" aria-label="Looking through the annotations">
            <Skeleton className="h-32" />
          </div>
        </Delayed>
      ) : (
        <>
          {save.isError && (
            <Banner kind="negative" role="alert" title="Nothing was changed">
              {sentence(messageOf(save.error))}
            </Banner>
          )}
          <Fit impact={impact} />
          {plain.data.removed_labels.length > 0 && (
            <section className="flex flex-col gap-2">
              <h3 className="text-sm font-semibold">Classes that are gone</h3>
              <ul className="divide-y rounded-md border">
                {plain.data.removed_labels.map((removed) => (
                  <GoneClass
                    key={`${removed.control} ${removed.label}`}
                    removed={removed}
                    classes={classes.get(removed.control) ?? []}
                    to={renames.find((one) => isOf(one, removed))?.to}
                    onChange={(to) =>
                      setRenames((old) => [
                        ...old.filter((one) => !isOf(one, removed)),
                        ...(to === undefined ? [] : [{ control: removed.control, from: removed.label, to }]),
                      ])
                    }
                  />
                ))}
              </ul>
            </section>
          )}
          <Lines
            title="Classes whose names others have now"
            of={renames
              .filter(({ control, from }) => classes.get(control)?.includes(from))
              .map(({ from, to }) => `“${from}” becomes “${to}” in annotations and predictions.`)}
          />
          <Lines
            title="Controls that are gone"
            of={impact.removed_controls.map(
              ({ control, annotations }) => `“${control}” is used in ${formatCount(annotations, "annotation")}.`,
            )}
          />
          <Lines
            title="Controls that ask for something else"
            of={impact.changed_controls.map(
              ({ control, from, to, annotations }) =>
                `“${control}” is ${to} instead of ${from}, and is used in ${formatCount(annotations, "annotation")}.`,
            )}
          />
          <Lines
            title="Variables without data"
            of={impact.missing_variables.map(
              ({ variable, tasks }) => `{${variable}} has no value in ${formatCount(tasks, "task")}.`,
            )}
          />
        </>
      )}
    </FormDialog>
  );
}

function isOf(rename: ClassRename, removed: RemovedLabel): boolean {
  return rename.control === removed.control && rename.from === removed.label;
}

function Fit({ impact }: { impact: ConfigImpact }) {
  const { invalid_annotations: misfits, ground_truths: truths } = impact;
  if (misfits === 0) {
    return (
      <Banner kind="info" title="Every annotation that fitted before still fits">
        All of them were looked at.
      </Banner>
    );
  }
  return (
    <Banner kind="warning" title={`${formatCount(misfits, "annotation")} will no longer fit the config`}>
      {truths > 0 && `${formatCount(truths, "of them is", "of them are")} ground truth. `}
      They stay as they are, and can be mended by labeling or with a later config.
    </Banner>
  );
}

type GoneClassProps = {
  removed: RemovedLabel;
  /** The classes that the control has now. */
  classes: readonly string[];
  to: string | undefined;
  onChange: (to: string | undefined) => void;
};

function GoneClass({ removed, classes, to, onChange }: GoneClassProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 text-sm">
      <span className="min-w-0 flex-1 break-words">
        <b className="font-semibold">{removed.label}</b>{" "}
        <span className="text-subtler">
          of {removed.control}, in {formatCount(removed.annotations, "annotation")}
        </span>
      </span>
      <Select
        label={`What becomes of ${removed.label}`}
        value={to ?? AS_IT_IS}
        onChange={(next) => onChange(next === AS_IT_IS ? undefined : next)}
        options={[
          { value: AS_IT_IS, label: "Stays as it is" },
          ...classes.map((name) => ({ value: name, label: `Becomes ${name}` })),
        ]}
        className="w-56"
      />
    </li>
  );
}

function Lines({ title, of }: { title: string; of: readonly string[] }) {
  if (of.length === 0) return null;
  return (
    <section className="flex flex-col gap-1 text-sm">
      <h3 className="font-semibold">{title}</h3>
      <ul className="list-disc pl-5">
        {of.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
