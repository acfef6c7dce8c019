/**
 * A scripted other end of the wire, for tests and pictures. It keeps the promises of the real commands that screens build
 * on (names are unique, a version never changes, a run makes progress), over a world of `fake-scenes.ts`; nothing of it is in
 * the app. The commands of each group are in a file of their own, and what they share in `fake-state.ts`.
 */
import type { AppEvent, IpcError, Preferences, Result } from "./bindings";
import type { Boundary } from "./client";
import { comparisonCommands } from "./fake-comparison";
import { configCommands } from "./fake-config";
import { connectionCommands, withProviders } from "./fake-connections";
import { goldCommands } from "./fake-gold";
import { importCommands } from "./fake-imports";
import { labelStudioCommands } from "./fake-label-studio";
import { localCommands } from "./fake-local";
import { metricsCommands } from "./fake-metrics";
import { networkCommands } from "./fake-network";
import { projectCommands } from "./fake-projects";
import { promptCommands } from "./fake-prompts";
import { Refused } from "./fake-refused";
import { resultCommands } from "./fake-results";
import { reviewCommands } from "./fake-reviews";
import { runCommands } from "./fake-runs";
import { emptied, firstRun, ineligibleOnly, linked, lived, measured, reviewed, unruly } from "./fake-scenes";
import { settingsCommands } from "./fake-settings";
import { spaceCommands } from "./fake-spaces";
import { fakeState, type Send } from "./fake-state";
import { taskCommands } from "./fake-tasks";
import { versionCommands } from "./fake-versions";
import { workspaceCommands } from "./fake-workspace";
import type { Run, World } from "./fake-world";

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
  /** The workspace file was found damaged. */
  | "damaged"
  /** A part of the program crashed when it was open last. */
  | "crashed"
  /** A run is under way, and stands still at 38 %. */
  | "running"
  /** The same, and two others wait for it. */
  | "queued"
  /** Runs ended with the program that was at work on one, and had queued the other. */
  | "interrupted"
  /** A key was refused to one run, and two that were queued behind it wait too. */
  | "held"
  /** A run is paused because Offline was on. */
  | "offline"
  /** Keys of several providers. */
  | "providers"
  /** A prompt whose versions were run again and again. */
  | "measured"
  /** The same, and what its runs show cannot be read. */
  | "measured-failing"
  /** Runs over tasks without ground truth. */
  | "reviewed"
  /** Label Studio servers, and a project that came from one. */
  | "linked"
  /** Long names, writing from right to left, and 1,000 classes. */
  | "unruly";

