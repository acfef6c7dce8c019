import { Info } from "lucide-react";
import { plain, valueAt } from "@/components/labeling/regions";
import { Badge, ClassChip } from "@/components/ui/Badge";
import type { JsonValue, Outline, OutlineNode } from "@/ipc/bindings";
import { formatCount, sentence } from "@/lib/format";

/** Classes that are drawn at once; a config may have thousands. */
const CLASSES_SHOWN = 200;

/** The controls of a config with their classes, and why some are left alone by a prompt. */
export function LabelsView({ outline, variables }: { outline: Outline; variables: readonly string[] }) {
  const controls = outline.nodes.filter((node) => node.kind === "control");
  return (
    <div className="flex flex-col gap-5">
      {controls.map((control) => (
        <ControlClasses key={`${control.tag} ${control.name}`} control={control} />
      ))}
      <VariablesView variables={variables} />
    </div>
  );
}

type VariablesViewProps = {
  variables: readonly string[];
  /** A task whose values are shown beside the names. */
  data?: { [key in string]: JsonValue };
};

/** What a config reads from a task's data. */
export function VariablesView({ variables, data }: VariablesViewProps) {
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">Variables</h3>
      <ul className={data === undefined ? "flex flex-wrap gap-1.5" : "flex flex-col gap-1.5"}>
        {variables.map((variable) => (
          <li key={variable} className="flex min-w-0 items-baseline gap-2 text-sm">
            <code className="shrink-0 rounded-sm border border-primary-border bg-primary-tint px-1.5 py-0.5 font-mono text-xs text-primary-content">
              {`{${variable}}`}
            </code>
            {data !== undefined && <Sample value={valueAt(data, variable)} />}
          </li>
        ))}
      </ul>
      {variables.length === 0 && <span className="text-sm text-subtler">The config shows no data.</span>}
    </section>
  );
}

function Sample({ value }: { value: JsonValue | undefined }) {
  if (value === undefined) return <span className="text-warning-content">This task has no value for it.</span>;
  return (
    <span className="min-w-0 truncate text-subtler" dir="auto">
      {plain(value).slice(0, 200)}
    </span>
  );
}

function ControlClasses({ control }: { control: OutlineNode }) {
  const { classes, skipped } = control;
  return (
    <section className="flex flex-col gap-2">
      <h3 className="flex flex-wrap items-center gap-2 text-sm font-semibold">
        <span className="min-w-0 break-words">{control.name}</span>
        <span className="text-xs font-normal text-subtler">
          {control.tag}
          {classes.length > 0 && ` · ${formatCount(classes.length, "class", "classes")}`}
          {control.multiple && " · several may be chosen"}
        </span>
        {control.required && <Badge>Required</Badge>}
        {control.needs !== null && <Badge>Needs a model that {control.needs}</Badge>}
        {skipped !== null && <Badge tone="warning">Skipped</Badge>}
      </h3>
      {skipped !== null && (
        <p className="flex items-start gap-1.5 text-xs text-warning-content">
          <Info aria-hidden className="mt-0.5 size-3 shrink-0" />
          {sentence(skipped)}
        </p>
      )}
      {classes.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {classes.slice(0, CLASSES_SHOWN).map((one) => (
            <li key={one.value} className="max-w-full">
              <ClassChip colour={one.colour} hotkey={one.hotkey} title={one.alias ?? one.value}>
                {one.value}
              </ClassChip>
            </li>
          ))}
          {classes.length > CLASSES_SHOWN && (
            <li className="self-center text-xs text-subtler">
              and {formatCount(classes.length - CLASSES_SHOWN, "more", "more")}
            </li>
          )}
        </ul>
      )}
    </section>
  );
}
