/**
 * A scripted other end of the wire, for tests and pictures. It keeps the promises of the real commands that screens build
 * on (names are unique, a version never changes, a run makes progress), over data from `fake-world.ts`; nothing of it
 * is in the app.
 */

import type {
  Accuracy,
  Annotation,
  AnnotationContent,
  Changed,
  ClassRename,
  ConfigCheck,
  ConfigEdit,
  ConfigImpact,
  ConfigProblem,
  ConfigTemplate,
  DeletedAnnotation,
  Draft,
  DraftContent,
  FileDrop,
  ImportIssue,
  ImportPlan,
  ImportProgress,
  ImportReport,
  ImportTarget,
  IpcError,
  JsonValue,
  Label,
  LocalApi,
  LocalTestProgress,
  MarkedTasks,
  MediaCheck,
  MediaInfo,
  MediaProgress,
  NewImport,
  NewPrompt,
  NewRun,
  Preferences,
  PreviewRow,
  ProjectDetail,
  ProjectExport,
  ProjectFormat,
  PromptDetail,
  PromptSummary,
  Region,
  RequestPreview,
  Result,
  ResultRow,
  RowQuery,
  RunLimit,
  RunProgress,
  RunSummary,
  Settings,
  Tag,
  TaskDetail,
  TaskFilter,
  TaskFormat,
  TaskQuery,
  TaskRow,
  TaskSelection,
  TaskSort,
  TaskView,
  TaskViewProgress,
  VersionRef,
  VersionSummary,
} from "./bindings";
import type { Boundary } from "./client";
import { connectionCommands, withProviders } from "./fake-connections";
import { localCommands } from "./fake-local";
import { networkCommands } from "./fake-network";
import { Refused } from "./fake-refused";
import { runCommands, runSize } from "./fake-runs";
import { versionCode } from "./fake-snippets";
import { DEFAULT_SPACE, spaceCommands, spaceIn } from "./fake-spaces";
import {
  chance,
  emptied,
  firstRun,
  ineligibleOnly,
  lived,
  NOW,
  type Project,
  type Prompt,
  type Run,
  type Version,
  type World,
} from "./fake-world";

const FORMATS: Record<string, TaskFormat> = {
  json: "label_studio_json",
  jsonl: "json_lines",
  csv: "csv",
  tsv: "tsv",
  txt: "text",
  parquet: "parquet",
};

/** The format of a file of tasks, by its ending; a path without one is a folder. */
function formatOf(path: string): TaskFormat | null {
  const [, ending] = /\.(\w+)$/.exec(path) ?? [];
  return ending === undefined ? "image_folder" : (FORMATS[ending] ?? null);
}

/** What the scripted import does not take as it is. */
const configTags: Tag[] = [
  {
    name: "Choices",
    kind: "control",
    summary: "Asks to choose one or several of a list.",
    fillable: true,
    attributes: [{ name: "name", summary: "What regions call it by.", required: true, values: [] }],
    children: ["Choice", "View"],
  },
  {
    name: "Text",
    kind: "object",
    summary: "Shows a text.",
    fillable: true,
    attributes: [{ name: "value", summary: "The field of the data to show.", required: true, values: [] }],
    children: [],
  },
];

/** What the scripted check finds in a config: one slip that can be mended, and one that cannot. */
function slips(xml: string): ConfigProblem[] {
  return [
    {
      find: 'toName="txt"',
      severity: "error" as const,
      message: "there is no object “txt”; did you mean “text”?",
      fixed: 'toName="text"',
    },
    { find: "<Colour", severity: "warning" as const, message: "Label Studio has no tag “Colour”", fixed: undefined },
  ].flatMap(({ find, severity, message, fixed }) => {
    const from = xml.indexOf(find);
    if (from === -1) return [];
    const place = { from, to: from + find.length };
    const fix = fixed === undefined ? null : { label: "Use “text”", ...place, insert: fixed };
    return [{ severity, ...place, line: xml.slice(0, from).split("\n").length, message, fix }];
  });
}

const configTemplates: ConfigTemplate[] = [
  {
    id: "entities",
    group: "Text",
    title: "Named entities",
    description: "Mark people, places and the like in a text.",
    xml: '<View>\n  <Labels name="entity" toName="text"/>\n  <Text name="text" value="$text"/>\n</View>\n',
    sample: { text: "Ada Lovelace was born in London." },
  },
  {
    id: "pairwise",
    group: "Model answers",
    title: "Compare two answers",
    description: "Which of two answers to a question is better?",
    xml: '<View>\n  <Pairwise name="better" toName="a,b"/>\n</View>\n',
    sample: { a: "Blue.", b: "Scattered light." },
  },
  {
    id: "sentiment",
    group: "Text",
    title: "Sentiment",
    description: "Is a text positive, negative or neutral?",
    xml: '<View>\n  <Text name="text" value="$text"/>\n</View>\n',
    sample: { text: "The kettle boils quickly." },
  },
];

const importIssues: ImportIssue[] = [
  ["refused", 412, 'its data has no "review", which the Text of the config shows'],
  ["refused", 907, "it is a number, not an object"],
  ["refused", 1_311, "it is not well-formed JSON: it ends too early"],
  ["duplicate", 1_402, "its data equals that of item 17"],
].map(([kind, item, message]) => ({
  kind: kind as ImportIssue["kind"],
  file: "project-12-at-2026-11-20.json",
  item: Number(item),
  line: Number(item) + 1,
  message: String(message),
}));

/** What the scripted world is like. */
export type Scene =
  | "lived"
  | "first-run"
  | "emptied"
  | "ineligible-only"
  /** Nothing that is asked is ever answered. */
  | "loading"
  /** Every reading command fails. */
  | "failing"
  | "no-keychain"
  /** The workspace could not be opened. */
  | "locked"
  /** A run is under way, and stands still at 38 %. */
  | "running"
  /** A run ended with the program that was at work on it. */
  | "interrupted"
  /** Keys of several providers. */
  | "providers";

type Handlers<Payload> = Set<(event: { payload: Payload }) => void>;

export type Fake = Boundary & {
  world: World;
  /** As if Rust had sent it. */
  send: {
    changed: (payload: Changed) => void;
    runProgress: (payload: RunProgress) => void;
    importProgress: (payload: ImportProgress) => void;
    taskView: (payload: TaskViewProgress) => void;
    mediaProgress: (payload: MediaProgress) => void;
    localTest: (payload: LocalTestProgress) => void;
    fileDrop: (payload: FileDrop) => void;
  };
};

const ok = <Data>(data: Data): Result<Data, IpcError> => ({ status: "ok", data });

