import { useMutation, useQuery } from "@tanstack/react-query";
import {
  FileCode,
  FileJson,
  FilePlus,
  FlaskConical,
  Folder,
  LayoutTemplate,
  type LucideIcon,
  Upload,
} from "lucide-react";
import { type ReactNode, useEffect, useId, useState } from "react";
import { ImportReportView } from "@/components/project/ImportReportView";
import { LabelsView } from "@/components/project/LabelsView";
import { TemplateDialog } from "@/components/project/TemplateDialog";
import { QueryProblem } from "@/components/QueryProblem";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Checkbox } from "@/components/ui/Checkbox";
import { Dialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";
import { Progress } from "@/components/ui/Progress";
import { Delayed, Skeleton } from "@/components/ui/Skeleton";
import { toast } from "@/components/ui/toast";
import type {
  ConfigSource,
  ConfigTemplate,
  ImportPlan,
  ImportProgress,
  ImportTarget,
  NewImport,
  TaskFormat,
} from "@/ipc/bindings";
import { fieldError, ipc, isCanceled, listen, messageOf } from "@/ipc/client";
import { importPlanQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { formatBytes, formatCount, sentence } from "@/lib/format";
import { fileName } from "@/lib/path";
import { type Choices, mappingOf, needsMapping, unfilled } from "./columns";
import { Columns, FilePreview } from "./FilePreview";

type ImportDialogProps = {
  /** The project that gets the tasks; without one a new project is made. */
  into: string | undefined;
  /** A template is being chosen, which the address says. */
  picking: boolean;
  onPicking: (picking: boolean) => void;
  /** The files that were chosen or dropped. */
  paths: readonly string[];
  onPaths: (paths: string[]) => void;
  onClose: () => void;
  onOpenProject: (projectId: string) => void;
  onCreatePrompt: (projectId: string) => void;
};

/** An import that was asked for: of files, or of a template with the tasks that it brings. */
type Wanted = { kind: "files"; files: NewImport } | { kind: "template"; id: string; name: string };

export function ImportDialog({
  into,
  picking,
  onPicking,
  paths,
  onPaths,
  onClose,
  onOpenProject,
  onCreatePrompt,
}: ImportDialogProps) {
  /** The config of the new project, where no file brings one. */
  const [template, setTemplate] = useState<ConfigTemplate>();
  const hasConfigFile = paths.some((path) => path.toLowerCase().endsWith(".xml"));
  const config: ConfigSource | null =
    template === undefined || hasConfigFile ? null : { kind: "text", xml: template.xml };
  const planned: ImportTarget | null =
    into !== undefined
      ? { kind: "existing", project_id: into }
      : config === null
        ? null
        : { kind: "new", name: "", config };
  const isEmpty = paths.length === 0 && planned?.kind !== "new";
  const plan = useQuery({ ...importPlanQuery(paths, planned), enabled: !isEmpty });
  const form = useId();
  /** What was typed over the suggestion. */
  const [typedName, setTypedName] = useState<string | null>(null);
  const [choices, setChoices] = useState<Choices>({});
  const [skipDuplicates, setSkipDuplicates] = useState(false);
  const [progress, setProgress] = useState<ImportProgress | null>(null);
  const choose = useMutation({
    mutationFn: ipc.chooseFiles,
    onSuccess: (chosen) => {
      if (chosen.length > 0) onPaths([...new Set([...paths, ...chosen])]);
    },
    onError: (error) =>
      toast({ kind: "failed", title: "The file dialog could not be opened", description: messageOf(error) }),
  });
  const chooseFolder = useMutation({
    mutationFn: ipc.chooseFolder,
    onSuccess: (chosen) => {
      if (chosen !== null) onPaths([...new Set([...paths, chosen])]);
    },
    onError: (error) =>
      toast({ kind: "failed", title: "The folder dialog could not be opened", description: messageOf(error) }),
  });
  const load = useMutation({
    mutationFn: (wanted: Wanted) =>
      wanted.kind === "files" ? ipc.importProject(wanted.files) : ipc.importTemplate(wanted.id, wanted.name),
    onMutate: () => setProgress(null),
    onError: (error) => {
      if (isCanceled(error)) toast({ title: "The import was canceled; nothing was kept" });
    },
  });
  const cancel = useMutation({ mutationFn: ipc.cancelImport });
  const { isPending: importing } = load;
  useEffect(() => (importing ? listen("importProgress", setProgress) : undefined), [importing]);

  const name = typedName ?? plan.data?.suggested_name ?? "";
  const ready = plan.data !== undefined && plan.data.problems.length === 0;
  const empty = plan.data === undefined ? [] : unfilled(plan.data, choices);
  const title = into === undefined ? "Import project" : "Import tasks";
  const submit = () => {
    if (!ready || importing || empty.length > 0) return;
    const { config_path, tasks_path } = plan.data;
    const target: ImportTarget | null =
      into !== undefined
        ? { kind: "existing", project_id: into }
        : name.trim() === ""
          ? null
          : config !== null
            ? { kind: "new", name, config }
            : config_path === null
              ? null
              : { kind: "new", name, config: { kind: "file", path: config_path } };
    if (target === null) return;
    const mapping = mappingOf(plan.data, choices);
    load.mutate({ kind: "files", files: { target, tasks_path, mapping, skip_duplicates: skipDuplicates } });
  };

  if (load.isSuccess) {
    const { project_id: projectId } = load.data;
    const ineligible = plan.data?.config?.ineligible ?? null;
    return (
      <Dialog
        open
        onClose={onClose}
        title={title}
        description={into === undefined ? `“${name.trim()}” is imported.` : "The tasks are imported."}
        footer={
          <>
            {ineligible === null && <Button onClick={() => onCreatePrompt(projectId)}>Create Prompt</Button>}
            <Button variant="primary" look="filled" onClick={() => onOpenProject(projectId)}>
              Open project
            </Button>
          </>
        }
        onSubmit={() => onOpenProject(projectId)}
      >
        <ImportReportView report={load.data} ineligible={ineligible} />
      </Dialog>
    );
  }
  if (importing) {
    return (
      <Dialog
        open
        // An import is left by its own button, so that a stray key does not throw it away.
        onClose={() => {}}
        title={title}
        footer={
          <Button onClick={() => cancel.mutate()} waiting={cancel.isPending}>
            Cancel import
          </Button>
        }
      >
        <ImportRunning progress={progress} />
      </Dialog>
    );
  }
  if (picking) {
    return (
      <TemplateDialog
        title="Start from a template"
        description="The labeling config of the new project. It can be changed later, word by word."
        leave="Back"
        id={template?.id}
        onClose={() => onPicking(false)}
        onUse={(next) => {
          setTemplate(next);
          onPicking(false);
          if (paths.length === 0) setTypedName((old) => old ?? next.title);
        }}
      />
    );
  }
  const refused = load.isError && !isCanceled(load.error) && fieldError(load.error, "name") === undefined;
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      size="large"
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={form}
            variant="primary"
            look="filled"
            disabledReason={
              isEmpty
                ? "Choose the files first."
                : !ready
                  ? "Something is in the way; see above."
                  : empty.length > 0
                    ? `Choose a column for ${empty.map((variable) => `{${variable}}`).join(", ")} first.`
                    : into === undefined && name.trim() === ""
                      ? "Give the project a name first."
                      : undefined
            }
          >
            {title}
          </Button>
        </>
      }
    >
      {isEmpty ? (
        <ChooseFiles
          into={into !== undefined}
          waiting={choose.isPending}
          onChoose={() => choose.mutate()}
          onChooseFolder={() => chooseFolder.mutate()}
          onTemplate={() => onPicking(true)}
        />
      ) : plan.isError ? (
        <QueryProblem title="The files could not be read" error={plan.error} onRetry={() => void plan.refetch()} />
      ) : plan.isPending ? (
        <Delayed>
          <Skeleton className="h-40" />
        </Delayed>
      ) : (
        <form
          id={form}
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
          className="flex flex-col gap-5"
        >
          {refused && (
            <Banner kind="negative" role="alert" title="Nothing was imported">
              {messageOf(load.error)}
            </Banner>
          )}
          <Files
            plan={plan.data}
            into={into !== undefined}
            template={config === null ? undefined : template}
            onUseSamples={({ id, title }) => load.mutate({ kind: "template", id, name: name.trim() || title })}
          >
            <Button size="small" icon={FilePlus} onClick={() => choose.mutate()} waiting={choose.isPending}>
              Add files
            </Button>
            <Button size="small" look="string" onClick={() => chooseFolder.mutate()}>
              Add a folder
            </Button>
            {into === undefined && !hasConfigFile && (
              <Button size="small" look="string" onClick={() => onPicking(true)}>
                {template === undefined ? "Choose a template" : "Other template"}
              </Button>
            )}
            <Button
              size="small"
              look="string"
              onClick={() => {
                onPaths([]);
                setChoices({});
                setTemplate(undefined);
              }}
            >
              Start over
            </Button>
          </Files>
          {plan.data.problems.length > 0 && (
            <Banner kind="negative" role="alert" title="This cannot be imported yet">
              <Lines of={plan.data.problems} />
            </Banner>
          )}
          {plan.data.problems.length === 0 && into === undefined && (
            <Field label="Name" error={fieldError(load.error, "name")}>
              <TextInput value={name} onChange={setTypedName} dir="auto" />
            </Field>
          )}
          {needsMapping(plan.data) && (
            <Columns
              plan={plan.data}
              choices={choices}
              onChoose={(variable, column) => setChoices((old) => ({ ...old, [variable]: column }))}
            />
          )}
          {plan.data.preview.length > 0 && <FilePreview plan={plan.data} trusted={Object.keys(choices).length === 0} />}
          {plan.data.tasks_path !== null && (
            <Checkbox
              checked={skipDuplicates}
              onChange={setSkipDuplicates}
              hint="Tasks whose data is exactly that of another. Kept or not, the report lists them."
            >
              Leave out duplicates
            </Checkbox>
          )}
          {plan.data.config !== null && into === undefined && <ConfigPart config={plan.data.config} />}
        </form>
      )}
    </Dialog>
  );
}

