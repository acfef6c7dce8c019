/** The columns that results can be shown in: the data, what was answered, how that compares, and what it took. */
import { useQuery } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import { useMemo } from "react";
import { RegionSummary } from "@/components/labeling/RegionSummary";
import { fieldOf, inShort, plain, valueText } from "@/components/labeling/regions";
import type { Arranged } from "@/components/table/arrangement";
import type { Column } from "@/components/table/DataTable";
import type { JsonValue, Outline, ProjectDetail, Region, ResultRow, RowSort, TaskPage } from "@/ipc/bindings";
import { taskRowsQuery } from "@/ipc/queries";
import { formatCost, formatLatency, formatNumber, formatPercent } from "@/lib/format";
import { SORTED_BY } from "@/lib/results";
import { matchesOn } from "./match";
import { Outcome, outcomeWords, ReviewBadge, reviewWords } from "./RowBadges";

export type ResultColumn = Column<ResultRow> & Arranged & { about?: string };

/** As many of the fields that the labeling interface shows have a column at first. */
const FIELDS_SHOWN = 2;

/** With more controls than this, what they say stands together at first. */
const CONTROLS_APART = 3;

export const POSITION: Column<ResultRow> = {
  id: "position",
  title: "#",
  width: "64px",
  align: "end",
  cell: (row) => formatNumber(row.position + 1),
  text: (row) => String(row.position + 1),
};

/** All that there are for the results of a project, in the order that they are made in, whatever is sorted by. */
export function useResultColumns(project: ProjectDetail | undefined): readonly ResultColumn[] {
  const fields = useQuery({
    ...taskRowsQuery(project?.summary.id ?? "", null, 0, 1),
    enabled: project !== undefined,
    select: fieldsOf,
  }).data;
  // What else is known of a project, such as how many tasks have ground truth, changes with each decision about a result: all
  // columns of all rows would be drawn again.
  const { outline, variables } = project ?? {};
  return useMemo(
    () =>
      outline === undefined || variables === undefined
        ? []
        : resultColumns({ outline, variables }, fields ?? NO_FIELDS),
    [outline, variables, fields],
  );
}

const NO_FIELDS: readonly string[] = [];

/** The fields of the first task; the same list for the query as long as they are the same. */
function fieldsOf({ rows }: TaskPage): string[] {
  return Object.keys(rows[0]?.data ?? {});
}

/** `fields` are those of a task: the labeling interface may not show all of them. */
export function resultColumns(
  { outline, variables }: Pick<ProjectDetail, "outline" | "variables">,
  fields: readonly string[],
): ResultColumn[] {
  const all = [...new Set([...variables, ...fields])];
  const objects = outline.nodes.flatMap((node) => (node.kind === "object" ? (fieldOf(node) ?? []) : []));
  const shown = all.filter((field) => objects.includes(field)).slice(0, FIELDS_SHOWN);
  const isShown = (field: string, index: number) => (shown.length === 0 ? index === 0 : shown.includes(field));
  const controls = outline.nodes.flatMap(({ kind, name, per_region }) =>
    kind === "control" && name !== null && !per_region ? [name] : [],
  );
  const areSeveral = controls.length > 1;
  const areApart = areSeveral && controls.length <= CONTROLS_APART;
  return [
    ...all.map((field, index) => fieldColumn(field, isShown(field, index))),
    predictionColumn(outline, areApart),
    truthColumn(outline, areApart),
    ...(areSeveral ? controls.flatMap((control) => controlColumns(outline, control, !areApart)) : []),
    ...TAKEN,
    // What all controls say together says why there is nothing to say.
    { ...ERROR, isOptional: !areApart },
  ];
}

function fieldColumn(field: string, isShown: boolean): ResultColumn {
  return {
    id: `field:${field}`,
    title: field,
    about: "data",
    width: isShown ? "minmax(180px, 2.6fr)" : "minmax(120px, 1.4fr)",
    isOptional: !isShown,
    // A block of its own: text that runs from the right must lose its end, not its beginning.
    cell: ({ data }) => (
      <span dir="auto" className="block truncate">
        {inShort(data[field])}
      </span>
    ),
    text: ({ data }) => inWords(data[field]),
  };
}

