/** Writing a labeling config: its text, what it looks like, its classes, and what a model will be asked for. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { CircleAlert, Info, LayoutTemplate, Save, TriangleAlert } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { CodeView } from "@/components/code/CodeView";
import { useCommand } from "@/components/commands";
import { Loaded } from "@/components/Loaded";
import { LabelingPreview } from "@/components/labeling/LabelingPreview";
import { Page } from "@/components/Page";
import { VariablesView } from "@/components/project/LabelsView";
import { TemplateDialog } from "@/components/project/TemplateDialog";
import { TaskStepper } from "@/components/tasks/TaskStepper";
import { Badge } from "@/components/ui/Badge";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { Tab, TabList, TabPanel, Tabs } from "@/components/ui/Tabs";
import { toast } from "@/components/ui/toast";
import { useMove } from "@/components/useMove";
import type { ClassRename, ConfigEdit, ConfigProblem, Outline, ProjectDetail } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { configCheckQuery, configTagsQuery, projectQuery, taskRowsQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { formatCount, sentence } from "@/lib/format";
import { ClassesPart } from "./ClassesPart";
import { keepDraft, readDraft } from "./configDraft";
import { classesByControl, renamesBetween } from "./renames";
import { isHarmless, SaveConfigDialog } from "./SaveConfigDialog";
import { XmlEditor, type XmlEditorHandle } from "./XmlEditor";

const route = getRouteApi("/projects/$projectId/config");

/** How long typing must rest before the text is checked. */
const REST_MS = 150;

export function ConfigScreen() {
  const { projectId } = route.useParams();
  const project = useQuery(projectQuery(projectId));
  return (
    <Page
      title="Labeling config"
      above={[
        { label: "Projects", to: "/projects" },
        { label: project.data?.summary.name ?? "Project", to: "/projects/$projectId", params: { projectId } },
      ]}
    >
      <Loaded query={project} what="the project">
        {(project) => <ConfigEditor key={projectId} project={project} />}
      </Loaded>
    </Page>
  );
}

