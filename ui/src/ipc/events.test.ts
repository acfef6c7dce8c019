import { QueryObserver } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { runOf } from "@/lib/runs";
import type { Changed, RunProgress, RunSummary } from "./bindings";
import { connect, ipc } from "./client";
import { followEvents } from "./events";
import { createFake } from "./fake";
import {
  activeRunsQuery,
  connectionsQuery,
  createQueryClient,
  offeredRunsQuery,
  projectsQuery,
  promptsQuery,
  runQuery,
  runSizeQuery,
  runsQuery,
  serversQuery,
} from "./queries";

async function following(scene: Parameters<typeof createFake>[0]) {
  const fake = createFake(scene);
  connect(fake);
  const client = createQueryClient();
  followEvents(client);
  const all = [promptsQuery(), projectsQuery(), connectionsQuery(), serversQuery()];
  await Promise.all(all.map((query) => client.fetchQuery<unknown>(query as never)));
  const stale = () =>
    all.map(({ queryKey }) => queryKey[0]).filter((key) => client.getQueryState([key])?.isInvalidated);
  return { fake, client, stale };
}

describe("a change told by Rust", () => {
  it.each<[Changed["kind"], Changed, string[]]>([
    ["connections", { kind: "connections" }, ["prompts", "connections"]],
    ["projects", { kind: "projects" }, ["prompts", "projects", "servers"]],
    ["prompts", { kind: "prompts" }, ["prompts", "projects", "connections"]],
    ["runs", { kind: "runs", prompt_id: "prompt-sample" }, ["prompts"]],
    ["label_studio", { kind: "label_studio" }, ["servers"]],
    ["everything", { kind: "everything" }, ["prompts", "projects", "connections", "servers"]],
  ])("of %s makes stale what shows it, and nothing else", async (_, changed, expected) => {
    const { fake, stale } = await following("first-run");
    fake.send.changed(changed);
    expect(stale()).toEqual(expected);
  });
});

it("reads again what was being read for the first time when it changed", async () => {
  const { fake, client } = await following("lived");
  const [first] = await client.fetchQuery(runsQuery("prompt-sample"));
  if (first === undefined) throw new Error("the scene has runs");
  const query = runQuery(first.id);
  let answer = (_: RunSummary) => {};
  let hasBegun = false;
  const observer = new QueryObserver(client, {
    ...query,
    queryFn: () => {
      if (hasBegun) return ipc.getRun(first.id);
      hasBegun = true;
      return new Promise<RunSummary>((resolve) => {
        answer = resolve;
      });
    },
  });
  const stop = observer.subscribe(() => {});
  fake.send.changed({ kind: "everything" });
  answer({ ...first, status: "in_progress" });
  await expect.poll(() => client.getQueryData(query.queryKey)?.status).toBe(first.status);
  stop();
});

it("lets a first reading end however often it changes meanwhile, and reads once more", async () => {
  const { fake, client } = await following("lived");
  const [first] = await client.fetchQuery(runsQuery("prompt-sample"));
  if (first === undefined) throw new Error("the scene has runs");
  const query = runQuery(first.id);
  const answers: ((run: RunSummary) => void)[] = [];
  const observer = new QueryObserver(client, {
    ...query,
    queryFn: () => new Promise<RunSummary>((resolve) => void answers.push(resolve)),
  });
  const stop = observer.subscribe(() => {});
  for (let times = 0; times < 10; times += 1) fake.send.changed({ kind: "everything" });
  expect(answers).toHaveLength(1);
  answers[0]?.({ ...first, done: 1 });
  await expect.poll(() => client.getQueryData(query.queryKey)?.done).toBe(1);
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.({ ...first, done: 2 });
  await expect.poll(() => client.getQueryData(query.queryKey)?.done).toBe(2);
  expect(client.getQueryState(query.queryKey)).toMatchObject({ isInvalidated: false, fetchStatus: "idle" });
  expect(answers).toHaveLength(2);
  stop();
});

