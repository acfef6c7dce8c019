/** Ground truth of the scripted world that its runs contradict. */
import type { GoldCheck, GoldMark, GoldRun, GoldSuspect } from "./bindings";
import type { FakeState } from "./fake-state";

/** So many tasks are looked at. */
const TASKS_MAX = 200;

export function goldCommands({ project, promptsOf, runSummary, resultRow, send, last }: FakeState) {
  const marks = new Map<string, GoldMark>();
  const markedAs = (projectId: string, mark: GoldMark) =>
    [...marks].flatMap(([key, one]) =>
      one === mark && key.startsWith(`${projectId} `) ? [Number(key.split(" ")[1])] : [],
    );
  return {
    goldCheck: (projectId: string): GoldCheck => {
      const target = project(projectId);
      last.project = projectId;
      const all = promptsOf(target).flatMap((owner) =>
        owner.runs.map((run) => ({ owner, run, summary: runSummary(owner, run) })),
      );
      const voters = all
        .filter(({ summary }) => summary.status === "completed" && summary.accuracy !== null)
        .slice(0, 3);
      const runs = voters.flatMap(({ owner, summary }): GoldRun[] =>
        summary.accuracy === null
          ? []
          : [
              {
                run_id: summary.id,
                prompt_name: owner.name,
                version: summary.version_number,
                model: summary.model,
                accuracy: summary.accuracy,
              },
            ],
      );
      const suspects: GoldSuspect[] = [];
      for (let position = 0; runs.length > 1 && position < TASKS_MAX && suspects.length < 12; position += 1) {
        if (marks.has(`${projectId} ${position + 1}`)) continue;
        const rows = voters.map(({ owner, run }) => resultRow(owner, run, position));
        const wrong = rows.filter(({ correct }) => correct === false);
        const [first] = wrong;
        if (first === undefined || wrong.length < 2) continue;
        suspects.push({
          task_id: first.task_id,
          position,
          data: first.data,
          ground_truth: first.ground_truth ?? [],
          proposed: first.prediction ?? [],
          agreeing: runs.slice(0, wrong.length).map(({ run_id }) => run_id),
          answered: rows.length,
          weight: wrong.length,
        });
      }
      suspects.sort((a, b) => b.weight - a.weight || a.position - b.position);
      return {
        runs,
        suspects,
        total: suspects.length,
        kept: markedAs(projectId, "kept"),
        ambiguous: markedAs(projectId, "ambiguous"),
      };
    },
    markGold: (taskId: number, mark: GoldMark | null) => {
      const key = `${last.project} ${taskId}`;
      if (mark === null) marks.delete(key);
      else marks.set(key, mark);
      send.changed({ kind: "annotations", project_id: last.project });
      return null;
    },
  };
}