type ChooseFilesProps = {
  into: boolean;
  waiting: boolean;
  onChoose: () => void;
  onChooseFolder: () => void;
  onTemplate: () => void;
};

function ChooseFiles({ into, waiting, onChoose, onChooseFolder, onTemplate }: ChooseFilesProps) {
  return (
    <div className="flex flex-col items-center rounded-md border border-dashed border-border-field bg-surface px-6 py-10 text-center">
      <Upload aria-hidden className="mb-3 size-7 text-primary-content" strokeWidth={1.75} />
      <p className="text-base font-semibold">Drop the files here</p>
      <p className="mt-1 mb-4 max-w-md text-sm text-balance text-subtler">
        {into ? "The tasks" : "A labeling config (.xml) and its tasks"}: a Label Studio export with its annotations, a
        list in JSON, JSON Lines, CSV, TSV, Parquet or text, or a folder of images or texts.
      </p>
      <div className="flex gap-2">
        <Button variant="primary" onClick={onChoose} waiting={waiting}>
          Choose files
        </Button>
        <Button onClick={onChooseFolder}>Choose a folder</Button>
        {!into && <Button onClick={onTemplate}>Start from a template</Button>}
      </div>
    </div>
  );
}

const FORMATS: Record<TaskFormat, string> = {
  label_studio_json: "JSON",
  json_lines: "JSON Lines",
  csv: "CSV",
  tsv: "TSV",
  text: "a task a line",
  parquet: "Parquet",
  image_folder: "folder of images",
  text_folder: "folder of texts",
};

