/** What controls show that have no classes alone: sets, spans, boxes, numbers, texts, rankings and choices between two. */
import type { ReactNode } from "react";
import { Interval } from "@/components/ui/Interval";
import { MoreBeside } from "@/components/ui/MoreBeside";
import { ScrollTable } from "@/components/ui/ScrollTable";
import { Term } from "@/components/ui/Term";
import type { ControlMetrics, PairwiseMetrics, SpanMetrics, SpanScheme } from "@/ipc/bindings";
import { formatCoefficient, formatNumber, formatPercent, formatPoints, formatPointsBounds } from "@/lib/format";
import type { TermName } from "@/lib/terms";
import { type Measure, MeasureList } from "./MeasureList";

/** Each block under its title, in the order in which a control can have several. */
export function Families({ control }: { control: ControlMetrics }) {
  const { compared, sets, paths, spans, boxes, numbers, texts, ranking, pairwise } = control;
  const exact = (count: number, of: number): Measure => ({
    name: "Exactly the same",
    value: formatPercent(count / Math.max(1, of)),
    hint: `${formatNumber(count)} of ${formatNumber(of)}`,
  });
  return (
    <>
      {sets !== null && (
        <Block title="Sets of labels">
          <MeasureList
            of={[
              {
                name: "Jaccard",
                value: formatPercent(sets.jaccard),
                hint: "Common labels among all that either has",
              },
              {
                name: "Hamming loss",
                value: formatPercent(sets.hamming),
                hint: "Decisions, label by label, that are wrong",
              },
            ]}
          />
        </Block>
      )}
      {paths !== null && (
        <Block title="Paths" note="Hierarchical: a path counts for each step that it shares with one of ground truth.">
          <MeasureList
            of={[
              { name: "Precision", value: formatPercent(paths.precision), hint: "Of whole paths" },
              { name: "Recall", value: formatPercent(paths.recall), hint: "Of whole paths" },
              { name: "F1", value: formatPercent(paths.f1), hint: "Of whole paths" },
              { name: "Hierarchical precision", value: formatPercent(paths.hierarchical_precision) },
              { name: "Hierarchical recall", value: formatPercent(paths.hierarchical_recall) },
              { name: "Hierarchical F1", value: formatPercent(paths.hierarchical_f1) },
            ]}
          />
        </Block>
      )}
      {spans !== null && <Spans of={spans} />}
      {boxes !== null && (
        <Block title="Boxes" note="A box counts as found where it overlaps one with its label by half (IoU 0.5).">
          <MeasureList
            of={[
              { name: "Precision", value: formatPercent(boxes.precision) },
              { name: "Recall", value: formatPercent(boxes.recall) },
              { name: "F1", value: formatPercent(boxes.f1) },
              { name: "Mean IoU", value: coefficient(boxes.mean_iou), hint: "Of the pairs: how far they overlap" },
            ]}
          />
        </Block>
      )}
      {numbers !== null && (
        <Block title="Numbers">
          <MeasureList
            of={[
              { name: "MAE", value: formatNumber(numbers.mae), hint: "How far off on the average" },
              { name: "RMSE", value: formatNumber(numbers.rmse), hint: "The same, far misses counting more" },
              { name: "Spearman", value: coefficient(numbers.spearman), hint: "Whether the order is the same" },
              ...(numbers.quadratic_kappa === null
                ? []
                : [
                    {
                      name: "Quadratic kappa",
                      value: coefficient(numbers.quadratic_kappa),
                      hint: "Agreement beyond chance",
                    },
                  ]),
              exact(numbers.exact, numbers.pairs),
            ]}
          />
        </Block>
      )}
      {texts !== null && (
        <Block title="Texts">
          <MeasureList
            of={[
              {
                name: "Similarity",
                value: formatPercent(texts.similarity),
                hint: "By letters that would have to change",
              },
              { name: "Token F1", value: formatPercent(texts.token_f1), hint: "By words that both have" },
              exact(texts.exact, compared),
            ]}
          />
        </Block>
      )}
      {ranking !== null && (
        <Block title="Ranking">
          <MeasureList
            of={[
              {
                name: "Kendall's tau",
                value: coefficient(ranking.kendall_tau),
                hint: "1 is the same order, −1 the reverse",
              },
            ]}
          />
        </Block>
      )}
      {pairwise !== null && <Pairwise of={pairwise} />}
    </>
  );
}

function coefficient(value: number | null): string {
  return value === null ? "–" : formatCoefficient(value);
}

function Block({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex min-w-0 flex-col gap-2">
      <h3 className="text-sm font-semibold">{title}</h3>
      {children}
      {note !== undefined && <p className="text-xs text-subtler">{note}</p>}
    </section>
  );
}

const SCHEMES: readonly { key: Exclude<keyof SpanMetrics, "mean_iou" | "per_class">; name: string; hint: string }[] = [
  { key: "strict", name: "Strict", hint: "same bounds, same label" },
  { key: "exact", name: "Exact", hint: "same bounds, any label" },
  { key: "partial", name: "Partial", hint: "overlap counts half, any label" },
  { key: "by_type", name: "Type", hint: "overlap, same label" },
];

