/** How the scripted world can be at the start. */
import { linkedContracts, noServers, twoServers } from "./fake-label-studio";
import { onlyDefault, withTeam } from "./fake-spaces";
import { connections, practice, type Run, type World } from "./fake-world";
import { productReviews, reviewPrompts } from "./fake-world-measured";
import {
  answerPairs,
  arabicReviews,
  contracts,
  streetScenes,
  supportTickets,
  trafficPictures,
} from "./fake-world-projects";
import { otherPrompts, samplePrompt } from "./fake-world-prompts";
import { unrulyProjects, unrulyPrompts, unrulySpaces } from "./fake-world-unruly";

/** A workspace as the first start leaves it. */
export function firstRun(): World {
  return {
    projects: [supportTickets()],
    connections: [practice],
    prompts: [samplePrompt()],
    spaces: onlyDefault(),
    labelStudio: noServers(),
  };
}

/** A workspace of some weeks: long names, another direction of writing, many classes, a million tasks. */
export function lived(): World {
  return {
    projects: [supportTickets(), contracts(), arabicReviews(), answerPairs(), streetScenes(), trafficPictures()],
    // Each world changes its own.
    connections: structuredClone(connections),
    prompts: [samplePrompt(), ...otherPrompts()],
    spaces: withTeam(),
    labelStudio: noServers(),
  };
}

/** The same, with two Label Studio servers, one of which a project came from. */
export function linked(): World {
  const world = { ...lived(), labelStudio: twoServers() };
  const contracts = world.projects.find(({ summary }) => summary.id === "project-contracts");
  if (contracts !== undefined) contracts.summary.link = linkedContracts();
  return world;
}

/** The workspace of some weeks, and a prompt whose versions were run again and again. */
export function measured(): World {
  const world = lived();
  return {
    ...world,
    projects: [productReviews(), ...world.projects],
    prompts: [...reviewPrompts(), ...world.prompts],
  };
}

/** Names that are hard to lay out, writing from right to left, and 1,000 classes. */
export function unruly(): World {
  return {
    projects: unrulyProjects(),
    connections: structuredClone(connections),
    prompts: unrulyPrompts(),
    spaces: unrulySpaces(),
    labelStudio: noServers(),
  };
}

/** Runs over tasks without ground truth that disagree, fail, and are not sure. */
export function reviewed(): World {
  const world = lived();
  const everything = { subset: { kind: "all" as const }, hasConfidence: true };
  for (const prompt of world.prompts) {
    const [newest, before] = prompt.runs;
    if (newest === undefined) continue;
    const { task_count } = world.projects.find(({ summary }) => summary.id === prompt.projectId)?.summary ?? {};
    const done = Math.min(task_count ?? 0, newest.status === "completed" ? 2_000 : newest.done);
    const over = (run: Run, part: Partial<Run> = {}): Run => ({ ...run, ...everything, total: done, done, ...part });
    const other = { connection_id: "connection-qwen", model: "gpt-5-mini" };
    prompt.runs = [
      over(newest, { total: newest.status === "completed" ? done : newest.total }),
      ...(before === undefined ? [] : [over(before)]),
      over(newest, {
        id: `${newest.id}-mini`,
        number: newest.number + 8,
        model: other,
        skill: 71,
        status: "completed",
      }),
    ];
  }
  return world;
}

/** Everything deleted; the practice model is built in. */
export function emptied(): World {
  return {
    projects: [],
    connections: [{ ...practice, prompt_count: 0 }],
    prompts: [],
    spaces: onlyDefault(),
    labelStudio: noServers(),
  };
}

/** Only a project that no prompt can use. */
export function ineligibleOnly(): World {
  return {
    projects: [streetScenes()],
    connections: [practice],
    prompts: [],
    spaces: onlyDefault(),
    labelStudio: noServers(),
  };
}
