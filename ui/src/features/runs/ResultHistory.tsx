/** What people have said of the task of a result, and what they decided about it. */
import { useQuery } from "@tanstack/react-query";
import { Loaded } from "@/components/Loaded";
import { RegionSummary } from "@/components/labeling/RegionSummary";
import { Badge } from "@/components/ui/Badge";
import { RelativeTime } from "@/components/ui/Time";
import type { Annotation, Outline, Region, ReviewDecision } from "@/ipc/bindings";
import { taskQuery } from "@/ipc/queries";
import { ReviewBadge, reviewMeaning } from "./RowBadges";

type ResultHistoryProps = { taskId: number; outline: Outline | undefined; review: ReviewDecision | null };

export function ResultHistory({ taskId, outline, review }: ResultHistoryProps) {
  return (
    <Loaded query={useQuery(taskQuery(taskId))} what="the annotations">
      {({ annotations, outline: own }) => (
        <div className="flex flex-col gap-4">
          {review !== null && (
            <p className="flex items-center gap-2 text-subtle">
              <ReviewBadge review={review} /> {reviewMeaning[review]}.
            </p>
          )}
          {annotations.length === 0 ? (
            <p className="text-subtler">Nobody has annotated this task yet.</p>
          ) : (
            <ol className="flex flex-col gap-2">
              {annotations.map((annotation) => (
                <Annotated key={annotation.id} annotation={annotation} outline={own ?? outline} />
              ))}
            </ol>
          )}
        </div>
      )}
    </Loaded>
  );
}

function Annotated({ annotation, outline }: { annotation: Annotation; outline: Outline | undefined }) {
  const { completed_by, created_at, updated_at, ground_truth, counts, was_cancelled, result } = annotation;
  return (
    <li className="flex flex-col gap-1.5 rounded-sm border px-3 py-2">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="min-w-0 truncate font-medium" dir="auto">
          {completed_by ?? "Unknown"}
        </span>
        {created_at !== null && <RelativeTime iso={created_at} className="text-xs text-subtler" />}
        {updated_at !== null && (
          <span className="text-xs text-subtler">
            changed <RelativeTime iso={updated_at} />
          </span>
        )}
        <span className="flex-1" />
        {was_cancelled && <Badge size="small">skipped</Badge>}
        {ground_truth && !was_cancelled && (
          <Badge size="small" tone={counts ? "positive" : "neutral"}>
            {counts ? "Ground truth" : "Older ground truth"}
          </Badge>
        )}
      </div>
      <RegionSummary isWhole outline={outline} regions={regionsOf(result)} />
    </li>
  );
}

/** What an annotation holds beside regions, such as relations, is not told here. */
function regionsOf(result: Annotation["result"]): Region[] {
  return result.flatMap((part) => {
    const isRegion = typeof part === "object" && part !== null && !Array.isArray(part) && part.value !== undefined;
    return isRegion ? [part as Region] : [];
  });
}