const SCORES: readonly { key: "precision" | "recall" | "f1"; name: string }[] = [
  { key: "precision", name: "Precision" },
  { key: "recall", name: "Recall" },
  { key: "f1", name: "F1" },
];

const COUNTS: readonly { key: Exclude<keyof SpanScheme, "precision" | "recall" | "f1">; name: string }[] = [
  { key: "correct", name: "Correct" },
  { key: "incorrect", name: "Incorrect" },
  { key: "partial", name: "Partial" },
  { key: "missed", name: "Missed" },
  { key: "spurious", name: "Spurious" },
];

const SPAN_COLUMNS = [
  { title: "Scheme" },
  ...[...SCORES, ...COUNTS].map(({ name }) => ({ title: name, className: "text-right" })),
];

function Spans({ of }: { of: SpanMetrics }) {
  const iou =
    of.mean_iou === null ? "" : ` Spans that overlap have ${formatPercent(of.mean_iou)} in common on average.`;
  return (
    <Block title="Spans" note={`By the schemes of SemEval 2013, task 9.${iou}`}>
      <ScrollTable label="Spans by scheme" columns={SPAN_COLUMNS}>
        {SCHEMES.map(({ key, name, hint }) => (
          <tr key={key}>
            <th scope="row" className="px-3 py-1.5 font-medium whitespace-nowrap">
              {name} <span className="font-normal text-subtler">{hint}</span>
            </th>
            {SCORES.map((score) => (
              <td key={score.key} className="px-3 text-right tabular-nums">
                {formatPercent(of[key][score.key])}
              </td>
            ))}
            {COUNTS.map((count) => (
              <td key={count.key} className="px-3 text-right text-subtle tabular-nums">
                {formatNumber(of[key][count.key])}
              </td>
            ))}
          </tr>
        ))}
      </ScrollTable>
    </Block>
  );
}

/** A leaning to one side: whether the interval of the bias leaves out none at all. */
function Pairwise({ of: { left_truth, left_predicted, compared, bias } }: { of: PairwiseMetrics }) {
  const leans = bias !== null && (bias.low > 0 || bias.high < 0);
  const share = (count: number) => formatPercent(count / Math.max(1, compared));
  const hint =
    bias === null
      ? undefined
      : leans
        ? `It leans to the ${bias.value > 0 ? "first" : "second"} answer`
        : "No lean to either side can be told";
  return (
    <Block title="Which side is chosen">
      <MeasureList
        of={[
          {
            name: "First in truth",
            value: share(left_truth),
            hint: `${formatNumber(left_truth)} of ${formatNumber(compared)}`,
          },
          {
            name: "First answered",
            value: share(left_predicted),
            hint: `${formatNumber(left_predicted)} of ${formatNumber(compared)}`,
          },
          {
            name: "Position bias",
            value: bias === null ? "–" : `${formatPoints(bias.value)} points ${formatPointsBounds(bias)}`,
            hint,
          },
        ]}
      />
    </Block>
  );
}

const CONTROL_HEADS: readonly { title: string; term?: TermName }[] = [
  { title: "Control" },
  { title: "Compared" },
  { title: "Exactly right", term: "accuracy" },
  { title: "Mean score", term: "meanScore" },
  { title: "Macro F1", term: "macroF1" },
  { title: "Kappa", term: "kappa" },
];

/** All controls at a glance; pressing one shows it below. */
export function ControlTable({
  controls,
  chosen,
  onChoose,
}: {
  controls: readonly ControlMetrics[];
  chosen: string;
  onChoose: (name: string) => void;
}) {
  return (
    <MoreBeside>
      <div className="scroll-area rounded-md border">
        <table aria-label="Controls" className="w-full text-left text-sm">
          <thead className="bg-surface text-xs text-subtle">
            <tr>
              {CONTROL_HEADS.map(({ title, term }, index) => (
                <th key={title} scope="col" className={`h-8 px-3 font-semibold ${index === 0 ? "" : "text-right"}`}>
                  {term === undefined ? title : <Term of={term}>{title}</Term>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y border-t">
            {controls.map(({ name, tag, compared, accuracy, mean_score, classes }) => (
              <tr key={name} className={name === chosen ? "bg-primary-tint" : "hover:bg-surface"}>
                <th scope="row" className="max-w-60 truncate px-3 py-1 font-medium">
                  <button
                    type="button"
                    aria-pressed={name === chosen}
                    onClick={() => onChoose(name)}
                    className="rounded-sm py-0.5 text-primary-content hover:underline"
                  >
                    {name}
                  </button>{" "}
                  <span className="text-xs font-normal text-subtler">{tag}</span>
                </th>
                <td className="px-3 text-right tabular-nums">{formatNumber(compared)}</td>
                <td className="px-3 text-right">
                  <Interval of={accuracy} />
                </td>
                <td className="px-3 text-right">
                  <Interval of={mean_score} />
                </td>
                <td className="px-3 text-right tabular-nums">
                  {classes === null ? "–" : formatPercent(classes.macro_f1)}
                </td>
                <td className="px-3 text-right tabular-nums">{coefficient(classes?.kappa ?? null)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </MoreBeside>
  );
}