type FilesProps = {
  plan: ImportPlan;
  into: boolean;
  /** What stands for a file with a config. */
  template: ConfigTemplate | undefined;
  /** Imports the template with the tasks that it brings. */
  onUseSamples: (template: ConfigTemplate) => void;
  children: ReactNode;
};

function Files({ plan, into, template, onUseSamples, children }: FilesProps) {
  return (
    <section className="flex flex-col gap-2">
      <div className="flex items-center gap-1">
        <h3 className="flex-1 text-sm font-semibold">Files</h3>
        {children}
      </div>
      <ul className="divide-y rounded-md border">
        {!into &&
          (template === undefined ? (
            <FileLine icon={FileCode} part="Labeling config" path={plan.config_path} />
          ) : (
            <FileLine icon={LayoutTemplate} part="Labeling config" path={template.title} note="template" />
          ))}
        <FileLine
          icon={plan.format?.endsWith("_folder") === true ? Folder : FileJson}
          part="Tasks"
          path={plan.tasks_path}
          note={plan.format === null ? undefined : FORMATS[plan.format]}
        >
          {template !== undefined && (
            <Button size="small" variant="primary" icon={FlaskConical} onClick={() => onUseSamples(template)}>
              {`Use its ${formatCount(template.task_count, "sample task")}`}
            </Button>
          )}
        </FileLine>
      </ul>
    </section>
  );
}