export function createFake(scene: Scene = "lived", preferences: Partial<Preferences> = {}): Fake {
  const world =
    scene === "first-run"
      ? firstRun()
      : scene === "emptied"
        ? emptied()
        : scene === "ineligible-only"
          ? ineligibleOnly()
          : scene === "providers"
            ? withProviders()
            : lived();
  let localApi: LocalApi = {
    settings: { enabled: false, port: 47_360, spelling: "current" },
    has_token: false,
    address: null,
    problem: null,
  };
  const deleted = { prompts: [] as Prompt[], projects: [] as Project[] };
  let saved: Preferences = { theme: "light", sidebar_collapsed: false, compact_rows: false, ...preferences };
  let serial = 0;
  const nextId = (kind: string) => {
    serial += 1;
    return `${kind}-${serial}`;
  };

  const handlers = {
    changed: new Set() as Handlers<Changed>,
    runProgress: new Set() as Handlers<RunProgress>,
    importProgress: new Set() as Handlers<ImportProgress>,
    taskView: new Set() as Handlers<TaskViewProgress>,
    mediaProgress: new Set() as Handlers<MediaProgress>,
    localTest: new Set() as Handlers<LocalTestProgress>,
    fileDrop: new Set() as Handlers<FileDrop>,
  };
  const sender =
    <Payload>(to: Handlers<Payload>) =>
    (payload: Payload) => {
      for (const handler of to) handler({ payload });
    };
  const send = {
    changed: sender(handlers.changed),
    runProgress: sender(handlers.runProgress),
    importProgress: sender(handlers.importProgress),
    taskView: sender(handlers.taskView),
    mediaProgress: sender(handlers.mediaProgress),
    localTest: sender(handlers.localTest),
    fileDrop: sender(handlers.fileDrop),
  };
  const source = <Payload>(from: Handlers<Payload>) => ({
    listen: async (handler: (event: { payload: Payload }) => void) => {
      from.add(handler);
      return () => void from.delete(handler);
    },
  });

  if (scene === "interrupted") {
    const run = world.prompts.find((prompt) => prompt.runs.length > 0)?.runs[0];
    const reason = "The program that was at work on it ended. What it had received is kept; resume to go on.";
    if (run !== undefined)
      Object.assign(run, { status: "paused", reason, done: 31, isInterrupted: true } satisfies Partial<Run>);
  }
  if (scene === "running") {
    const prompt = world.prompts[1];
    const run = prompt?.runs[0];
    if (run !== undefined)
      Object.assign(run, { status: "in_progress", reason: null, done: 4_742 } satisfies Partial<Run>);
  }

  function project(id: string): Project {
    const found = world.projects.find((project) => project.summary.id === id);
    if (found === undefined) throw new Refused("not_found", "This project is gone.");
    return found;
  }
  function prompt(id: string): Prompt {
    const found = world.prompts.find((prompt) => prompt.id === id);
    if (found === undefined) throw new Refused("not_found", "This prompt is gone.");
    return found;
  }
  function ofVersion(versionId: string): { prompt: Prompt; version: Version } {
    for (const prompt of world.prompts) {
      const version = prompt.versions.find((version) => version.id === versionId);
      if (version !== undefined) return { prompt, version };
    }
    throw new Refused("not_found", "This version is gone.");
  }
  function ofRun(runId: string): { prompt: Prompt; run: Run } {
    for (const prompt of world.prompts) {
      const run = prompt.runs.find((run) => run.id === runId);
      if (run !== undefined) return { prompt, run };
    }
    throw new Refused("not_found", "This run is gone.");
  }

  function versionRef(version: Version): VersionRef {
    const from = world.connections.find((connection) => connection.id === version.content.connection_id);
    return {
      id: version.id,
      number: version.number,
      model: version.content.model,
      provider: from?.provider ?? "custom",
      connection_name: from?.name ?? null,
    };
  }
  function versionSummary(owner: Prompt, version: Version): VersionSummary {
    const { connection_name, provider, model, id, number } = versionRef(version);
    const runs = owner.runs.filter((run) => run.versionId === version.id);
    return {
      id,
      number,
      commit_hash: version.hash,
      message: version.message,
      author: "Ann Verhoeven",
      created_at: version.createdAt,
      provider,
      model,
      connection_id: version.content.connection_id,
      connection_name,
      labels: Object.keys(owner.labels ?? {}).filter((name) => owner.labels?.[name] === version.id),
      run_count: runs.length,
      best_accuracy: best(runs.map((run) => runSummary(owner, run).accuracy)),
    };
  }
  function promptSummary(owner: Prompt): PromptSummary {
    const latest = owner.versions[0];
    const lastRun = owner.runs[0];
    return {
      id: owner.id,
      name: owner.name,
      description: owner.description,
      space_id: spaceOf(owner).id,
      space_name: spaceOf(owner).name,
      folder: owner.folder ?? "",
      project_id: owner.isUnaimed ? null : owner.projectId,
      project_name: owner.isUnaimed ? null : project(owner.projectId).summary.name,
      labels: labelsOf(owner),
      latest_version: latest === undefined ? null : versionRef(latest),
      version_count: owner.versions.length,
      best_accuracy: best(owner.runs.map((run) => runSummary(owner, run).accuracy)),
      run_count: owner.runs.length,
      last_run: lastRun === undefined ? null : { status: lastRun.status, at: lastRun.createdAt },
      has_draft: draftOf(owner).changed,
      is_sample: owner.isSample,
      updated_at: owner.updatedAt,
    };
  }
  function spaceOf(owner: Prompt) {
    return spaceIn(world, owner.spaceId ?? DEFAULT_SPACE);
  }
  function labelsOf(owner: Prompt): Label[] {
    return Object.entries(owner.labels ?? {}).flatMap(([name, id]) => {
      const version = owner.versions.find((one) => one.id === id);
      return version === undefined
        ? []
        : [{ name, version_id: id, number: version.number, moved_at: NOW.toISOString() }];
    });
  }
  function moveLabel(owner: Prompt, name: string, to: Version | null): void {
    const from = labelsOf(owner).find((label) => label.name === name)?.number ?? null;
    const { [name]: _, ...others } = owner.labels ?? {};
    owner.labels = to === null ? others : { ...others, [name]: to.id };
    const made = { name, from, to: to?.number ?? null, author: "ann", moved_at: NOW.toISOString() };
    owner.moves = [made, ...(owner.moves ?? [])];
    send.changed({ kind: "prompt", prompt_id: owner.id });
  }
  function baseOf(owner: Prompt): Version | undefined {
    return owner.versions.find(({ number }) => number === owner.basedOn) ?? owner.versions[0];
  }
  function draftOf(owner: Prompt): Draft {
    const base = baseOf(owner);
    return {
      content: owner.draft,
      based_on: base?.number ?? null,
      changed: JSON.stringify(owner.draft) !== JSON.stringify(base?.content),
      updated_at: owner.updatedAt,
    };
  }
  function promptDetail(owner: Prompt): PromptDetail {
    const target = project(owner.projectId);
    const data = target.task(0);
    return {
      summary: promptSummary(owner),
      draft: draftOf(owner),
      variables: (owner.isUnaimed ? [] : Object.keys(data)).map((name) => ({ name, sample: String(data[name]) })),
      project: owner.isUnaimed ? null : { ...target.summary, prompt_count: promptsOf(target).length },
    };
  }
  function promptsOf(target: Project): Prompt[] {
    return world.prompts.filter((prompt) => !prompt.isUnaimed && prompt.projectId === target.summary.id);
  }

  function resultRow(owner: Prompt, run: Run, position: number): ResultRow {
    const target = project(owner.projectId);
    const scored = position < target.summary.ground_truth_count;
    const failed = chance(position, run.number + 90) < 0.02;
    const right = chance(position, run.number + 30) * 100 < run.skill;
    const score = right ? 1 : target.summary.controls[0]?.startsWith("Labels") ? 0.5 : 0;
    return {
      task_id: position + 1,
      position,
      data: target.task(position),
      ground_truth: scored ? target.truth(position) : null,
      prediction: failed ? null : right ? target.truth(position) : target.mistake(position),
      correct: failed || !scored ? null : right,
      score: failed || !scored ? null : score,
      error: failed
        ? { code: "answer_invalid", message: 'The answer was not JSON: it began with "Sure, here".', vendor: null }
        : null,
      cached: !failed && chance(position, 71) < 0.1,
      repaired: !failed && chance(position, 72) < 0.04,
      latency_ms: failed ? null : Math.round(180 + chance(position, 73) * 900),
      prompt_tokens: 120 + Math.round(chance(position, 74) * 40),
      completion_tokens: failed ? null : 9,
      cost_usd: 0,
    };
  }
  function runSummary(owner: Prompt, run: Run): RunSummary {
    const { version } = ofVersion(run.versionId);
    const { model, provider, connection_name, number } = versionRef(version);
    // A million rows are not worth counting for a picture: the first thousand stand for all.
    const counted = Math.min(run.done, 1000);
    let correct = 0;
    let scored = 0;
    let failed = 0;
    for (let position = 0; position < counted; position += 1) {
      const row = resultRow(owner, run, position);
      if (row.error !== null) failed += 1;
      if (row.correct !== null) scored += 1;
      if (row.correct === true) correct += 1;
    }
    failed = Math.round((failed * run.done) / Math.max(1, counted));
    const accuracy = scored === 0 ? null : wilson(correct, scored);
    const ended = run.status !== "in_progress" && run.status !== "pending";
    return {
      id: run.id,
      number: run.number,
      prompt_id: owner.id,
      version_id: run.versionId,
      version_number: number,
      subset: run.subset,
      only: run.only ?? null,
      status: run.status,
      reason: run.reason,
      total: run.total,
      done: run.done,
      correct,
      scored,
      failed,
      cached: Math.round(run.done * 0.1),
      requests: Math.round(run.done * 0.9),
      retries: Math.round(run.done * 0.01),
      prompt_tokens: run.done * 138,
      completion_tokens: run.done * 9,
      cost_usd: run.costMicros !== undefined ? run.costMicros / 1e6 : provider === "practice" ? 0 : null,
      cost_micros: run.costMicros ?? 0,
      unpriced: run.costMicros !== undefined || provider === "practice" ? 0 : Math.round(run.done * 0.9),
      limit_micros: run.limitMicros ?? null,
      accuracy,
      accuracy_with_failed: accuracy === null ? null : correct / (scored + failed),
      mean_score: accuracy === null ? null : accuracy.value,
      notes: provider === "practice" || run.number === 1 ? [] : [`temperature is not sent: ${model} refused it.`],
      model,
      provider,
      connection_name,
      created_at: run.createdAt,
      started_at: run.createdAt,
      finished_at: ended ? new Date(new Date(run.createdAt).getTime() + run.wallMs).toISOString() : null,
      wall_ms: run.wallMs,
    };
  }
  function runProgress(owner: Prompt, run: Run): RunProgress {
    const rate = 8.4;
    return {
      run: runSummary(owner, run),
      rate,
      eta_ms: ((run.total - run.done) / rate) * 1000,
      in_flight: 8,
      concurrency: run.concurrency ?? 8,
      is_pausing: run.isPausing ?? false,
      waiting: run.isPausing
        ? "Pausing once the 8 requests that are out are answered."
        : run.total > 1000
          ? "Tokens per minute 180k of 200k; spreading the rest over 12 s."
          : null,
    };
  }
  function matchingPositions(owner: Prompt, run: Run, query: RowQuery): number[] {
    const positions: number[] = [];
    for (let position = 0; position < run.done; position += 1) {
      const row = resultRow(owner, run, position);
      const kept =
        query.filter === "all" ||
        (query.filter === "correct" && row.correct === true) ||
        (query.filter === "wrong" && row.correct === false) ||
        (query.filter === "failed" && row.error !== null) ||
        (query.filter === "unscored" && row.error === null && row.correct === null);
      if (kept && JSON.stringify(row.data).toLowerCase().includes(query.search.toLowerCase())) positions.push(position);
    }
    if (query.sort === "position") return positions;
    const sign = query.sort === "score_ascending" ? 1 : -1;
    const score = (position: number) => resultRow(owner, run, position).score ?? 2 * sign;
    return positions.sort((a, b) => sign * (score(a) - score(b)) || a - b);
  }
  function advance(owner: Prompt, run: Run): void {
    if (run.status !== "in_progress" || run.isPausing) return;
    run.done = Math.min(run.total, run.done + Math.max(1, Math.ceil(run.total / 25)));
    run.wallMs += 100;
    if (run.done === run.total) run.status = "completed";
    send.runProgress(runProgress(owner, run));
    if (run.status === "in_progress") setTimeout(() => advance(owner, run), 100);
    else send.changed({ kind: "runs", prompt_id: owner.id });
  }

  const reading = new Set([
    "listPrompts",
    "listProjects",
    "listConnections",
    "getPrompt",
    "getProject",
    "taskRows",
    "listRuns",
    "listVersions",
  ]);
  const speak = <Args extends unknown[], Data>(name: string, command: (...args: Args) => Data | Promise<Data>) => {
    return async (...args: Args): Promise<Result<Data, IpcError>> => {
      if (scene === "loading" && reading.has(name)) return new Promise(() => {});
      try {
        if (scene === "failing" && reading.has(name)) {
          throw new Refused(
            "internal",
            "The workspace file is locked by another program: /home/ann/.local/share/touchstone/workspace.sqlite",
          );
        }
        // Through JSON, as on the real wire: nobody holds on to an object of the other side.
        return ok(structuredClone(await command(...args)));
      } catch (error) {
        if (error instanceof Refused) return { status: "error", error: error.error };
        throw error;
      }
    };
  };

  function checkName(name: string, owner: { id: string } | null): string {
    const trimmed = name.trim();
    if (trimmed === "") throw new Refused("invalid", "A prompt needs a name.", "name");
    if (trimmed.length > 500) throw new Refused("invalid", "A name has at most 500 characters.", "name");
    if (world.prompts.some((other) => other.name === trimmed && other.id !== owner?.id)) {
      throw new Refused("name_taken", `A prompt named "${trimmed}" exists already.`, "name");
    }
    return trimmed;
  }
  let lastProject = "";
  let lastTask = 0;
  const projectDetail = (target: Project): ProjectDetail => ({
    summary: { ...target.summary, prompt_count: promptsOf(target).length },
    config_xml: target.xml,
    outline: target.outline,
    variables: target.variables,
    answer_schema: JSON.stringify(target.schema, null, 2),
    config_faults: [],
  });
  const annotated = new Map<string, Annotation[]>();
  const taskDetail = (taskId: number): TaskDetail => {
    lastTask = taskId;
    const target = project(lastProject);
    const position = taskId - 1;
    const first: Annotation = {
      id: 1,
      result: target.truth(position),
      ground_truth: true,
      counts: true,
      was_cancelled: false,
      created_at: "2026-11-02T09:00:00.000Z",
      updated_at: null,
      completed_by: "ben@example.org",
      faults: [],
    };
    const given = position < target.summary.ground_truth_count ? [first] : [];
    const annotations = annotated.get(`${lastProject} ${taskId}`) ?? given;
    const newest = annotations.findLast(({ ground_truth }) => ground_truth);
    return {
      row: {
        id: taskId,
        position,
        data: target.task(position),
        annotation_count: annotations.length,
        ground_truth: (newest?.result as Region[] | undefined) ?? null,
        held_out: newest !== undefined && position % 2 === 0,
      },
      project_id: lastProject,
      meta: null,
      outline: null,
      annotations: annotations.map((annotation) => ({ ...annotation, counts: annotation === newest })),
    };
  };
  /** The positions of the tasks of each open view. */
  const views = new Map<string, number[]>();
  let endCheck: (canceled: boolean) => void = () => {};
  let settings: Settings = {
    concurrency: 8,
    media_side_px: 2048,
    media_megabytes_max: 20,
    media_from_web: true,
    budget_micros: null,
    offline: false,
  };
  const taskRow = (position: number): TaskRow => {
    if (annotated.size > 0 && annotated.has(`${lastProject} ${position + 1}`)) return taskDetail(position + 1).row;
    const target = project(lastProject);
    const scored = position < target.summary.ground_truth_count;
    return {
      id: position + 1,
      position,
      data: target.task(position),
      annotation_count: scored ? 1 : 0,
      ground_truth: scored ? target.truth(position) : null,
      held_out: scored && position % 2 === 0,
    };
  };
  /** The positions of the tasks in these rows of a view. */
  const placesOf = (viewId: string | null, from: number, to: number): number[] => {
    if (viewId === null) return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
    const positions = views.get(viewId);
    if (positions === undefined) throw new Refused("not_found", "This view of tasks is gone.");
    return positions.slice(from, to);
  };
  const keepAnnotations = (taskId: number, annotations: Annotation[]): TaskDetail => {
    annotated.set(`${lastProject} ${taskId}`, annotations);
    send.changed({ kind: "annotations", project_id: lastProject });
    return taskDetail(taskId);
  };

  const outside = { world, hasKeychain: scene !== "no-keychain", nextId, changed: send.changed };
  const plain = {
    appInfo: () => ({
      version: "0.1.0",
      workspace_path: "/home/ann/.local/share/touchstone/workspace.sqlite",
      locale: "en-GB",
      keychain_available: scene !== "no-keychain",
      workspace_problem:
        scene === "locked"
          ? "The workspace /home/ann/.local/share/touchstone/workspace.sqlite was written by a newer version of Touchstone (schema 9, this version knows up to 4)."
          : null,
    }),
    windowReady: () => null,
    preferences: () => saved,
    setPreferences: (next: Preferences) => {
      saved = next;
      return null;
    },
    takeOpenedFiles: () => [] as string[],
    openSample: () => {
      const sample = firstRun();
      for (const part of sample.projects) {
        if (!world.projects.some((project) => project.summary.id === part.summary.id)) world.projects.push(part);
      }
      for (const part of sample.prompts) {
        if (!world.prompts.some((prompt) => prompt.id === part.id)) world.prompts.push(part);
      }
      send.changed({ kind: "projects" });
      send.changed({ kind: "prompts" });
      return "prompt-sample";
    },
    chooseFiles: () => ["/home/ann/Downloads/reviews-config.xml", "/home/ann/Downloads/project-12-at-2026-11-20.json"],
    chooseFolder: () => "/home/ann/Pictures/receipts",
    chooseIssuesPath: (suggestedName: string) => `/home/ann/Documents/${suggestedName}.csv`,
    chooseProjectExportPath: (format: ProjectFormat, suggestedName: string) =>
      `/home/ann/Documents/${suggestedName}.${format === "csv" || format === "jsonl" ? format : "json"}`,
    chooseExportPath: (_format: string, suggestedName: string) => `/home/ann/Documents/${suggestedName}`,

    listProjects: () => world.projects.map((target) => ({ ...target.summary, prompt_count: promptsOf(target).length })),
    getProject: (projectId: string) => projectDetail(project(projectId)),
    planImport: (paths: string[], target: ImportTarget | null): ImportPlan => {
      const config = paths.find((path) => path.endsWith(".xml")) ?? null;
      const tasks = paths.find((path) => path !== config && formatOf(path) !== null) ?? null;
      const format = tasks === null ? null : formatOf(tasks);
      const hasConfig = config !== null || target !== null;
      const odd = paths.filter((path) => path !== config && path !== tasks);
      const outline = lived().projects[2];
      const problems = odd.map(
        (path) => `${path.split("/").at(-1)} is neither a labeling config (.xml) nor tasks; it is left out.`,
      );
      if (!hasConfig) problems.push("Add the labeling config, an .xml file.");
      if (tasks === null && (!hasConfig || target?.kind === "existing"))
        problems.push("Add the tasks, a file such as .json, .jsonl or .csv, or a folder.");
      // A table names its columns after its own fashion; an export has the config's names already.
      const column = format === "csv" || format === "tsv" ? "Customer review" : "review";
      const preview: PreviewRow[] = Array.from({ length: tasks === null ? 0 : 20 }, (_, index) => ({
        item: index + 1,
        line: index + 2,
        data: { [column]: `The parcel came ${index + 1} days late, and the box was open.`, stars: (index % 5) + 1 },
        problem: index === 11 ? "its data has no “review”, which the Text of the config shows" : null,
      }));
      const variable = outline?.variables[0];
      return {
        config_path: config,
        tasks_path: tasks,
        format,
        columns:
          preview.length === 0
            ? []
            : [column, "stars"].map((name) => ({ name, sample: String(preview[0]?.data[name]) })),
        preview,
        mapping: preview.length === 0 || !hasConfig || variable === undefined ? [] : [{ variable, column }],
        unmapped: [],
        suggested_name:
          tasks
            ?.split("/")
            .at(-1)
            ?.replace(/\.\w+$/, "") ?? "",
        config:
          !hasConfig || outline === undefined
            ? null
            : { outline: outline.outline, variables: outline.variables, ineligible: null, config_faults: [] },
        problems,
      };
    },
    importProject: async (wanted: NewImport): Promise<ImportReport> => {
      const model = lived().projects[2];
      if (model === undefined) throw new Error("the world has an Arabic project");
      const { target } = wanted;
      if (target.kind === "new" && world.projects.some((other) => other.summary.name === target.name)) {
        throw new Refused("name_taken", `A project named "${target.name}" exists already.`, "name");
      }
      for (let step = 1; step <= 4; step += 1) {
        send.importProgress({
          bytes_done: step * 3_100_000,
          bytes_total: 12_400_000,
          tasks: step * 462,
          refused: step > 2 ? 3 : 0,
        });
        await new Promise((resolve) => setTimeout(resolve, 60));
        if (canceledImport) {
          canceledImport = false;
          throw new Refused("canceled", "The import was canceled; nothing was kept.");
        }
      }
      const id = target.kind === "new" ? nextId("project") : target.project_id;
      if (target.kind === "new") {
        world.projects.push({ ...model, summary: { ...model.summary, id, name: target.name, prompt_count: 0 } });
      }
      send.changed({ kind: "projects" });
      return {
        project_id: id,
        tasks: 1_850,
        annotations: 240,
        ground_truth: 120,
        ground_truth_implied: 118,
        refused: 3,
        duplicates: 1,
        first_issues: importIssues,
        warnings: [
          '2 annotations name the control "old_sentiment", which the config does not have; they are kept as they are.',
        ],
      };
    },
    importIssues: (_projectId: string, offset: number, limit: number) => ({
      total: importIssues.length,
      rows: importIssues.slice(offset, offset + limit),
    }),
    exportImportIssues: () => importIssues.length,
    exportProject: (projectId: string, options: ProjectExport) => ({
      tasks: project(projectId).summary.task_count,
      path: options.path,
    }),
    cancelImport: () => {
      canceledImport = true;
      return null;
    },
    deleteProject: (projectId: string) => {
      const target = project(projectId);
      const prompts = promptsOf(target).length;
      if (prompts > 0) {
        throw new Refused("project_in_use", `${prompts} prompts aim at this project; delete them first`);
      }
      world.projects.splice(world.projects.indexOf(target), 1);
      deleted.projects.push(target);
      send.changed({ kind: "projects" });
      return null;
    },
    restoreProject: (projectId: string) => {
      const target = deleted.projects.find((project) => project.summary.id === projectId);
      if (target !== undefined) world.projects.push(target);
      send.changed({ kind: "projects" });
      return null;
    },
    // A task's number is its place in whichever project was looked at last: enough for one project at a time.
    getTask: (taskId: number) => taskDetail(taskId),
    saveAnnotation: (taskId: number, content: AnnotationContent) => {
      const task = taskDetail(taskId);
      const old = task.annotations.find(({ id }) => id === content.id);
      const id = old?.id ?? 1 + Math.max(0, ...task.annotations.map((annotation) => annotation.id));
      const now = new Date().toISOString();
      const next: Annotation = {
        ...(old ?? { was_cancelled: false, created_at: now, completed_by: "ann", faults: [] }),
        id,
        result: content.result,
        ground_truth: content.ground_truth,
        counts: false,
        updated_at: old === undefined ? null : now,
      };
      return keepAnnotations(taskId, [...task.annotations.filter((annotation) => annotation.id !== id), next]);
    },
    deleteAnnotation: (annotationId: number): DeletedAnnotation => {
      const { annotations } = taskDetail(lastTask);
      keepAnnotations(
        lastTask,
        annotations.filter(({ id }) => id !== annotationId),
      );
      return {
        task_id: lastTask,
        result: JSON.stringify(annotations.find(({ id }) => id === annotationId)?.result ?? []),
        ground_truth: false,
        was_cancelled: false,
        created_at: null,
        source: null,
      };
    },
    restoreAnnotation: (gone: DeletedAnnotation) => taskDetail(gone.task_id),
    checkConfig: (xml: string): ConfigCheck => {
      const shown = world.projects.find((project) => project.xml === xml) ?? project(lastProject);
      const problem = { severity: "error" as const, from: 0, to: 1, line: 1, message: "It is empty.", fix: null };
      const { outline, variables } = shown;
      const answer_schema = JSON.stringify(shown.schema, null, 2);
      return xml.trim()
        ? { error: null, problems: slips(xml), outline, variables, answer_schema, ineligible: null }
        : { error: problem, problems: [], outline: null, variables: [], answer_schema: "", ineligible: null };
    },
    configTags: () => configTags,
    configTemplates: () => configTemplates,
    editConfig: (xml: string, edit: ConfigEdit) =>
      edit.kind === "rename_class" ? xml.replace(`"${edit.from}"`, `"${edit.to}"`) : xml,
    configImpact: (projectId: string, xml: string, renames: ClassRename[]): ConfigImpact => {
      const { summary, outline } = project(projectId);
      const removed_labels = outline.nodes.flatMap(({ name, classes }) =>
        classes
          .filter(({ value }) => !xml.includes(`"${value}"`) && !renames.some(({ from }) => from === value))
          .map(({ value }) => ({ control: name ?? "", label: value, annotations: 9 })),
      );
      return {
        annotations: summary.annotation_count,
        removed_controls: [],
        removed_labels,
        changed_controls: [],
        missing_variables: [],
        invalid_annotations: 9 * removed_labels.length,
        ground_truths: 7 * removed_labels.length,
      };
    },
    saveConfig: (projectId: string, xml: string, _renames: ClassRename[]) => {
      const target = project(projectId);
      target.xml = xml;
      send.changed({ kind: "config", project_id: projectId });
      return projectDetail(target);
    },
    setGroundTruth: (projectId: string, { view_id, ranges }: TaskSelection, mark: boolean): MarkedTasks => {
      lastProject = projectId;
      const marked: MarkedTasks = { changed: 0, unannotated: 0 };
      const positions = ranges.flatMap(({ from, to }) => placesOf(view_id, from, to));
      for (const id of positions.map((position) => position + 1)) {
        const { annotations } = taskDetail(id);
        if (annotations.length === 0 && mark) marked.unannotated += 1;
        const wrong = mark
          ? annotations.slice(-1).filter(({ ground_truth }) => !ground_truth)
          : annotations.filter(({ ground_truth }) => ground_truth);
        if (wrong.length === 0) continue;
        marked.changed += 1;
        const next = annotations.map((one) => (wrong.includes(one) ? { ...one, ground_truth: mark } : one));
        annotated.set(`${projectId} ${id}`, next);
      }
      send.changed({ kind: "annotations", project_id: projectId });
      return marked;
    },
    openTasks: (projectId: string, query: TaskQuery): TaskView => {
      const target = project(projectId);
      lastProject = projectId;
      const { task_count: total } = target.summary;
      if (query.filters.length === 0 && query.sort === null) return { view_id: null, total, total_is_final: true };
      const looked = Array.from({ length: Math.min(total, LOOKED_AT) }, (_, position) => taskRow(position));
      const found = looked.filter((row) => query.filters.every((filter) => passes(row, filter)));
      if (query.sort !== null) found.sort((one, other) => compare(one, other, query.sort));
      const id = nextId("view");
      views.set(
        id,
        found.map(({ position }) => position),
      );
      for (const old of [...views.keys()].slice(0, -VIEWS_MAX)) views.delete(old);
      const isLong = total > LOOKED_AT;
      if (isLong) setTimeout(() => send.taskView({ view_id: id, total: found.length, total_is_final: true }), 700);
      return { view_id: id, total: isLong ? Math.min(50, found.length) : found.length, total_is_final: !isLong };
    },
    taskRows: (projectId: string, viewId: string | null, offset: number, limit: number) => {
      const { task_count: all } = project(projectId).summary;
      lastProject = projectId;
      const total = viewId === null ? all : (views.get(viewId)?.length ?? 0);
      return { total, rows: placesOf(viewId, offset, Math.min(offset + limit, total)).map(taskRow) };
    },

    mediaInfo: (taskId: number, variable: string): MediaInfo[] => {
      const value = project(lastProject).task(taskId - 1)[variable];
      const sources = Array.isArray(value) ? value : value === undefined ? [] : [value];
      return sources.map((source, index) => {
        const isGone = String(source).includes("gone");
        const whole = {
          kind: "image" as const,
          mime: "image/png",
          bytes: 183_204,
          width: 960,
          height: 540,
          problem: null,
        };
        const unusable = {
          kind: null,
          mime: null,
          bytes: null,
          width: null,
          height: null,
          problem: "there is no such file",
        };
        return { index, source: String(source), ...(isGone ? unusable : whole) };
      });
    },
    checkMedia: (projectId: string): Promise<MediaCheck> | MediaCheck => {
      const { task_count: tasks } = project(projectId).summary;
      send.mediaProgress({ project_id: projectId, tasks: Math.ceil(tasks / 2), total: tasks, faulty_tasks: 1 });
      const fault = {
        task_id: 3,
        position: 2,
        object: "image",
        source: "file:///pictures/gone.jpg",
        problem: "there is no such file",
      };
      const check = { tasks, pieces: tasks, faulty_tasks: 1, faults: [fault], canceled: false };
      return new Promise((resolve) => {
        endCheck = (canceled) => resolve({ ...check, canceled });
        setTimeout(() => endCheck(false), 400);
      });
    },
    cancelMediaCheck: () => {
      endCheck(true);
      return null;
    },
    settings: () => settings,
    setSettings: (next: Settings) => {
      if (next.concurrency < 1) throw new Refused("invalid", "Choose a number from 1 to 512.", "concurrency");
      settings = next;
      send.changed({ kind: "settings" });
      return null;
    },
    runSize: (wanted: NewRun) => runSize(wanted, project(prompt(wanted.prompt_id).projectId).summary),
    ...runCommands({
      runs: () =>
        world.prompts.flatMap((owner) =>
          owner.runs.map((run) => ({
            run,
            summary: () => runSummary(owner, run),
            tell: () => {
              send.runProgress(runProgress(owner, run));
              send.changed({ kind: "runs", prompt_id: owner.id });
            },
          })),
        ),
      refuse: (message) => {
        throw new Refused("invalid", message);
      },
    }),
    ...networkCommands(scene !== "first-run" && scene !== "emptied", send.changed),

    ...connectionCommands(outside),
    ...localCommands({
      world,
      canceled: () => new Refused("canceled", "Canceled; nothing was kept."),
      busy: () => new Refused("invalid", "another model is being tested; wait for it or cancel it"),
      progress: send.localTest,
      added: (made) => {
        const connection = { ...made, id: nextId("connection") };
        world.connections.push(connection);
        send.changed({ kind: "connections" });
        return { connection, warnings: [] };
      },
    }),

    ...spaceCommands(outside),

    listPrompts: () => world.prompts.map(promptSummary),
    getPrompt: (promptId: string) => promptDetail(prompt(promptId)),
    createPrompt: (wanted: NewPrompt) => {
      const name = checkName(wanted.name, null);
      const target = project(wanted.project_id);
      const id = nextId("prompt");
      world.prompts.unshift({
        id,
        name,
        description: wanted.description.trim(),
        projectId: wanted.project_id,
        spaceId: wanted.space_id ?? DEFAULT_SPACE,
        isSample: false,
        updatedAt: NOW.toISOString(),
        draft: {
          messages: [
            { role: "SYSTEM", content: "" },
            { role: "USER", content: target.variables.map((variable) => `{${variable}}`).join("\n") },
          ],
          input_variable_format: "F_STRING",
          connection_id: "connection-practice",
          provider: "practice",
          model: "practice",
          invocation_params: {},
          provider_params: {},
          extra: {},
        },
        versions: [],
        runs: [],
      });
      send.changed({ kind: "prompts" });
      return id;
    },
    editPrompt: (promptId: string, name: string, description: string, spaceId: string | null) => {
      const target = prompt(promptId);
      target.spaceId = spaceId ?? DEFAULT_SPACE;
      target.name = checkName(name, target);
      target.description = description.trim();
      send.changed({ kind: "prompt", prompt_id: promptId });
      return null;
    },
    deletePrompt: (promptId: string) => {
      const target = prompt(promptId);
      world.prompts.splice(world.prompts.indexOf(target), 1);
      deleted.prompts.push(target);
      send.changed({ kind: "prompts" });
      return null;
    },
    findPrompts: (text: string) =>
      world.prompts
        .filter(({ draft }) => JSON.stringify(draft).toLowerCase().includes(text.toLowerCase()))
        .map(({ id }) => id),
    listDeletedPrompts: () =>
      deleted.prompts.map(({ id, name, versions, runs }) => ({
        id,
        name,
        version_count: versions.length,
        run_count: runs.length,
        deleted_at: NOW.toISOString(),
      })),
    setPromptProject: (promptId: string, projectId: string) => {
      const target = prompt(promptId);
      target.projectId = projectId;
      target.isUnaimed = false;
      send.changed({ kind: "prompts" });
      return null;
    },
    setPromptFolder: (promptIds: string[], folder: string) => {
      for (const id of promptIds) prompt(id).folder = folder;
      send.changed({ kind: "prompts" });
      return null;
    },
    restorePrompt: (promptId: string, name: string | null) => {
      const place = deleted.prompts.findIndex((prompt) => prompt.id === promptId);
      const [target] = deleted.prompts.slice(place, place + 1);
      if (place === -1 || target === undefined) throw new Refused("not_found", "This prompt is gone.");
      world.prompts.push({ ...target, name: checkName(name ?? target.name, null) });
      deleted.prompts.splice(place, 1);
      send.changed({ kind: "prompts" });
      return null;
    },
    saveDraft: (promptId: string, draft: DraftContent) => {
      const target = prompt(promptId);
      target.draft = draft;
      send.changed({ kind: "prompt", prompt_id: promptId });
      return draftOf(target);
    },
    restoreDraft: (promptId: string, draft: DraftContent, basedOn: number | null) => {
      const target = prompt(promptId);
      target.draft = draft;
      target.basedOn = basedOn ?? undefined;
      send.changed({ kind: "prompt", prompt_id: promptId });
      return draftOf(target);
    },
    discardDraft: (promptId: string) => {
      const target = prompt(promptId);
      const base = baseOf(target);
      if (base !== undefined) target.draft = base.content;
      send.changed({ kind: "prompt", prompt_id: promptId });
      return draftOf(target);
    },
    previewRequest: (promptId: string, draft: DraftContent, position: number): RequestPreview => {
      const owner = prompt(promptId);
      const target = project(owner.projectId);
      const data = target.task(position);
      const unknown: string[] = [];
      const messages = draft.messages.map((message) => ({
        ...message,
        content: (message.content ?? "").replace(/\{(\w+)\}/g, (all, name: string) => {
          if (data[name] === undefined) unknown.push(name);
          return data[name] === undefined ? all : String(data[name]);
        }),
      }));
      const from = world.connections.find((connection) => connection.id === draft.connection_id);
      const problems: RequestPreview["problems"] = unknown.map((name) => ({
        severity: "error",
        code: "unknown_variable",
        variable: name,
        message: `The tasks of this project have no "${name}".`,
      }));
      if (from === undefined)
        problems.push({ severity: "error", code: "no_model", variable: null, message: "No model is chosen." });
      return {
        task_id: position + 1,
        position,
        task_total: target.summary.task_count,
        messages,
        body: JSON.stringify(
          {
            model: draft.model,
            messages: messages.map(({ role, content }) => ({ role: role.toLowerCase(), content })),
            response_format: { type: "json_object", schema: target.schema },
          },
          null,
          2,
        ),
        endpoint: from?.endpoint == null ? null : `${from.endpoint}/chat/completions`,
        prompt_tokens: from?.provider === "practice" ? 0 : Math.ceil(JSON.stringify(messages).length / 4),
        problems,
      };
    },
    saveVersion: (promptId: string, message: string) => {
      const owner = prompt(promptId);
      const latest = owner.versions[0];
      owner.basedOn = undefined;
      if (latest !== undefined && !draftOf(owner).changed)
        return { version: versionSummary(owner, latest), unchanged: true };
      const number = (latest?.number ?? 0) + 1;
      const made: Version = {
        id: nextId("version"),
        number,
        hash: `${"c0ffee12ab34".repeat(5)}${String(number).padStart(4, "0")}`,
        message: message.trim() === "" ? `Version ${number}` : message.trim(),
        createdAt: NOW.toISOString(),
        content: owner.draft,
      };
      owner.versions.unshift(made);
      send.changed({ kind: "prompt", prompt_id: promptId });
      return { version: versionSummary(owner, made), unchanged: false };
    },
    choosePromptsPath: (format: string, suggested: string) =>
      `/home/ann/${suggested}.${format === "promptfoo" ? "yaml" : "json"}`,
    choosePromptFiles: () => ["/home/ann/prompts.json"],
    exportPrompts: (promptIds: string[], _format: string, path: string) => ({
      prompts: promptIds.length === 0 ? world.prompts.length : promptIds.length,
      path,
      refused: [],
    }),
    importPrompts: (paths: string[], spaceId: string | null) => {
      const { id: space_id, name: space_name } = spaceIn(world, spaceId ?? DEFAULT_SPACE);
      const [source] = world.prompts;
      const prompts = source === undefined ? [] : paths.map(() => ({ id: nextId("prompt"), name: "Tone of voice" }));
      for (const made of prompts) {
        if (source !== undefined)
          world.prompts.push({ ...source, ...made, spaceId: space_id, isUnaimed: true, isSample: false, runs: [] });
      }
      send.changed({ kind: "prompts" });
      return {
        space_id,
        space_name,
        prompts: prompts.map((made) => ({ ...made, version_count: source?.versions.length ?? 0 })),
        refused: ["“prompts.json”: it holds no prompt"],
      };
    },
    localApi: () => localApi,
    setLocalApi: (settings: LocalApi["settings"]) => {
      if (settings.enabled && !localApi.has_token)
        throw new Refused("invalid", "make a token first; programs need it to call");
      localApi = { ...localApi, settings, address: settings.enabled ? `http://127.0.0.1:${settings.port}` : null };
      send.changed({ kind: "settings" });
      return localApi;
    },
    makeLocalApiToken: () => {
      localApi = { ...localApi, has_token: true };
      send.changed({ kind: "settings" });
      return "ts_Vt0cLq3lE2mZ9bq7xY1sD8wN5kR4uJ6hG0aPfXcTzQo";
    },
    listVersions: (promptId: string, search: string, offset: number, limit: number) => {
      const owner = prompt(promptId);
      const wanted = search.toLowerCase();
      // What is not searched is not read: the measurements look at the page, and not at this.
      const found =
        wanted === ""
          ? owner.versions
          : owner.versions.filter(({ message, content }) =>
              (message + JSON.stringify(content)).toLowerCase().includes(wanted),
            );
      const rows = found.slice(offset, offset + limit).map((version) => versionSummary(owner, version));
      return { total: found.length, rows };
    },
    moveLabel: (versionId: string, name: string) => {
      const { prompt: owner, version } = ofVersion(versionId);
      moveLabel(owner, name, version);
      return null;
    },
    removeLabel: (versionId: string, name: string) => {
      moveLabel(ofVersion(versionId).prompt, name, null);
      return null;
    },
    listLabelMoves: (promptId: string) => prompt(promptId).moves ?? [],
    duplicateVersion: (versionId: string, name: string) => {
      const { prompt: owner, version } = ofVersion(versionId);
      const id = nextId("prompt");
      const first = { ...version, id: nextId("version"), number: 1 };
      const copy = { ...owner, id, name: checkName(name, null), isSample: false, labels: {}, moves: [], runs: [] };
      world.prompts.unshift({ ...copy, draft: version.content, versions: [first] });
      send.changed({ kind: "prompts" });
      return id;
    },
    getVersion: (versionId: string) => {
      const { prompt: owner, version } = ofVersion(versionId);
      return { summary: versionSummary(owner, version), content: version.content };
    },
    versionCode: (versionId: string, _: number | null) => {
      const { prompt: owner, version } = ofVersion(versionId);
      if (version.content.provider === "practice") {
        throw new Refused(
          "invalid",
          "the practice model is part of Touchstone and no server, so there is no code that would ask it; choose another base model",
        );
      }
      return versionCode(version.number, owner.name, version.content);
    },
    restoreVersion: (versionId: string) => {
      const { prompt: owner, version } = ofVersion(versionId);
      owner.draft = version.content;
      owner.basedOn = version.number;
      send.changed({ kind: "prompt", prompt_id: owner.id });
      return draftOf(owner);
    },

    startRun: (wanted: NewRun) => {
      const owner = prompt(wanted.prompt_id);
      let version = owner.versions.find((version) => version.id === wanted.version_id) ?? baseOf(owner);
      const saves = wanted.version_id === null && (version === undefined || draftOf(owner).changed);
      if (saves) {
        const number = owner.versions.length + 1;
        owner.basedOn = undefined;
        version = {
          id: nextId("version"),
          number,
          hash: `${"beefcafe5678".repeat(5)}${String(number).padStart(4, "0")}`,
          message: `Version ${number}`,
          createdAt: NOW.toISOString(),
          content: owner.draft,
        };
        owner.versions.unshift(version);
      }
      if (version === undefined) throw new Refused("invalid", "There is no version to run.");
      const target = project(owner.projectId).summary;
      const total = runSize(wanted, target);
      if (total === 0) throw new Refused("invalid", "This project has no ground truths.");
      const run: Run = {
        id: nextId("run"),
        number: (owner.runs[0]?.number ?? 0) + 1,
        versionId: version.id,
        subset: wanted.subset,
        status: "in_progress",
        reason: null,
        total,
        limitMicros: wanted.limit_micros,
        done: 0,
        createdAt: NOW.toISOString(),
        wallMs: 0,
        skill: 80,
        ...(wanted.only === null ? {} : { only: wanted.only }),
        ...(wanted.concurrency === null ? {} : { concurrency: wanted.concurrency }),
      };
      owner.runs.unshift(run);
      send.changed({ kind: "runs", prompt_id: owner.id });
      setTimeout(() => advance(owner, run), 20);
      return { run_id: run.id, version: versionSummary(owner, version), saved_version: saves };
    },
    stopRun: (runId: string) => {
      const { prompt: owner, run } = ofRun(runId);
      run.status = "canceled";
      send.runProgress(runProgress(owner, run));
      send.changed({ kind: "runs", prompt_id: owner.id });
      return null;
    },
    resumeRun: (runId: string) => {
      const { prompt: owner, run } = ofRun(runId);
      run.status = "in_progress";
      run.reason = null;
      run.isInterrupted = false;
      send.changed({ kind: "runs", prompt_id: owner.id });
      setTimeout(() => advance(owner, run), 20);
      return null;
    },
    setRunLimit: (runId: string, limit: RunLimit) => {
      const { prompt: owner, run } = ofRun(runId);
      run.limitMicros = limit.limit_micros;
      send.changed({ kind: "runs", prompt_id: owner.id });
      return null;
    },
    listRuns: (promptId: string) => {
      const owner = prompt(promptId);
      return owner.runs.map((run) => runSummary(owner, run));
    },
    getRun: (runId: string) => {
      const { prompt: owner, run } = ofRun(runId);
      return runSummary(owner, run);
    },
    activeRuns: () =>
      world.prompts.flatMap((owner) =>
        owner.runs.filter((run) => run.status === "in_progress").map((run) => runProgress(owner, run)),
      ),
    resultRows: (runId: string, query: RowQuery, offset: number, limit: number) => {
      const { prompt: owner, run } = ofRun(runId);
      const plainQuery = query.filter === "all" && query.sort === "position" && query.search === "";
      if (plainQuery) {
        const length = Math.max(0, Math.min(limit, run.done - offset));
        return { total: run.done, rows: Array.from({ length }, (_, index) => resultRow(owner, run, offset + index)) };
      }
      const positions = matchingPositions(owner, run, query);
      return {
        total: positions.length,
        rows: positions.slice(offset, offset + limit).map((position) => resultRow(owner, run, position)),
      };
    },
    getResult: (runId: string, taskId: number) => {
      const { prompt: owner, run } = ofRun(runId);
      const row = resultRow(owner, run, taskId - 1);
      const target = project(owner.projectId);
      const control = target.summary.controls[0]?.split(" ")[1] ?? "control";
      return {
        row,
        controls: [{ name: control, score: row.score, exact: row.correct }],
        repairs: row.repaired ? [{ control, detail: '"billing" was read as "Billing": the case differed.' }] : [],
        request: JSON.stringify(
          { model: "qwen3:8b", messages: [{ role: "user", content: sent(Object.values(row.data)[0]) }] },
          null,
          2,
        ),
        endpoint: "http://127.0.0.1:11434/v1/chat/completions",
        answer:
          row.error === null
            ? JSON.stringify({ [control]: row.prediction?.[0]?.value ?? null })
            : "Sure, here is the topic of the ticket:",
        cached_tokens: null,
        reasoning_tokens: null,
        request_id: null,
        attempts: row.error === null && !row.repaired ? 1 : 2,
        asked_again:
          row.error === null && !row.repaired
            ? null
            : { answer: "This is about money, I think.", why: "the answer holds no JSON object" },
        has_changed: false,
        annotations: row.ground_truth === null ? [] : [row.ground_truth],
      };
    },
    exportPredictions: (runId: string, _format: string, _path: string) => ofRun(runId).run.done,
  };
  let canceledImport = false;

  const commands = Object.fromEntries(
    Object.entries(plain).map(([name, command]) => [name, speak(name, command as (...args: unknown[]) => unknown)]),
  ) as unknown as Boundary["commands"];

  return {
    commands,
    events: {
      changed: source(handlers.changed),
      runProgress: source(handlers.runProgress),
      importProgress: source(handlers.importProgress),
      taskView: source(handlers.taskView),
      mediaProgress: source(handlers.mediaProgress),
      localTest: source(handlers.localTest),
      fileDrop: source(handlers.fileDrop),
    },
    // A drawn street stands for every picture.
    mediaUrl: () => `data:image/svg+xml,${encodeURIComponent(STREET)}`,
    world,
    send,
  };
}

