import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { controlsOf, type FilteredControl } from "@/components/tasks/filters";
import { Button } from "@/components/ui/Button";
import { Combobox } from "@/components/ui/Combobox";
import { Field, TextInput } from "@/components/ui/Field";
import { Segmented } from "@/components/ui/Segmented";
import { Select } from "@/components/ui/Select";
import type { ProjectDetail, TaskFilter } from "@/ipc/bindings";
import { taskRowsQuery } from "@/ipc/queries";

type FilterFormProps = {
  project: ProjectDetail;
  /** What it begins with, if a filter is changed. */
  filter: TaskFilter | undefined;
  onSubmit: (filter: TaskFilter) => void;
  onCancel: () => void;
};

/** What a filter looks at. */
type Subject =
  | { kind: "any" }
  | { kind: "field"; field: string }
  | { kind: "ground_truth" | "annotated" | "split" }
  | { kind: "control"; control: FilteredControl };

/** Makes a filter, or changes one. */
export function FilterForm({ project, filter, onSubmit, onCancel }: FilterFormProps) {
  const subjects = useSubjects(project);
  const [chosen, setChosen] = useState(() => (filter === undefined ? undefined : subjectKey(filter)));
  const [value, setValue] = useState(() => (filter === undefined ? "" : textOf(filter)));
  const [asked, setAsked] = useState(false);
  const form = useId();
  const [key, { subject }] = entryOf(subjects, chosen);
  const values = valuesOf(subject);
  // Of a few values one is always chosen, and the first one before anybody chose.
  const said =
    values?.isFew === true && !values.options.some((one) => one.value === value) ? values.options[0]?.value : value;
  const next = said === undefined || said.trim() === "" ? undefined : filterOf(subject, said);
  return (
    <form
      id={form}
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (next !== undefined) onSubmit(next);
      }}
    >
      <Field label="Tasks whose">
        <Select
          size="large"
          value={key}
          onChange={(one) => {
            setChosen(one);
            setValue("");
            setAsked(false);
          }}
          options={[...subjects].map(([value, { label }]) => ({ value, label }))}
        />
      </Field>
      {values?.isFew === true ? (
        <Segmented label="Which" value={said ?? ""} onChange={setValue} options={values.options} />
      ) : values !== null ? (
        <Field label="is" error={asked && next === undefined ? "Choose a value." : undefined}>
          <Combobox
            size="large"
            value={value === "" ? null : value}
            onChange={(one) => setValue(one ?? "")}
            options={values.options}
            empty="No such value"
          />
        </Field>
      ) : (
        <Field
          label={subject.kind === "control" ? "is" : "contains"}
          hint={subject.kind === "control" ? "Exactly this." : "In upper or lower case."}
          error={asked && next === undefined ? "Type what to look for." : undefined}
        >
          <TextInput value={value} onChange={setValue} spellCheck={false} />
        </Field>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button variant="primary" look="filled" type="submit">
          {filter === undefined ? "Add filter" : "Change filter"}
        </Button>
      </div>
    </form>
  );
}

type Subjects = ReadonlyMap<string, { label: string; subject: Subject }>;

/** What can be filtered by, each by the key that `subjectKey` gives. */
function useSubjects(project: ProjectDetail): Subjects {
  const first = useQuery(taskRowsQuery(project.summary.id, null, 0, 1)).data?.rows[0];
  const fields = new Set([...project.variables, ...Object.keys(first?.data ?? {})]);
  return new Map<string, { label: string; subject: Subject }>([
    ...[...fields].map((field): [string, { label: string; subject: Subject }] => [
      `field ${field}`,
      { label: field, subject: { kind: "field", field } },
    ]),
    ["any", { label: "Any field", subject: { kind: "any" } }],
    ...controlsOf(project).map((control): [string, { label: string; subject: Subject }] => [
      `control ${control.name}`,
      { label: `Ground truth of ${control.name}`, subject: { kind: "control", control } },
    ]),
    ["ground_truth", { label: "Ground truth", subject: { kind: "ground_truth" } }],
    ["annotated", { label: "Annotations", subject: { kind: "annotated" } }],
    ["split", { label: "Part of the ground truth", subject: { kind: "split" } }],
  ]);
}

function entryOf(subjects: Subjects, key: string | undefined): [string, { label: string; subject: Subject }] {
  const found = key === undefined ? undefined : subjects.get(key);
  if (key !== undefined && found !== undefined) return [key, found];
  // A field or control that only an older address knows reads as the first one there is.
  const [first] = subjects;
  return first ?? ["any", { label: "Any field", subject: { kind: "any" } }];
}

function subjectKey(filter: TaskFilter): string {
  switch (filter.kind) {
    case "field_contains":
      return `field ${filter.field}`;
    case "any_contains":
      return "any";
    case "label":
      return `control ${filter.control}`;
    default:
      return filter.kind;
  }
}

function textOf(filter: TaskFilter): string {
  switch (filter.kind) {
    case "field_contains":
    case "any_contains":
      return filter.text;
    case "label":
      return filter.label;
    case "split":
      return filter.held_out ? "yes" : "no";
    default:
      return filter.has ? "yes" : "no";
  }
}

type Values = { isFew: boolean; options: { value: string; label: string }[] };

/** What the filter can say of the subject; `null` for any text. */
function valuesOf(subject: Subject): Values | null {
  const few = (no: string, yes: string): Values => ({
    isFew: true,
    options: [
      { value: "no", label: no },
      { value: "yes", label: yes },
    ],
  });
  switch (subject.kind) {
    case "ground_truth":
      return few("is missing", "is there");
    case "annotated":
      return few("are missing", "are there");
    case "split":
      return few("is dev", "is held out");
    case "control":
      return subject.control.values === null ? null : { isFew: false, options: subject.control.values };
    default:
      return null;
  }
}

function filterOf(subject: Subject, value: string): TaskFilter {
  switch (subject.kind) {
    case "any":
      return { kind: "any_contains", text: value };
    case "field":
      return { kind: "field_contains", field: subject.field, text: value };
    case "control":
      return { kind: "label", control: subject.control.name, label: value };
    case "split":
      return { kind: "split", held_out: value === "yes" };
    default:
      return { kind: subject.kind, has: value === "yes" };
  }
}