export type Fake = Boundary & {
  world: World;
  send: Send;
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
            : scene === "measured" || scene === "measured-failing"
              ? measured()
              : scene === "reviewed"
                ? reviewed()
                : scene === "linked"
                  ? linked()
                  : scene === "unruly"
                    ? unruly()
                    : lived();
  let tell: (event: AppEvent) => void = () => {};
  const send = new Proxy({} as Send, {
    get: (_, name) => (payload: unknown) => tell({ name, payload } as AppEvent),
  });

  if (scene === "interrupted") {
    const [later, run] = world.prompts.find((prompt) => prompt.runs.length > 0)?.runs ?? [];
    const interrupted = { status: "paused", isInterrupted: true } satisfies Partial<Run>;
    const reason = "The program that was at work on it ended. What it had received is kept; resume to go on.";
    if (run !== undefined) Object.assign(run, { ...interrupted, reason, done: 31 } satisfies Partial<Run>);
    const waited = "The program that had queued it ended; resume to go on.";
    if (later !== undefined)
      Object.assign(later, { ...interrupted, reason: waited, done: 0, queuedAs: 0 } satisfies Partial<Run>);
  }
  if (scene === "held" || scene === "offline") {
    const runs = world.prompts[1]?.runs ?? [];
    const [run] = runs;
    if (run !== undefined && scene === "offline") {
      const reason = "It paused because Offline was on. Offline is off now: resume to go on.";
      Object.assign(run, { cause: "offline", reason } satisfies Partial<Run>);
    } else if (run !== undefined) {
      const refused = "OpenAI rejected the key.";
      const together = "Resume any of them once that is mended, and the others follow, one after the other.";
      const first = `${refused} What was queued behind it waits for the same. ${together}`;
      const behind = `${refused} Nothing was asked for this run: it was queued behind that one. ${together}`;
      Object.assign(run, { cause: "refused", isHeld: true, reason: first } satisfies Partial<Run>);
      for (const number of [1, 2])
        runs.unshift({
          ...run,
          id: `run-held-${number}`,
          number: run.number + number,
          repetition: { number: number + 1, of: 3 },
          reason: behind,
          done: 0,
          wallMs: 0,
          queuedAs: number - 2,
        });
    }
  }
  if (scene === "running" || scene === "queued") {
    const runs = world.prompts[1]?.runs ?? [];
    const [run] = runs;
    if (run !== undefined) {
      Object.assign(run, { status: "in_progress", reason: null, done: 4_742 } satisfies Partial<Run>);
      const waiting: Run = { ...run, status: "queued", done: 0, wallMs: 0 };
      if (scene === "queued")
        for (const number of [1, 2])
          runs.unshift({
            ...waiting,
            id: `run-queued-${number}`,
            number: run.number + number,
            repetition: { number: number + 1, of: 3 },
            queuedAs: number - 2,
          });
    }
  }

  const measuring = new Set(["runMetrics", "compareRuns", "comparedRows", "versionScores"]);
  const reading = new Set([
    "listPrompts",
    "listProjects",
    "listConnections",
    "getPrompt",
    "getProject",
    "taskRows",
    "listRuns",
    "listVersions",
    "labelStudioServers",
    "serverProjects",
    "planPull",
    "planPush",
  ]);
  const speak = <Args extends unknown[], Data>(name: string, command: (...args: Args) => Data | Promise<Data>) => {
    return async (...args: Args): Promise<Result<Data, IpcError>> => {
      if (scene === "loading" && reading.has(name)) return new Promise(() => {});
      try {
        if ((scene === "failing" && reading.has(name)) || (scene === "measured-failing" && measuring.has(name))) {
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

  const state = fakeState(world, send);
  const hasKeychain = scene !== "no-keychain";
  const { nextId } = state;
  const outside = { world, hasKeychain, nextId, changed: send.changed };
  const plain = {
    ...settingsCommands(state, { hasKeychain, isLocked: scene === "locked", preferences }),
    ...projectCommands(state),
    ...importCommands(state),
    ...configCommands(state),
    ...taskCommands(state),
    ...promptCommands(state),
    ...versionCommands(state),
    ...runCommands(state),
    ...resultCommands(state),
    ...metricsCommands(state),
    ...goldCommands(state),
    ...reviewCommands(state),
    ...comparisonCommands(state),
    ...networkCommands(scene !== "first-run" && scene !== "emptied", send.changed),
    ...workspaceCommands(scene, send.changed),
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
    ...labelStudioCommands(state, hasKeychain),
  };

  const commands = Object.fromEntries(
    Object.entries(plain).map(([name, command]) => [name, speak(name, command as (...args: unknown[]) => unknown)]),
  ) as unknown as Boundary["commands"];

  return {
    commands,
    hear: (teller) => {
      tell = teller;
    },
    // A drawn street stands for every picture.
    // Of a real window; a test sees its value on the page.
    setZoom: (factor) => {
      document.documentElement.dataset.zoom = String(factor);
    },
    mediaUrl: (path) => {
      const [task, , , variable = ""] = path.replace("here/", "").split("/");
      const owner = world.projects.find(({ summary }) => summary.id === state.last.project);
      const source = owner?.task(Number(task) - 1)[variable];
      const picture = String(source).includes("gone") ? "no picture" : STREET;
      return `data:image/svg+xml,${encodeURIComponent(picture)}`;
    },
    world,
    send,
  };
}

const STREET = `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="540"><rect width="960" height="540" fill="#b7d3e8"/>
<rect y="330" width="960" height="210" fill="#6d6f76"/><rect x="60" y="120" width="220" height="210" fill="#c9a27c"/>
<rect x="320" y="170" width="160" height="160" fill="#a98d9f"/><rect x="540" y="330" width="250" height="90" rx="24" fill="#b0392e"/>
<rect x="590" y="285" width="150" height="60" rx="20" fill="#d8e4ec"/><circle cx="600" cy="425" r="30" fill="#222"/>
<circle cx="730" cy="425" r="30" fill="#222"/><circle cx="410" cy="300" r="18" fill="#e2b48c"/><rect x="396" y="318" width="28" height="90" fill="#3b5b8c"/></svg>`;
