/** Runs of the scripted world: started, under control, and those that were broken off. */
import { PROVIDER_NAMES } from "@/lib/models";
import { isAtWork } from "@/lib/runs";
import type { NewRun, ProjectSummary, RunLimit, RunProgress, StartedRun } from "./bindings";
import { batchOf } from "./fake-batches";
import { countedEstimate, runEstimate, sumOf } from "./fake-estimate";
import { Refused } from "./fake-refused";
import type { FakeState } from "./fake-state";
import { NOW, type Prompt, type Run } from "./fake-world";

/** How long the calls in flight of a run take to come home. */
const HOMECOMING_MS = 1500;

/** How many tasks a run would cover: of a hundred three have failed, and thirty have no answer. */
function runSize({ subset, picked, only }: NewRun, project: ProjectSummary): number {
  const size = {
    all: project.task_count,
    sample: subset.kind === "sample" ? Math.min(subset.tasks, project.task_count) : 0,
    "ground-truth": project.ground_truth_count,
    "ground-truth-dev": project.ground_truth_count - project.held_out_count,
    "ground-truth-held-out": project.held_out_count,
    custom: picked?.kind === "tasks" ? picked.selection.ranges.reduce((sum, { from, to }) => sum + to - from, 0) : 12,
  }[subset.kind];
  return only === null ? size : Math.ceil(size * (only === "failed" ? 0.03 : 0.3));
}

