/** The scripted import: what it makes of files, and what it does not take as it is. */
import type {
  ImportIssue,
  ImportPlan,
  ImportReport,
  ImportTarget,
  NewImport,
  PreviewRow,
  TaskFormat,
} from "./bindings";
import { configTemplates } from "./fake-config";
import { Refused } from "./fake-refused";
import { lived } from "./fake-scenes";
import type { FakeState } from "./fake-state";

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
  remote_id: null,
  message: String(message),
}));

export function importCommands({ world, send, nextId }: FakeState) {
  let canceledImport = false;
  return {
    chooseFiles: () => ["/home/ann/Downloads/reviews-config.xml", "/home/ann/Downloads/project-12-at-2026-11-20.json"],
    chooseFolder: () => "/home/ann/Pictures/receipts",
    chooseIssuesPath: (suggestedName: string) => `/home/ann/Documents/${suggestedName}.csv`,
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
    importTemplate: (id: string, name: string | null): ImportReport => {
      const template = configTemplates.find((one) => one.id === id);
      const model = lived().projects[2];
      if (template === undefined || model === undefined)
        throw new Refused("not_found", `There is no template “${id}”.`);
      const summary = { ...model.summary, id: nextId("project"), name: name ?? template.title, prompt_count: 0 };
      if (world.projects.some((other) => other.summary.name === summary.name)) {
        throw new Refused("name_taken", `A project named "${summary.name}" exists already.`, "name");
      }
      world.projects.push({ ...model, summary });
      send.changed({ kind: "projects" });
      return {
        project_id: summary.id,
        tasks: template.task_count,
        annotations: template.task_count,
        ground_truth: template.task_count,
        ground_truth_implied: 0,
        refused: 0,
        duplicates: 0,
        first_issues: [],
        warnings: [],
      };
    },
    importIssues: (_projectId: string, offset: number, limit: number) => ({
      total: importIssues.length,
      rows: importIssues.slice(offset, offset + limit),
    }),
    exportImportIssues: () => importIssues.length,
    cancelImport: () => {
      canceledImport = true;
      return null;
    },
  };
}