type FileLineProps = {
  icon: LucideIcon;
  part: string;
  path: string | null;
  note?: string | undefined;
  /** What can be done while there is none. */
  children?: ReactNode;
};

function FileLine({ icon: Icon, part, path, note, children }: FileLineProps) {
  const name = path === null ? undefined : fileName(path);
  return (
    <li className="flex items-center gap-3 px-3 py-2">
      <Icon aria-hidden className={classes("size-4 shrink-0", path === null ? "text-disabled" : "text-subtle")} />
      <span className="w-28 shrink-0 text-sm text-subtler">{part}</span>
      {path === null ? (
        <>
          <span className="flex-1 text-sm text-subtler">Not chosen</span>
          {children}
        </>
      ) : (
        <span className="min-w-0 flex-1 truncate text-sm font-medium" title={path}>
          {name}
        </span>
      )}
      {note !== undefined && <span className="shrink-0 text-sm text-subtler">{note}</span>}
    </li>
  );
}

function ConfigPart({ config }: { config: NonNullable<ImportPlan["config"]> }) {
  return (
    <>
      {config.ineligible !== null && (
        <Banner kind="warning" title="Prompts will not be able to use this project">
          {sentence(config.ineligible)}
        </Banner>
      )}
      {config.config_faults.length > 0 && (
        <Banner kind="warning" title="Label Studio would object to this config">
          <Lines of={config.config_faults} />
        </Banner>
      )}
      <section className="flex flex-col gap-3">
        <h3 className="text-sm font-semibold">What the config asks for</h3>
        <div className="rounded-md border bg-surface p-4">
          <LabelsView outline={config.outline} variables={config.variables} />
        </div>
      </section>
    </>
  );
}

function Lines({ of }: { of: readonly string[] }) {
  if (of.length === 1) return <p>{sentence(of[0] ?? "")}</p>;
  return (
    <ul className="list-disc pl-4">
      {of.map((line) => (
        <li key={line}>{sentence(line)}</li>
      ))}
    </ul>
  );
}

function ImportRunning({ progress }: { progress: ImportProgress | null }) {
  const share = progress === null || progress.bytes_total === 0 ? null : progress.bytes_done / progress.bytes_total;
  return (
    <div className="flex flex-col gap-3 py-4">
      <Progress label="Import" share={share} />
      <div className="flex justify-between text-sm text-subtler tabular-nums">
        <span>
          {progress === null
            ? "Opening the files"
            : `${formatCount(progress.tasks, "task")} read${progress.refused > 0 ? `, ${formatCount(progress.refused, "item")} refused` : ""}`}
        </span>
        {progress !== null && (
          <span>
            {formatBytes(progress.bytes_done)} of {formatBytes(progress.bytes_total)}
          </span>
        )}
      </div>
      <p className="text-sm text-subtler">Nothing is kept until all of it is read.</p>
    </div>
  );
}