function ConfigEditor({ project }: { project: ProjectDetail }) {
  const { config_xml: saved, summary } = project;
  const { part = "preview", task: number = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const move = useMove<ReturnType<typeof route.useSearch>>();
  const client = useQueryClient();
  const [kept] = useState(() => readDraft(summary.id));
  const [text, setText] = useState(kept?.text ?? saved);
  const editor = useRef<XmlEditorHandle>(null);
  /** The classes that were renamed here, one after the other. */
  const [made, setMade] = useState<ClassRename[]>(kept?.renames ?? []);
  /** Which of them had been made when the text was this: undo leads back there. */
  const madeAt = useRef(new Map([[saved, [] as ClassRename[]]]));
  const change = (next: string) => {
    setText(next);
    const then = madeAt.current.get(next);
    if (then !== undefined) setMade(then);
  };
  const [dialog, setDialog] = useState<"save" | "templates">();
  const [saving, setSaving] = useState(false);
  const tags = useQuery(configTagsQuery()).data;
  const isChanged = text !== saved;

  const rested = useRested(text);
  const checked = useQuery(configCheckQuery(rested));
  const check = checked.data;
  /** What the text is about as far as it was last readable. */
  const readable = useRef<Outline>(project.outline);
  if (check?.outline != null) readable.current = check.outline;
  const outline = check?.outline ?? readable.current;
  const isCurrent = check?.xml === text;
  const problems = useMemo(
    () => (check === undefined ? [] : [...(check.error === null ? [] : [check.error]), ...check.problems]),
    [check],
  );
  const inPlace = isCurrent ? problems : NO_PROBLEMS;
  const renames = useMemo(() => renamesBetween(project.outline, outline, made), [project.outline, outline, made]);

  useEffect(
    () => keepDraft(summary.id, isChanged ? { text, renames: made } : undefined),
    [summary.id, isChanged, text, made],
  );

  const edit = async (edit: ConfigEdit): Promise<string | undefined> => {
    try {
      const next = await ipc.editConfig(text, edit);
      madeAt.current.set(text, made);
      if (edit.kind === "rename_class")
        madeAt.current.set(next, [...made, { control: edit.control, from: edit.from, to: edit.to }]);
      editor.current?.replace(next);
      return undefined;
    } catch (error) {
      return sentence(messageOf(error));
    }
  };
  const keep = async (renames: ClassRename[]) => {
    const next = await ipc.saveConfig(summary.id, text, renames);
    client.setQueryData(projectQuery(summary.id).queryKey, next);
    setMade([]);
    // What came before it leads from another config.
    madeAt.current = new Map([[text, []]]);
    setDialog(undefined);
    toast({ title: "The labeling config is saved" });
  };
  const save = async () => {
    if (!isChanged || saving) return;
    setSaving(true);
    try {
      const { error, outline: now } = await client.fetchQuery(configCheckQuery(text));
      if (error !== null) {
        editor.current?.show(error.from, error.to);
        toast({ kind: "failed", title: "The config cannot be read yet", description: sentence(error.message) });
        return;
      }
      const impact = await ipc.configImpact(summary.id, text, []);
      const renames = now === null ? [] : renamesBetween(project.outline, now, made);
      // What is only taken for a rename is asked about, where it would matter.
      if (isHarmless(impact) && !hasNameAgain(now, renames)) await keep(made.length === 0 ? [] : renames);
      else setDialog("save");
    } catch (error) {
      toast({ kind: "failed", title: "The config could not be saved", description: sentence(messageOf(error)) });
    } finally {
      setSaving(false);
    }
  };
  const discard = () => {
    const before = text;
    madeAt.current.set(before, made);
    editor.current?.replace(saved);
    toast({
      title: "The changes are discarded",
      action: { label: "Undo", run: () => editor.current?.replace(before) },
    });
  };
  useCommand("config.save", () => void save(), isChanged ? {} : { disabledReason: "Nothing was changed." });

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b px-4 py-2">
        <h1 className="mr-1 font-semibold">Labeling config</h1>
        {isChanged && <Badge tone="warning">Not saved</Badge>}
        <div className="flex-1" />
        <Button icon={LayoutTemplate} onClick={() => setDialog("templates")}>
          Templates
        </Button>
        <Button disabledReason={isChanged ? undefined : "Nothing was changed."} onClick={discard}>
          Discard changes
        </Button>
        <Button
          variant="primary"
          look="filled"
          icon={Save}
          command="config.save"
          waiting={saving}
          disabledReason={isChanged ? undefined : "Nothing was changed."}
        >
          Save config
        </Button>
      </div>
      <div className="flex min-h-0 flex-1 max-lg:flex-col">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col border-r max-lg:border-r-0 max-lg:border-b">
          <div className="min-h-0 flex-1">
            {tags !== undefined && (
              <XmlEditor
                ref={editor}
                label="Labeling config"
                text={text}
                onChange={change}
                problems={inPlace}
                tags={tags}
              />
            )}
          </div>
          <Problems
            problems={problems}
            isCurrent={isCurrent}
            onShow={({ from, to }) => editor.current?.show(from, to)}
            onFix={({ fix }) =>
              fix !== null && editor.current?.replace(text.slice(0, fix.from) + fix.insert + text.slice(fix.to))
            }
          />
        </div>
        <Tabs
          value={part}
          onChange={(next) => move({ part: next === "preview" ? undefined : (next as typeof part) })}
          className="min-h-0 min-w-0 flex-1"
        >
          <h2 className="sr-only">What the config makes</h2>
          <TabList label="What the config makes" className="px-1.5">
            <Tab value="preview">Preview</Tab>
            <Tab value="classes">Classes</Tab>
            <Tab value="schema">Answer schema</Tab>
          </TabList>
          {check?.error != null && (
            <p role="status" className="border-b bg-warning-tint px-4 py-2 text-sm text-warning-content">
              The text cannot be read now; this is how it was before.
            </p>
          )}
          <TabPanel value="preview" className="flex flex-col gap-4">
            <Preview
              project={project}
              outline={outline}
              variables={check?.variables ?? project.variables}
              ineligible={check?.ineligible ?? null}
              position={Math.min(number, Math.max(1, summary.task_count)) - 1}
              onMove={(position) => void navigate({ search: (old) => ({ ...old, task: position + 1 }), replace: true })}
            />
          </TabPanel>
          <TabPanel value="classes">
            <ScrollRegion label="Classes" className="h-full px-4 py-4">
              <ClassesPart outline={outline} onEdit={edit} />
            </ScrollRegion>
          </TabPanel>
          <TabPanel value="schema" className="flex flex-col gap-3 px-4 py-4">
            <p className="text-sm text-subtler">A model's answer must be JSON of this shape.</p>
            <CodeView
              language="json"
              label="Answer schema"
              text={
                check?.answer_schema === "" ? project.answer_schema : (check?.answer_schema ?? project.answer_schema)
              }
              className="flex-1"
            />
          </TabPanel>
        </Tabs>
      </div>
      {dialog === "save" && (
        <SaveConfigDialog
          project={project}
          xml={text}
          outline={outline}
          suggested={renames}
          onSave={keep}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === "templates" && (
        <TemplateDialog
          title="Templates"
          description="A template takes the place of the text; undo brings the text back."
          leave="Cancel"
          onClose={() => setDialog(undefined)}
          onUse={(template) => {
            setDialog(undefined);
            editor.current?.replace(template.xml);
          }}
        />
      )}
    </div>
  );
}

/** Whether a class is called what another one was called before. */
function hasNameAgain(outline: Outline | null, renames: readonly ClassRename[]): boolean {
  const classes = outline === null ? undefined : classesByControl(outline);
  return renames.some(({ control, from }) => classes?.get(control)?.includes(from));
}

const NO_PROBLEMS: readonly ConfigProblem[] = [];

/** `value` once it has rested, so that not every key press costs a look at the whole text. */
function useRested(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}

type PreviewProps = {
  project: ProjectDetail;
  outline: Outline;
  variables: readonly string[];
  ineligible: string | null;
  position: number;
  onMove: (position: number) => void;
};

function Preview({ project, outline, variables, ineligible, position, onMove }: PreviewProps) {
  const { id, task_count: total } = project.summary;
  const tasks = useQuery({ ...taskRowsQuery(id, null, position, 1), placeholderData: (previous) => previous });
  const task = tasks.data?.rows[0];
  return (
    <ScrollRegion label="Preview" className="h-full px-4 py-4">
      <div className="flex flex-col gap-4">
        {ineligible !== null && (
          <Banner kind="warning" title="Prompts cannot use this config">
            {sentence(ineligible)}
          </Banner>
        )}
        {total > 0 && <TaskStepper position={position} total={total} onChange={onMove} />}
        <div className="rounded-md border bg-surface p-4">
          <LabelingPreview outline={outline} data={task?.data ?? {}} taskId={task?.id} />
        </div>
        <VariablesView variables={variables} {...(task === undefined ? {} : { data: task.data })} />
      </div>
    </ScrollRegion>
  );
}

type ProblemsProps = {
  problems: readonly ConfigProblem[];
  /** Their places are those of the text as it is now. */
  isCurrent: boolean;
  onShow: (problem: ConfigProblem) => void;
  onFix: (problem: ConfigProblem) => void;
};

const signs = {
  error: { icon: CircleAlert, colour: "text-negative-content" },
  warning: { icon: TriangleAlert, colour: "text-warning-content" },
  info: { icon: Info, colour: "text-primary-content" },
};

/** Below the text: each problem leads to its place, and some can be mended from here. */
function Problems({ problems, isCurrent, onShow, onFix }: ProblemsProps) {
  if (problems.length === 0) {
    return (
      <p role="status" className="shrink-0 border-t px-4 py-2 text-sm text-subtler">
        No problems
      </p>
    );
  }
  return (
    <section aria-label="Problems" className="flex max-h-40 shrink-0 flex-col border-t">
      <p role="status" className="px-4 pt-2 pb-1 text-xs font-semibold text-subtler">
        {formatCount(problems.length, "problem")}
      </p>
      <ScrollRegion label="Problems of the config" className="min-h-0 pb-1">
        <ul>
          {problems.map((problem, index) => {
            const { icon: Icon, colour } = signs[problem.severity];
            return (
              <li key={index} className="flex items-center gap-2 px-3 hover:bg-surface">
                <button
                  type="button"
                  disabled={!isCurrent}
                  onClick={() => onShow(problem)}
                  className="flex min-w-0 flex-1 items-start gap-2 rounded-sm px-2 py-1 text-left text-sm"
                >
                  <Icon aria-label={problem.severity} className={classes("mt-0.5 size-4 shrink-0", colour)} />
                  <span className="min-w-0 flex-1 break-words">{sentence(problem.message)}</span>
                  <span className="shrink-0 text-xs text-subtler tabular-nums">line {problem.line}</span>
                </button>
                {problem.fix !== null && (
                  <Button size="small" disabled={!isCurrent} onClick={() => onFix(problem)}>
                    {problem.fix.label}
                  </Button>
                )}
              </li>
            );
          })}
        </ul>
      </ScrollRegion>
    </section>
  );
}
