import { useMutation, useQuery } from "@tanstack/react-query";
import { CloudDownload, FlaskConical, FolderOpen, FolderX, Upload } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { QueryProblem } from "@/components/QueryProblem";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Combobox, type ComboboxOption } from "@/components/ui/Combobox";
import { ConfirmDialog, Dialog } from "@/components/ui/Dialog";
import { EmptyState } from "@/components/ui/EmptyState";
import { Field, TextArea, TextInput } from "@/components/ui/Field";
import { Skeleton } from "@/components/ui/Skeleton";
import type { ProjectSummary } from "@/ipc/bindings";
import { fieldError, ipc, messageOf } from "@/ipc/client";
import { projectsQuery } from "@/ipc/queries";
import { formatCount, formatNumber, sentence } from "@/lib/format";
import { ProjectPreview } from "./ProjectPreview";
import { SpaceField } from "./SpaceField";

const NAME_CHARS_MAX = 500;

type CreatePromptDialogProps = {
  /** Chosen from the start. */
  projectId: string | undefined;
  /** The space that is shown behind it. */
  spaceId: string | undefined;
  onClose: () => void;
  onCreated: (promptId: string) => void;
  onImport: () => void;
  onOpenSample: () => void;
  /** The dialog that brings a project from a server: it lies over this one, which keeps what was typed. */
  fromLabelStudio: (onClose: () => void, onChosen: (projectId: string) => void) => ReactNode;
};

export function CreatePromptDialog({ projectId, spaceId, onClose, onCreated, ...rest }: CreatePromptDialogProps) {
  const { onImport, onOpenSample, fromLabelStudio } = rest;
  const projects = useQuery(projectsQuery());
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [chosen, setChosen] = useState<string | null>(projectId ?? null);
  const [space, setSpace] = useState<string | null>(spaceId ?? null);
  const [discarding, setDiscarding] = useState(false);
  const [isPicking, setPicking] = useState(false);
  const nameInput = useRef<HTMLInputElement>(null);
  const form = useId();

  const eligible = projects.data?.filter((project) => project.ineligible === null) ?? [];
  const onlyOne = eligible.length === 1 ? eligible[0]?.id : undefined;
  // One project to choose from is no choice.
  useEffect(() => {
    if (onlyOne !== undefined) setChosen((old) => old ?? onlyOne);
  }, [onlyOne]);

  const create = useMutation({
    mutationFn: (target: string) => ipc.createPrompt({ name, description, project_id: target, space_id: space }),
    onSuccess: onCreated,
  });
  const typed = name.trim() !== "" || description.trim() !== "";
  const refused = projects.data?.find(({ id }) => id === chosen)?.ineligible ?? null;
  const missing =
    name.trim() === ""
      ? "Give the prompt a name first."
      : chosen === null
        ? "Choose a target project first."
        : refused !== null
          ? sentence(refused)
          : undefined;
  const submit = () => {
    if (missing === undefined && chosen !== null && !create.isPending) create.mutate(chosen);
  };
  const close = () => (typed ? setDiscarding(true) : onClose());
  const usable = projects.data === undefined || eligible.length > 0;
  const known = ["name", "description", "project_id"].some((field) => fieldError(create.error, field) !== undefined);

  return (
    <Dialog
      open
      onClose={close}
      size="full"
      title="Create Prompt"
      bare
      onSubmit={submit}
      {...(usable ? { initialFocus: nameInput } : {})}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            type="submit"
            form={form}
            variant="primary"
            look="filled"
            waiting={create.isPending}
            disabledReason={usable ? missing : "No project can be used by a prompt."}
          >
            Create Prompt
          </Button>
        </>
      }
    >
      {projects.isError ? (
        <div className="min-h-0 flex-1">
          <QueryProblem
            title="The projects could not be read"
            error={projects.error}
            onRetry={() => void projects.refetch()}
          />
        </div>
      ) : !usable ? (
        <NoProject
          projects={projects.data ?? []}
          onImport={onImport}
          onFromLabelStudio={() => setPicking(true)}
          onOpenSample={onOpenSample}
        />
      ) : (
        <div className="grid min-h-0 flex-1 grid-cols-[min(420px,36%)_minmax(0,1fr)] max-[820px]:block max-[820px]:overflow-y-auto">
          <form
            id={form}
            onSubmit={(event) => {
              event.preventDefault();
              submit();
            }}
            className="scroll-area flex flex-col gap-5 border-r px-6 py-5 max-[820px]:overflow-visible max-[820px]:border-r-0 max-[820px]:border-b"
          >
            {create.isError && !known && (
              <Banner kind="negative" role="alert" title="The prompt was not created">
                {messageOf(create.error)}
              </Banner>
            )}
            <Field label="Name" error={fieldError(create.error, "name") ?? nameTooLong(name)}>
              <TextInput
                ref={nameInput}
                value={name}
                onChange={setName}
                placeholder="Sort tickets by topic"
                dir="auto"
              />
            </Field>
            <Field label="Description" optional error={fieldError(create.error, "description")}>
              <TextArea
                value={description}
                onChange={setDescription}
                placeholder="What the answers are for, and what counts as right"
                dir="auto"
              />
            </Field>
            <Field
              label="Target project"
              hint="The prompt labels the tasks of this project, with its labels. This cannot be changed later."
              error={fieldError(create.error, "project_id")}
            >
              {projects.isPending ? (
                <Skeleton className="h-10" />
              ) : (
                <Combobox
                  size="large"
                  value={chosen}
                  onChange={setChosen}
                  options={projects.data.map(optionOf)}
                  placeholder="Type part of a name"
                  empty="No project has this in its name."
                />
              )}
            </Field>
            <Button
              icon={CloudDownload}
              look="string"
              variant="primary"
              className="-mt-3 -ml-3 self-start"
              onClick={() => setPicking(true)}
            >
              From Label Studio…
            </Button>
            {/* Last: whether there is a choice is read meanwhile, and nothing is to move for it. */}
            <SpaceField value={space} onChange={setSpace} />
          </form>
          <div className="min-h-0 min-w-0 bg-background px-6 py-5 max-[820px]:h-96">
            {chosen === null ? (
              <EmptyState icon={FolderOpen} title="Choose a target project" className="h-full justify-center">
                Its labels, a task as annotators see it, and the answer that a model will be asked for appear here.
              </EmptyState>
            ) : (
              <ProjectPreview key={chosen} projectId={chosen} />
            )}
          </div>
        </div>
      )}
      {isPicking &&
        fromLabelStudio(
          () => setPicking(false),
          (projectId) => {
            setPicking(false);
            setChosen(projectId);
          },
        )}
      <ConfirmDialog
        open={discarding}
        onClose={() => setDiscarding(false)}
        title="Close without creating the prompt?"
        action="Discard what I typed"
        onConfirm={onClose}
      >
        The name and description that you typed are not kept.
      </ConfirmDialog>
    </Dialog>
  );
}