export function runCommands({
  world,
  send,
  nextId,
  project,
  prompt,
  ofRun,
  versionSummary,
  baseOf,
  draftOf,
  runSummary,
  ahead,
}: FakeState) {
  let queued = 0;
  /** Has a run at work if it is its turn, and in the queue otherwise. */
  function queue(owner: Prompt, run: Run): void {
    queued += 1;
    Object.assign(run, {
      status: "queued",
      reason: null,
      isInterrupted: false,
      queuedAs: queued,
    } satisfies Partial<Run>);
    release(run);
    if (run.batch !== undefined || ahead(run).length === 0) begin(owner, run);
    send.changed({ kind: "runs", prompt_id: owner.id });
  }
  function begin(owner: Prompt, run: Run): void {
    Object.assign(run, { status: "in_progress", reason: null, isInterrupted: false } satisfies Partial<Run>);
    delete run.queuedAs;
    release(run);
    if (run.batch === undefined) setTimeout(() => advance(owner, run), 20);
  }
  /** It waits for nothing any more. */
  function release(run: Run): void {
    delete run.cause;
    delete run.isHeld;
  }
  /** Begins what waited for a run that is over. */
  function next(): void {
    for (const owner of world.prompts) {
      for (const run of owner.runs) {
        if (run.status !== "queued" || ahead(run).length > 0) continue;
        begin(owner, run);
        send.changed({ kind: "runs", prompt_id: owner.id });
      }
    }
  }
  function runProgress(owner: Prompt, run: Run): RunProgress {
    const rate = run.status === "queued" ? null : 8.4;
    return {
      run: runSummary(owner, run),
      rate,
      eta_ms: rate === null ? null : ((run.total - run.done) / rate) * 1000,
      in_flight: run.status === "queued" ? 0 : 8,
      concurrency: run.concurrency ?? 8,
      is_pausing: run.isPausing ?? false,
      waiting: run.isPausing
        ? "Pausing once the 8 requests that are out are answered."
        : run.batch !== undefined
          ? run.batch.waiting
          : run.total > 1000
            ? "Tokens per minute 180k of 200k; spreading the rest over 12 s."
            : null,
      worker: { kind: "here" },
    };
  }
  function advance(owner: Prompt, run: Run): void {
    if (run.status !== "in_progress" || run.isPausing) return;
    run.done = Math.min(run.total, run.done + Math.max(1, Math.ceil(run.total / 25)));
    run.wallMs += 100;
    if (run.done === run.total) run.status = "completed";
    send.runProgress(runProgress(owner, run));
    if (run.status === "in_progress") setTimeout(() => advance(owner, run), 100);
    else {
      send.changed({ kind: "runs", prompt_id: owner.id });
      next();
    }
  }
  /** Every run, with how to tell of it. */
  const runs = () =>
    world.prompts.flatMap((owner) =>
      owner.runs.map((run) => ({
        run,
        summary: () => runSummary(owner, run),
        tell: () => {
          send.runProgress(runProgress(owner, run));
          send.changed({ kind: "runs", prompt_id: owner.id });
        },
      })),
    );
  const refuse = (message: string): never => {
    throw new Refused("invalid", message);
  };
  const atWork = (id: string) =>
    runs().find(({ run }) => run.id === id && run.status === "in_progress") ?? refuse("this run is not at work");
  function startRun(wanted: NewRun): StartedRun {
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
      status: "queued",
      reason: null,
      total,
      limitMicros: wanted.limit_micros,
      done: 0,
      createdAt: NOW.toISOString(),
      wallMs: 0,
      skill: 80,
      ...(wanted.model === null ? {} : { model: wanted.model }),
      ...(wanted.repetition === null ? {} : { repetition: wanted.repetition }),
      ...(wanted.only === null ? {} : { only: wanted.only }),
      ...(wanted.concurrency === null ? {} : { concurrency: wanted.concurrency }),
      ...(wanted.batch ? { done: 1, batch: batchOf(total, PROVIDER_NAMES[version.content.provider], NOW) } : {}),
    };
    owner.runs.unshift(run);
    queue(owner, run);
    return { run_id: run.id, version: versionSummary(owner, version), saved_version: saves };
  }
  return {
    runSize: (wanted: NewRun) => runSize(wanted, project(prompt(wanted.prompt_id).projectId).summary),
    estimateRun: (wanted: NewRun) => {
      const owner = prompt(wanted.prompt_id);
      return runEstimate(wanted, owner, runSize(wanted, project(owner.projectId).summary));
    },
    countedEstimate: (wanted: NewRun[]) =>
      sumOf(
        wanted.map((one) => {
          const owner = prompt(one.prompt_id);
          return countedEstimate(runEstimate(one, owner, runSize(one, project(owner.projectId).summary)), owner);
        }),
      ),
    estimateRuns: (wanted: NewRun[]) =>
      sumOf(
        wanted.map((one) => {
          const owner = prompt(one.prompt_id);
          return runEstimate(one, owner, runSize(one, project(owner.projectId).summary));
        }),
      ),
    pauseRun: (runId: string) => {
      const { run, tell } = atWork(runId);
      run.isPausing = true;
      tell();
      setTimeout(() => {
        if (run.status !== "in_progress") return;
        Object.assign(run, { status: "paused", reason: null, isPausing: false } satisfies Partial<Run>);
        tell();
        next();
      }, HOMECOMING_MS);
      return null;
    },
    setRunConcurrency: (runId: string, concurrency: number) => {
      const { run, tell } = atWork(runId);
      run.concurrency = concurrency;
      tell();
      return null;
    },
    offeredRuns: () =>
      world.prompts.flatMap((owner) => {
        // What was paused before its prompt was run again is let rest.
        const isOld = (at: number) => owner.runs.slice(0, at).some(({ queuedAs }) => queuedAs === undefined);
        return owner.runs
          .filter((run, at) => run.status === "paused" && run.reason !== null && !isOld(at))
          .map((run) => runSummary(owner, run));
      }),
    startRun,
    startRuns: (wanted: NewRun[]) => wanted.map(startRun),
    stopRun: (runId: string) => {
      const { prompt: owner, run } = ofRun(runId);
      run.status = "canceled";
      send.runProgress(runProgress(owner, run));
      send.changed({ kind: "runs", prompt_id: owner.id });
      next();
      return null;
    },
    resumeRun: (runId: string) => {
      const { prompt: owner, run } = ofRun(runId);
      const others = run.isHeld === true ? owner.runs.filter((other) => other.isHeld === true && other !== run) : [];
      begin(owner, run);
      for (const other of others.toReversed()) queue(owner, other);
      send.changed({ kind: "runs", prompt_id: owner.id });
      return null;
    },
    queueRuns: (runIds: string[]) => {
      for (const { prompt: owner, run } of runIds.map(ofRun).toReversed()) queue(owner, run);
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
      world.prompts
        .flatMap((owner) => owner.runs.filter(isAtWork).map((run) => runProgress(owner, run)))
        .sort(({ run: one }, { run: other }) => (one.queue_place ?? 0) - (other.queue_place ?? 0)),
  };
}
