/** The task that is decided about: its data with the prediction on it, and what other runs said. */
import { PencilLine } from "lucide-react";
import { isMark } from "@/components/labeling/boxes";
import { LabelingPreview, MarkedObjects } from "@/components/labeling/LabelingPreview";
import { RegionSummary } from "@/components/labeling/RegionSummary";
import { Banner } from "@/components/ui/Banner";
import { IconButton } from "@/components/ui/Button";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import type { Outline, ProjectDetail, Region, ReviewItem, ReviewRun } from "@/ipc/bindings";
import { formatNumber, formatPercent, sentence } from "@/lib/format";
import { runWords } from "@/lib/reviews";
import { vendorWords } from "@/lib/vendor";
import { type Answer, answersOf, differenceOf } from "./answers";

type OpenItemProps = {
  item: ReviewItem;
  project: ProjectDetail;
  run: ReviewRun;
  /** All of the project: other runs are named by them. */
  runs: readonly ReviewRun[];
  /** Labels the task by hand, beginning with what this run said of it. */
  onCorrect: (runId: string) => void;
};

export function OpenItem({ item, project, run, runs, onCorrect }: OpenItemProps) {
  const { prediction, error, data, task_id } = item;
  const vendor = error === null ? null : vendorWords(error.vendor);
  const answers = answersOf(item.others);
  const named = (runId: string) => {
    const one = runs.find(({ run_id }) => run_id === runId);
    return one === undefined ? "another run" : runWords(one, run);
  };
  const marked = answers.filter(({ prediction }) => prediction.some(isMark));
  return (
    <ScrollRegion label="The task" className="@container min-h-0 flex-1 px-4 py-4">
      <div className="flex flex-col gap-4 @5xl:grid @5xl:grid-cols-[minmax(0,1fr)_22rem]">
        {/* First, where it is not beside: with many classes the interface below is long. */}
        <section aria-label="Answers" className="@container min-w-0 @5xl:order-last">
          <div className="grid gap-x-6 gap-y-3 rounded-sm border bg-surface px-3 py-2.5 @md:grid-cols-2 @5xl:grid-cols-1">
            <OwnAnswer item={item} outline={project.outline} />
            <OtherAnswers item={item} answers={answers} outline={project.outline} named={named} onCorrect={onCorrect} />
          </div>
        </section>
        <div className="flex min-w-0 flex-col gap-4">
          {error !== null && (
            <Banner kind="negative" title={sentence(error.message)}>
              {vendor !== null && <p className="text-xs">The provider said: {vendor}</p>}
              <p>Correct it by hand, or reject it to have it out of the queue.</p>
            </Banner>
          )}
          <LabelingPreview outline={project.outline} data={data} regions={prediction ?? []} taskId={task_id} />
          {marked.map(({ prediction, runIds }) => (
            <section key={runIds.join()}>
              <h3 className="mb-1 text-xs font-semibold text-subtler">On the task: {runIds.map(named).join("; ")}</h3>
              <MarkedObjects outline={project.outline} data={data} regions={prediction} taskId={task_id} />
            </section>
          ))}
        </div>
      </div>
    </ScrollRegion>
  );
}

type OwnAnswerProps = { item: ReviewItem; outline: Outline };

function OwnAnswer({ item: { prediction, confidence, others, answered }, outline }: OwnAnswerProps) {
  const agreeing = answered - others.length;
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <h3 className="text-xs font-semibold text-subtler">
        This run
        {confidence !== null && (
          <span className="ml-2 font-normal tabular-nums">Confidence {formatPercent(confidence, 0)}</span>
        )}
      </h3>
      {prediction === null ? (
        <p className="text-sm text-negative-content">No usable answer</p>
      ) : (
        <div className="text-sm">
          <RegionSummary isWhole outline={outline} regions={prediction} />
        </div>
      )}
      {prediction !== null && agreeing > 0 && (
        <p className="text-xs text-subtler">
          {agreeing === 1 ? "Another run says the same." : `${formatNumber(agreeing)} other runs say the same.`}
        </p>
      )}
    </div>
  );
}

type OtherAnswersProps = {
  item: ReviewItem;
  answers: readonly Answer[];
  outline: Outline;
  named: (runId: string) => string;
  onCorrect: (runId: string) => void;
};

function OtherAnswers({ item, answers, outline, named, onCorrect }: OtherAnswersProps) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <h3 className="text-xs font-semibold text-subtler">Other runs</h3>
      {answers.length === 0 && (
        <p className="text-sm text-subtler">
          {item.answered === 0 ? "None has answered this task" : "None says otherwise"}
        </p>
      )}
      <ul className="flex flex-col gap-2">
        {answers.map(({ prediction, runIds }) => (
          <li key={runIds.join()} className="flex min-w-0 items-start gap-2">
            <div className="flex min-w-0 flex-1 flex-col gap-1 text-sm">
              <OtherAnswer own={item.prediction} theirs={prediction} outline={outline} />
              <p className="text-xs break-words text-subtler">{runIds.map(named).join("; ")}</p>
            </div>
            <IconButton
              icon={PencilLine}
              size="small"
              label="Correct by hand, beginning with this answer"
              onClick={() => onCorrect(runIds[0] ?? "")}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

type OtherAnswerProps = { own: readonly Region[] | null; theirs: readonly Region[]; outline: Outline };

/** Of a long answer what is different in it; the rest is what this run says. */
function OtherAnswer({ own, theirs, outline }: OtherAnswerProps) {
  if (own === null || theirs.length === 0) return <RegionSummary isWhole outline={outline} regions={theirs} />;
  const { more, less } = differenceOf(own, theirs);
  return (
    <>
      {more.length > 0 && <RegionSummary isWhole outline={outline} regions={more} />}
      {less.length > 0 && (
        <span className="flex min-w-0 items-baseline gap-1.5">
          <span className="shrink-0 text-subtler">without</span>
          <RegionSummary isWhole outline={outline} regions={less} />
        </span>
      )}
    </>
  );
}