function nameTooLong(name: string): string | undefined {
  const count = [...name.trim()].length;
  return count > NAME_CHARS_MAX
    ? `A name has at most ${NAME_CHARS_MAX} characters; this one has ${formatNumber(count)}.`
    : undefined;
}

function optionOf(project: ProjectSummary): ComboboxOption {
  const truths = project.ground_truth_count;
  return {
    value: project.id,
    label: project.name,
    hint: `${formatCount(project.task_count, "task")} · ${truths === 0 ? "no ground truths" : formatCount(truths, "ground truth")}`,
    disabledReason: project.ineligible === null ? null : sentence(project.ineligible),
  };
}

type NoProjectProps = Pick<CreatePromptDialogProps, "onImport" | "onOpenSample"> & {
  projects: readonly ProjectSummary[];
  onFromLabelStudio: () => void;
};

function NoProject({ projects, onImport, onFromLabelStudio, onOpenSample }: NoProjectProps) {
  return (
    <div className="scroll-area flex min-h-0 flex-1 flex-col items-center justify-center">
      <EmptyState
        icon={FolderX}
        title="You have no project a prompt can use"
        actions={
          <>
            <Button variant="primary" look="filled" icon={Upload} onClick={onImport}>
              Import project
            </Button>
            <Button icon={CloudDownload} onClick={onFromLabelStudio}>
              From Label Studio
            </Button>
            <Button icon={FlaskConical} onClick={onOpenSample}>
              Open the sample
            </Button>
          </>
        }
      >
        A prompt needs a labeling config with a control it can fill (choices, labels on text, text, rating, number or
        pairwise) and some tasks.
      </EmptyState>
      {projects.length > 0 && (
        <ul className="-mt-4 mb-8 w-full max-w-lg divide-y rounded-md border text-sm">
          {projects.map((project) => (
            <li key={project.id} className="px-4 py-2.5">
              <div className="truncate font-semibold" dir="auto">
                {project.name}
              </div>
              <div className="text-subtler">{sentence(project.ineligible ?? "")}</div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