const STREET = `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="540"><rect width="960" height="540" fill="#b7d3e8"/>
<rect y="330" width="960" height="210" fill="#6d6f76"/><rect x="60" y="120" width="220" height="210" fill="#c9a27c"/>
<rect x="320" y="170" width="160" height="160" fill="#a98d9f"/><rect x="540" y="330" width="250" height="90" rx="24" fill="#b0392e"/>
<rect x="590" y="285" width="150" height="60" rx="20" fill="#d8e4ec"/><circle cx="600" cy="425" r="30" fill="#222"/>
<circle cx="730" cy="425" r="30" fill="#222"/><circle cx="410" cy="300" r="18" fill="#e2b48c"/><rect x="396" y="318" width="28" height="90" fill="#3b5b8c"/></svg>`;

/** Tasks that a scripted view looks at; of a longer project it finds the first few at once and the others later. */
const LOOKED_AT = 20_000;

/** Views that stay open, as in Rust. */
const VIEWS_MAX = 4;

function passes(row: TaskRow, filter: TaskFilter): boolean {
  const contains = (value: JsonValue | undefined, text: string) =>
    (JSON.stringify(value) ?? "").toLowerCase().includes(text.toLowerCase());
  switch (filter.kind) {
    case "any_contains":
      return Object.values(row.data).some((value) => contains(value, filter.text));
    case "field_contains":
      return contains(row.data[filter.field], filter.text);
    case "ground_truth":
      return (row.ground_truth !== null) === filter.has;
    case "annotated":
      return row.annotation_count > 0 === filter.has;
    case "label":
      return (row.ground_truth ?? []).some(
        (region) => region.from_name === filter.control && JSON.stringify(region.value).includes(`"${filter.label}"`),
      );
    case "split":
      return row.ground_truth !== null && row.held_out === filter.held_out;
  }
}