function inWords(value: JsonValue | undefined): string {
  return value === undefined || value === null ? "" : plain(value);
}

const NO_ANSWER = <span className="text-negative-content">Failed</span>;
const NO_TRUTH = <span className="text-subtler">None</span>;

/** Controls of which an answer is a word or two, and needs no more room in a wide window. */
const IN_A_WORD: ReadonlySet<string> = new Set(["Choices", "Rating", "Number", "DateTime", "Pairwise"]);

function answerWidth({ nodes }: Outline): string {
  const asked = nodes.filter(({ kind, per_region }) => kind === "control" && !per_region);
  const [only, ...others] = asked;
  const isShort = only !== undefined && others.length === 0 && IN_A_WORD.has(only.tag) && !only.multiple;
  return isShort ? "minmax(140px, 0.5fr)" : "minmax(140px, 1.8fr)";
}

function predictionColumn(outline: Outline, isOptional: boolean): ResultColumn {
  return {
    id: "prediction",
    title: "Prediction",
    width: answerWidth(outline),
    isOptional,
    cell: ({ prediction, error }) =>
      prediction !== null ? (
        <RegionSummary outline={outline} regions={prediction} />
      ) : (
        <span className="text-negative-content" title={error?.message}>
          {error?.message ?? "failed"}
        </span>
      ),
    text: ({ prediction }) => regionsText(prediction),
  };
}

function truthColumn(outline: Outline, isOptional: boolean): ResultColumn {
  return {
    id: "truth",
    title: "Ground truth",
    term: "groundTruth",
    width: answerWidth(outline),
    isOptional,
    cell: ({ ground_truth }) =>
      ground_truth === null ? NO_TRUTH : <RegionSummary outline={outline} regions={ground_truth} />,
    text: ({ ground_truth }) => regionsText(ground_truth),
  };
}

/** What is said on one control of several. */
function controlColumns(outline: Outline, control: string, isOptional: boolean): ResultColumn[] {
  const own = (regions: readonly Region[] | null) => regions?.filter(({ from_name }) => from_name === control) ?? null;
  return [
    {
      id: `prediction:${control}`,
      title: control,
      about: "prediction",
      width: "minmax(150px, 1.5fr)",
      isOptional,
      cell: ({ prediction }) =>
        prediction === null ? NO_ANSWER : <RegionSummary outline={outline} regions={own(prediction) ?? []} />,
      text: ({ prediction }) => regionsText(own(prediction)),
    },
    {
      id: `truth:${control}`,
      title: `${control}, ground truth`,
      width: "minmax(150px, 1.5fr)",
      isOptional,
      cell: ({ ground_truth }) =>
        ground_truth === null ? NO_TRUTH : <RegionSummary outline={outline} regions={own(ground_truth) ?? []} />,
      text: ({ ground_truth }) => regionsText(own(ground_truth)),
    },
    {
      id: `match:${control}`,
      title: `${control}, match`,
      width: "112px",
      isOptional,
      cell: (row) => <Match matches={matchesOn(control, row)} />,
      text: (row) => matchWords(matchesOn(control, row)),
    },
  ];
}

function matchWords(matches: boolean | null): string {
  return matches === null ? "" : matches ? "yes" : "no";
}

function Match({ matches }: { matches: boolean | null }) {
  if (matches === null) return UNKNOWN;
  const Icon = matches ? Check : X;
  return (
    <span className={matches ? "text-positive-content" : "text-warning-content"}>
      <Icon aria-hidden className="mr-1 inline size-3.5" />
      {matchWords(matches)}
    </span>
  );
}

const UNKNOWN = <span className="text-subtler">–</span>;

