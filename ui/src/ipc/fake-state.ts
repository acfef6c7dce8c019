/** The world of the scripted boundary as its commands see it: looked up by ids, and summed up as Rust sums it up. */
import type {
  Accuracy,
  Draft,
  Label,
  ProjectDetail,
  PromptDetail,
  PromptSummary,
  ResultRow,
  ReviewDecision,
  RunSummary,
  VersionRef,
  VersionSummary,
} from "./bindings";
import type { EventName, PayloadOf } from "./client";
import { Refused } from "./fake-refused";
import { DEFAULT_SPACE, spaceIn } from "./fake-spaces";
import { chance, NOW, type Project, type Prompt, type Run, type Version, type World } from "./fake-world";

/** As if Rust had sent it. */
export type Send = { [Name in EventName]: (payload: PayloadOf<Name>) => void };

export type FakeState = ReturnType<typeof fakeState>;

const NOT_JSON = { code: "not_json", message: 'The answer was not JSON: it began with "Sure, here".' };
const TOO_LONG = { code: "context_too_long", message: "The prompt is longer than the model can read." };

/** What all groups of commands share. */
export function fakeState(world: World, send: Send) {
  const deleted = { prompts: [] as Prompt[], projects: [] as Project[] };
  let serial = 0;
  const nextId = (kind: string) => {
    serial += 1;
    return `${kind}-${serial}`;
  };
  /** What was looked at last: tasks do not say of which project they are. */
  const last = { project: "", task: 0 };
  /** What was decided about predictions, by run and task. */
  const reviews = new Map<string, { decision: ReviewDecision; batch: number }>();

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
    // A model that is a little too sure.
    const confidence = Math.min(0.995, 0.35 + 0.65 * Math.sqrt(chance(position, 77)) * (right ? 1 : 0.86));
    return {
      task_id: position + 1,
      position,
      data: target.task(position),
      ground_truth: scored ? target.truth(position) : null,
      prediction: failed ? null : right ? target.truth(position) : target.mistake(position),
      correct: failed || !scored ? null : right,
      score: failed || !scored ? null : score,
      confidence: failed || run.hasConfidence !== true ? null : confidence,
      error: failed ? { ...(chance(position, 75) < 0.25 ? TOO_LONG : NOT_JSON), vendor: null } : null,
      cached: !failed && chance(position, 71) < 0.1,
      repaired: !failed && chance(position, 72) < 0.04,
      latency_ms: failed ? null : Math.round(180 + chance(position, 73) * 900),
      prompt_tokens: 120 + Math.round(chance(position, 74) * 40),
      completion_tokens: failed ? null : 9,
      cost_usd: 0,
      review: reviews.get(`${run.id} ${position + 1}`)?.decision ?? null,
    };
  }
  /** The runs that a queued one waits for. */
  function ahead(run: Run): Run[] {
    const connectionOf = (run: Run) =>
      run.model?.connection_id ?? ofVersion(run.versionId).version.content.connection_id;
    const goesBefore = (other: Run) =>
      other.status === "in_progress" ||
      (other.status === "queued" && (other.queuedAs ?? 0) < (run.queuedAs ?? Number.POSITIVE_INFINITY));
    const others = world.prompts.flatMap(({ runs }) => runs).filter((other) => other.id !== run.id);
    return others.filter(
      (other) => other.batch === undefined && goesBefore(other) && connectionOf(other) === connectionOf(run),
    );
  }
  function runSummary(owner: Prompt, run: Run): RunSummary {
    const { version } = ofVersion(run.versionId);
    const own = versionRef(version);
    const other =
      run.model === undefined ? undefined : world.connections.find(({ id }) => id === run.model?.connection_id);
    const model = run.model?.model ?? own.model;
    const provider = other?.provider ?? own.provider;
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
    const ended = run.status !== "in_progress" && run.status !== "queued";
    return {
      id: run.id,
      number: run.number,
      prompt_id: owner.id,
      version_id: run.versionId,
      version_number: own.number,
      repetition: run.repetition ?? null,
      subset: run.subset,
      only: run.only ?? null,
      status: run.status,
      reason: run.reason,
      cause: run.cause ?? null,
      is_held: run.isHeld === true,
      is_interrupted: run.isInterrupted === true,
      total: run.total,
      done: run.done,
      correct,
      scored,
      failed,
      cached: Math.round(run.done * 0.1),
      requests: Math.round(run.done * 0.9),
      probes: 0,
      retries: Math.round(run.done * 0.01),
      prompt_tokens: run.done * 138,
      completion_tokens: run.done * 9,
      cached_tokens: provider === "practice" ? 0 : run.done * 46,
      reasoning_tokens: provider === "practice" ? 0 : run.done * 4,
      cost_usd: run.costMicros !== undefined ? run.costMicros / 1e6 : provider === "practice" ? 0 : null,
      cost_micros: run.costMicros ?? 0,
      unpriced: run.costMicros !== undefined || provider === "practice" ? 0 : Math.round(run.done * 0.9),
      uncounted: 0,
      lost: 0,
      lost_micros: 0,
      limit_micros: run.limitMicros ?? null,
      accuracy,
      accuracy_with_failed: accuracy === null ? null : correct / (scored + failed),
      mean_score: accuracy === null ? null : accuracy.value,
      queue_place: run.status === "queued" ? ahead(run).length : null,
      batch: run.batch ?? null,
      notes: provider === "practice" || run.number === 1 ? [] : [`temperature is not sent: ${model} refused it.`],
      model,
      is_other_model: run.model !== undefined,
      provider,
      connection_id: other?.id ?? version.content.connection_id ?? "",
      connection_name: other?.name ?? own.connection_name,
      created_at: run.createdAt,
      started_at: run.queuedAs === undefined ? run.createdAt : null,
      finished_at: ended ? new Date(new Date(run.createdAt).getTime() + run.wallMs).toISOString() : null,
      wall_ms: run.wallMs,
    };
  }
  function checkName(name: string, owner: { id: string } | null): string {
    const trimmed = name.trim();
    if (trimmed === "") throw new Refused("invalid", "A prompt needs a name.", "name");
    if (trimmed.length > 500) throw new Refused("invalid", "A name has at most 500 characters.", "name");
    if (world.prompts.some((other) => other.name === trimmed && other.id !== owner?.id)) {
      throw new Refused("name_taken", `A prompt named "${trimmed}" exists already.`, "name");
    }
    return trimmed;
  }
  const projectDetail = (target: Project): ProjectDetail => ({
    summary: { ...target.summary, prompt_count: promptsOf(target).length },
    config_xml: target.xml,
    outline: target.outline,
    variables: target.variables,
    answer_schema: JSON.stringify(target.schema, null, 2),
    config_faults: [],
  });
  return {
    world,
    send,
    nextId,
    deleted,
    last,
    reviews,
    project,
    prompt,
    ofVersion,
    ofRun,
    versionSummary,
    promptSummary,
    labelsOf,
    baseOf,
    draftOf,
    promptDetail,
    promptsOf,
    projectDetail,
    resultRow,
    ahead,
    runSummary,
    checkName,
  };
}

function best(all: (Accuracy | null)[]): Accuracy | null {
  return all.reduce((top, next) => (next !== null && (top === null || next.value > top.value) ? next : top), null);
}

/** Wilson's 95 % interval, so that pictures show believable ones. */
export function wilson(correct: number, scored: number): Accuracy {
  const z = 1.96;
  const value = correct / scored;
  const spread = 1 + (z * z) / scored;
  const middle = (value + (z * z) / (2 * scored)) / spread;
  const half = (z * Math.sqrt((value * (1 - value)) / scored + (z * z) / (4 * scored * scored))) / spread;
  return { correct, scored, value, low: middle - half, high: middle + half };
}
