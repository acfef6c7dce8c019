/** Which of several controls a prediction and the ground truth say the same on. */
import { saidOn } from "@/components/labeling/said";
import type { ResultRow } from "@/ipc/bindings";

type Compared = Pick<ResultRow, "correct" | "prediction" | "ground_truth">;

/**
 * `null` where there is nothing to compare: one side is missing, or neither says anything on this control. Whether the
 * row is correct is scored in Rust, and holds here too.
 */
export function matchesOn(control: string, { correct, prediction, ground_truth }: Compared): boolean | null {
  if (correct === null || prediction === null || ground_truth === null) return null;
  const [said, truth] = [saidOn(control, prediction), saidOn(control, ground_truth)];
  if (said.length === 0 && truth.length === 0) return null;
  return correct || (said.length === truth.length && said.every((part, index) => part === truth[index]));
}