/** How the answer compares and what it took. Of these a copy has plain numbers, to go on counting with. */
const TAKEN: readonly ResultColumn[] = [
  {
    id: "outcome",
    title: "Outcome",
    term: "outcome",
    width: "118px",
    cell: (row) => <Outcome row={row} />,
    text: outcomeWords,
  },
  {
    id: "score",
    title: "Score",
    term: "score",
    width: "84px",
    align: "end",
    cell: ({ score }) => (score === null ? UNKNOWN : formatPercent(score, 0)),
    text: ({ score }) => numberText(score),
  },
  {
    id: "confidence",
    title: "Confidence",
    term: "confidence",
    width: "112px",
    align: "end",
    isOptional: true,
    cell: ({ confidence }) => (confidence === null ? UNKNOWN : formatPercent(confidence, 0)),
    text: ({ confidence }) => numberText(confidence),
  },
  {
    id: "review",
    title: "Review",
    term: "review",
    width: "112px",
    cell: ({ review }) => review !== null && <ReviewBadge review={review} />,
    text: ({ review }) => (review === null ? "" : reviewWords[review]),
  },
  {
    id: "latency",
    title: "Time",
    width: "88px",
    align: "end",
    cell: ({ cached, latency_ms }) =>
      cached ? <span className="text-subtler">reused</span> : latency_ms === null ? UNKNOWN : formatLatency(latency_ms),
    text: ({ latency_ms }) => numberText(latency_ms),
  },
  {
    id: "prompt_tokens",
    title: "Tokens in",
    width: "96px",
    align: "end",
    isOptional: true,
    cell: ({ prompt_tokens }) => (prompt_tokens === null ? UNKNOWN : formatNumber(prompt_tokens)),
    text: ({ prompt_tokens }) => numberText(prompt_tokens),
  },
  {
    id: "completion_tokens",
    title: "Tokens out",
    width: "96px",
    align: "end",
    isOptional: true,
    cell: ({ completion_tokens }) => (completion_tokens === null ? UNKNOWN : formatNumber(completion_tokens)),
    text: ({ completion_tokens }) => numberText(completion_tokens),
  },
  {
    id: "cost",
    title: "Cost",
    width: "104px",
    align: "end",
    isOptional: true,
    cell: ({ cost_usd }) => (cost_usd === null ? UNKNOWN : formatCost(cost_usd)),
    text: ({ cost_usd }) => numberText(cost_usd),
  },
];

const ERROR: ResultColumn = {
  id: "error",
  title: "Error",
  width: "minmax(140px, 1.5fr)",
  cell: ({ error }) => error !== null && <span title={error.message}>{error.message}</span>,
  text: ({ error }) => error?.message ?? "",
};

function numberText(value: number | null): string {
  return value === null ? "" : String(value);
}

/** "Billing", or with several controls "topic: Billing; tone: angry". */
export function regionsText(regions: readonly Region[] | null): string {
  if (regions === null) return "";
  const areSeveral = new Set(regions.map(({ from_name }) => from_name)).size > 1;
  return regions
    .map((region) => (areSeveral ? `${region.from_name}: ${valueText(region)}` : valueText(region)))
    .join("; ");
}

/** What the head of a column sorts by, if it can. */
function sortedBy({ id }: ResultColumn): (typeof SORTED_BY)[number] | undefined {
  return SORTED_BY.find((by) => by === id);
}

export function isSortedBy(column: ResultColumn, sort: RowSort): boolean {
  const by = sortedBy(column);
  return by !== undefined && sort.startsWith(`${by}_`);
}

/** The column with what its head sorts by: ascending, descending, and not at all in turn. */
export function sortable(column: ResultColumn, sort: RowSort, onSort: (sort: RowSort) => void): ResultColumn {
  const by = sortedBy(column);
  if (by === undefined) return column;
  const ascending = `${by}_ascending` as const;
  const descending = `${by}_descending` as const;
  const direction = sort === ascending ? "ascending" : sort === descending ? "descending" : "none";
  const next = { none: ascending, ascending: descending, descending: "position" } as const;
  return { ...column, sort: { direction, onSort: () => onSort(next[direction]) } };
}