it("knows that what is read for nobody yet was begun before the change", async () => {
  const { fake, client } = await following("lived");
  const query = runsQuery("prompt-sample");
  const read = client.fetchQuery(query);
  fake.send.changed({ kind: "everything" });
  await read;
  await expect.poll(() => client.getQueryState(query.queryKey)?.isInvalidated).toBe(true);
});

it("asks for what is offered to go on with whenever something became of a run", async () => {
  const { fake, client } = await following("interrupted");
  const [offered] = await client.fetchQuery(offeredRunsQuery());
  if (offered === undefined) throw new Error("the scene has a run that was broken off");
  // Runs that wait for the same as one that was refused come up while others are at work.
  fake.send.changed({ kind: "runs", prompt_id: "another" });
  expect(client.getQueryState(offeredRunsQuery().queryKey)?.isInvalidated).toBe(true);
});

it("counts the tasks of a run anew where the draft followed a version from elsewhere", async () => {
  const { fake, client } = await following("lived");
  const size = runSizeQuery(runOf("prompt-sample", { kind: "all" }, { only: "missing" }));
  await client.fetchQuery(size);
  fake.send.changed({ kind: "prompt", prompt_id: "prompt-sample" });
  expect(client.getQueryState(size.queryKey)?.isInvalidated).toBe(true);
});

describe("progress of a run", () => {
  it("is in the cache at once, and leaves the list of active runs when the run ends", async () => {
    const { fake, client } = await following("running");
    const [first] = await client.fetchQuery(activeRunsQuery());
    const at = (done: number, status: RunProgress["run"]["status"]): RunProgress => {
      if (first === undefined) throw new Error("the scene has a run under way");
      return { ...first, run: { ...first.run, done, status } };
    };
    fake.send.runProgress(at(5_000, "in_progress"));
    expect(client.getQueryData(activeRunsQuery().queryKey)?.map(({ run }) => run.done)).toEqual([5_000]);
    fake.send.runProgress(at(12_480, "completed"));
    expect(client.getQueryData(activeRunsQuery().queryKey)).toEqual([]);
    expect(client.getQueryData(runQuery(at(0, "in_progress").run.id).queryKey)?.status).toBe("completed");
  });

  it("is not undone by what was read before it and comes after it", async () => {
    const { fake, client } = await following("running");
    const [first] = await client.fetchQuery(activeRunsQuery());
    if (first === undefined) throw new Error("the scene has a run under way");
    const queries = [activeRunsQuery(), runQuery(first.run.id), runsQuery(first.run.prompt_id)];
    const readAll = () =>
      Promise.all(queries.map((query) => client.fetchQuery<unknown>({ ...query, staleTime: 0 } as never)));
    await readAll();
    const read = readAll();
    fake.send.runProgress({ ...first, run: { ...first.run, done: 5_000 } });
    await read;
    expect(client.getQueryData(activeRunsQuery().queryKey)?.map(({ run }) => run.done)).toEqual([5_000]);
    expect(client.getQueryData(runQuery(first.run.id).queryKey)?.done).toBe(5_000);
    expect(client.getQueryData(runsQuery(first.run.prompt_id).queryKey)?.map(({ done }) => done)).toContain(5_000);
  });

  it("is seen in the list of the prompt's runs too", async () => {
    const { fake, client } = await following("running");
    const [first] = await client.fetchQuery(activeRunsQuery());
    if (first === undefined) throw new Error("the scene has a run under way");
    const list = runsQuery(first.run.prompt_id);
    const others = (await client.fetchQuery(list)).length - 1;
    fake.send.runProgress({ ...first, run: { ...first.run, done: 5_000 } });
    const shown = client.getQueryData(list.queryKey)?.filter(({ done }) => done !== 5_000);
    expect(shown?.length, "of this run and no other").toBe(others);
  });

  it("is asked for anew by a window that was reloaded", async () => {
    connect(createFake("running"));
    expect((await ipc.activeRuns()).length).toBe(1);
  });
});
