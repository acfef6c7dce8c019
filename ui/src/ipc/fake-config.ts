/** Labeling configs of the scripted world: checked, edited, and what a change of one would do. */
import type {
  ClassRename,
  ConfigCheck,
  ConfigEdit,
  ConfigImpact,
  ConfigProblem,
  ConfigTemplate,
  Tag,
} from "./bindings";
import type { FakeState } from "./fake-state";

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

export const configTemplates: ConfigTemplate[] = [
  {
    id: "entities",
    group: "Text",
    title: "Named entities",
    description: "Mark people, places and the like in a text.",
    xml: '<View>\n  <Labels name="entity" toName="text"/>\n  <Text name="text" value="$text"/>\n</View>\n',
    controls: ["Labels"],
    task_count: 6,
    sample: { text: "Ada Lovelace was born in London." },
  },
  {
    id: "pairwise",
    group: "Model answers",
    title: "Compare two answers",
    description: "Which of two answers to a question is better?",
    xml: '<View>\n  <Pairwise name="better" toName="a,b"/>\n</View>\n',
    controls: ["Pairwise", "TextArea"],
    task_count: 6,
    sample: { a: "Blue.", b: "Scattered light." },
  },
  {
    id: "sentiment",
    group: "Text",
    title: "Sentiment",
    description: "Is a text positive, negative or neutral?",
    xml: '<View>\n  <Text name="text" value="$text"/>\n</View>\n',
    controls: ["Choices"],
    task_count: 6,
    sample: { text: "The kettle boils quickly." },
  },
];

export function configCommands({ world, send, last, project, projectDetail }: FakeState) {
  return {
    checkConfig: (xml: string): ConfigCheck => {
      const shown = world.projects.find((project) => project.xml === xml) ?? project(last.project);
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
  };
}