function compare(one: TaskRow, other: TaskRow, sort: TaskSort | null): number {
  if (sort === null) return 0;
  const key = ({ data, position }: TaskRow) =>
    sort.by.kind === "position" ? String(position) : String(data[sort.by.field] ?? "");
  const order = key(one).localeCompare(key(other), "en", { numeric: true }) || one.position - other.position;
  return sort.descending ? -order : order;
}

function best(all: (Accuracy | null)[]): Accuracy | null {
  return all.reduce((top, next) => (next !== null && (top === null || next.value > top.value) ? next : top), null);
}

/** What a message holds of a task: the text, or a picture by its type, its size and its hash. */
function sent(value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith("file:")) return value;
  const hash = "9f70efbc02431ceaa81eae67097cfc0b0c17105e50d1cddcfa8be1bcab7ca878";
  const url = `data:image/png;base64,<image/png, 48213 bytes, SHA-256 ${hash}>`;
  return [
    { type: "text", text: "What is on this picture? " },
    { type: "image_url", image_url: { url } },
  ];
}

/** Wilson's 95 % interval, so that pictures show believable ones. */
function wilson(correct: number, scored: number): Accuracy {
  const z = 1.96;
  const value = correct / scored;
  const spread = 1 + (z * z) / scored;
  const middle = (value + (z * z) / (2 * scored)) / spread;
  const half = (z * Math.sqrt((value * (1 - value)) / scored + (z * z) / (4 * scored * scored))) / spread;
  return { correct, scored, value, low: middle - half, high: middle + half };
}
