/** One result: what the model said of the task, beside what people say, and how it came about. */
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronUp, RotateCcw, X } from "lucide-react";
import { memo, useEffect, useRef, useState } from "react";
import { useCommand } from "@/components/commands";
import { Loaded } from "@/components/Loaded";
import { isMark } from "@/components/labeling/boxes";
import { LabelingPreview, MarkedObjects } from "@/components/labeling/LabelingPreview";
import { Banner } from "@/components/ui/Banner";
import { IconButton } from "@/components/ui/Button";
import { Tab, TabList, TabPanel, Tabs } from "@/components/ui/Tabs";
import type { Outline, ResultDetail } from "@/ipc/bindings";
import { resultQuery } from "@/ipc/queries";
import { formatCount, formatNumber } from "@/lib/format";
import { vendorWords } from "@/lib/vendor";
import { ControlSides } from "./ControlSides";
import { howAnswered } from "./cost";
import { ResultActions } from "./ResultActions";
import { ResultAttempts } from "./ResultAttempts";
import { ResultHistory } from "./ResultHistory";
import { Outcome, ReviewBadge } from "./RowBadges";
import { Part, Repairs, Source } from "./resultParts";

type ResultDrawerProps = {
  runId: string;
  taskId: number;
  projectId: string;
  outline: Outline | undefined;
  onClose: () => void;
  onStep: (by: 1 | -1) => void;
  /** Where a decided result leaves the table: carries the decision out, and opens another one. */
  onDecide?: (decide: () => Promise<boolean>) => Promise<void>;
};

export function ResultDrawer(props: ResultDrawerProps) {
  const { runId, taskId, projectId, outline, onClose, onStep, onDecide } = props;
  const result = useQuery(resultQuery(runId, taskId));
  const [view, setView] = useState("answer");
  useCommand("result.next", () => onStep(1));
  useCommand("result.previous", () => onStep(-1));
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = panel.current;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || !(event.target instanceof Element)) return;
      // From the table too, but not from a menu or a dialog: those close themselves.
      if (element?.contains(event.target) || event.target.closest("[role=grid]") !== null) onClose();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [onClose]);
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);

  const detail = result.data;
  return (
    <aside
      ref={panel}
      aria-label="Result"
      tabIndex={-1}
      className="flex h-full min-h-0 flex-col border-l bg-background outline-none"
    >
      <header className="flex items-center gap-2 border-b py-1.5 pr-2 pl-4">
        <div role="status" className="flex min-w-0 flex-1 items-center gap-2">
          <h2 className="font-semibold">
            {detail === undefined ? "Result" : `Task ${formatNumber(detail.row.position + 1)}`}
          </h2>
          {detail !== undefined && <Outcome row={detail.row} />}
          {detail !== undefined && detail.row.review !== null && <ReviewBadge review={detail.row.review} />}
        </div>
        <IconButton icon={ChevronUp} size="small" label="Previous result" command="result.previous" />
        <IconButton icon={ChevronDown} size="small" label="Next result" command="result.next" />
        <IconButton icon={X} size="small" label="Close the result" onClick={onClose} />
      </header>
      <Loaded query={result} what="the result">
        {(detail) => (
          <Tabs value={view} onChange={setView} className="flex-1">
            <TabList label="Parts of the result" className="px-1.5">
              <Tab value="answer">Prediction</Tab>
              <Tab value="request">Request</Tab>
              <Tab value="raw">Raw answer</Tab>
              <Tab value="attempts">Attempts</Tab>
              <Tab value="history">History</Tab>
            </TabList>
            <TabPanel value="answer" className="scroll-area p-4">
              <Prediction detail={detail} outline={outline} />
            </TabPanel>
            <TabPanel value="request" className="scroll-area p-4">
              {detail.has_changed && (
                <Banner kind="warning" title="This is what would be sent now" className="mb-3">
                  <p>
                    The answer was given to another request: something has changed since, such as a file that the task
                    names, or the connection.
                  </p>
                </Banner>
              )}
              <Source text={detail.request} label="Copy the request">
                {detail.endpoint === null ? "Answered inside this program." : `Sent to ${detail.endpoint}`}
              </Source>
            </TabPanel>
            <TabPanel value="raw" className="scroll-area p-4">
              {detail.answer === null ? (
                <p className="text-subtler">No answer arrived.</p>
              ) : (
                <Source text={detail.answer} label="Copy the answer">
                  As it came{detail.attempts > 1 && `, after ${formatCount(detail.attempts, "request")}`}.
                </Source>
              )}
              {detail.asked_again !== null && (
                <div className="mt-4">
                  <Source text={detail.asked_again.answer} label="Copy the answer before">
                    The answer before it, which could not be used.
                  </Source>
                </div>
              )}
            </TabPanel>
            <TabPanel value="attempts" className="scroll-area p-4">
              <ResultAttempts detail={detail} />
            </TabPanel>
            <TabPanel value="history" className="scroll-area p-4">
              <ResultHistory taskId={taskId} outline={outline} review={detail.row.review} />
            </TabPanel>
          </Tabs>
        )}
      </Loaded>
      <ResultActions
        runId={runId}
        projectId={projectId}
        row={detail?.row}
        {...(onDecide !== undefined && { onDecide })}
      />
    </aside>
  );
}

type PredictionProps = { detail: ResultDetail; outline: Outline | undefined };

/** Drawn again only when something of it changes: a run that is at work tells how far it is ten times a second. */
const Prediction = memo(function Prediction({ detail, outline }: PredictionProps) {
  const { row, repairs } = detail;
  const vendor = row.error === null ? null : vendorWords(row.error.vendor);
  return (
    <div className="flex flex-col gap-4">
      {row.error !== null && (
        <Banner kind="negative" title={row.error.message}>
          <p>A failed task is not counted as wrong.</p>
          {vendor !== null && <p className="mt-1 text-xs">The provider said: {vendor}</p>}
        </Banner>
      )}
      {row.ground_truth !== null && (
        // First, and side by side: with many classes the interface below is long.
        <div className="rounded-sm border bg-surface px-3 py-2">
          <ControlSides detail={detail} outline={outline} />
        </div>
      )}
      {outline !== undefined && (
        <LabelingPreview outline={outline} data={row.data} regions={row.prediction ?? []} taskId={row.task_id} />
      )}
      {outline !== undefined && row.prediction !== null && row.ground_truth?.some(isMark) && (
        <Part title="Ground truth on the task">
          <MarkedObjects outline={outline} data={row.data} regions={row.ground_truth} taskId={row.task_id} />
        </Part>
      )}
      {repairs.length > 0 && (
        <Part title="Repairs">
          <Repairs repairs={repairs} />
        </Part>
      )}
      <Part title="How it was answered">
        <p className="text-sm text-subtle">{howAnswered(detail)}</p>
        {detail.asked_again !== null && (
          <p className="mt-1 flex items-start gap-1.5 text-sm text-subtle select-text">
            <RotateCcw aria-hidden className="mt-0.5 size-3.5 shrink-0 text-warning-content" />
            <span className="min-w-0 break-words">
              Asked again{" "}
              {detail.asked_again.times === 1 ? "once" : `${detail.asked_again.times} times, at last because`}:{" "}
              {detail.asked_again.why.replace(/\.$/, "")}.
            </span>
          </p>
        )}
      </Part>
    </div>
  );
});
