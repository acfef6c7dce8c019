/** Holds the annotation that is being made of one task, and brings it to Rust soon: nothing of it is lost by leaving. */
import type { Entry, Result } from "@/components/labeling/editor/model";
import type { TaskDetail } from "@/ipc/bindings";
import { ipc } from "@/ipc/client";

/** How long an edit must rest before it is kept. */
const REST_MS = 700;

export type Kept = { id: number | null; result: Result; groundTruth: boolean };

/** `task` as it is now, where that was answered. */
type Listener = (task: TaskDetail | undefined, kept: Kept) => void;

export class AnnotationKeeper {
  private readonly taskId: number;
  private readonly onKept: Listener;
  private readonly onFailed: (error: unknown) => void;
  private kept: Kept;
  private wanted: Kept;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** What was marked by hand, or found here: it may say nothing and be ground truth. */
  private meant: Result;
  /** It was there before, or was ground truth: it is kept also where it says nothing. */
  private isLasting: boolean;
  private underway: Promise<void> = Promise.resolve();

  constructor(taskId: number, kept: Kept, onKept: Listener, onFailed: (error: unknown) => void) {
    this.taskId = taskId;
    this.kept = kept;
    this.wanted = kept;
    this.meant = kept.result;
    this.isLasting = kept.id !== null;
    this.onKept = onKept;
    this.onFailed = onFailed;
  }

  /** The annotation with every edit, kept or not yet. */
  get shown(): Kept {
    return { ...this.wanted, groundTruth: this.isGroundTruth };
  }

  /** What was emptied makes predictions wrong only once that is asked for; until then, or until it says something again, it is none. */
  private get isGroundTruth(): boolean {
    return this.wanted.groundTruth && (this.wanted.result.length > 0 || this.wanted.result === this.meant);
  }

  edit(result: Result): void {
    if (result === this.wanted.result) return;
    this.wanted = { ...this.wanted, result };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush().catch(() => {}), REST_MS);
  }

  /** Gives up what could not be kept. */
  drop(): void {
    clearTimeout(this.timer);
    this.wanted = this.kept;
  }

  /** Whether it is, or shall be, ground truth. Keeps everything that was edited too. */
  mark(groundTruth: boolean): Promise<void> {
    this.wanted = { ...this.wanted, groundTruth };
    this.meant = this.wanted.result;
    return this.flush();
  }

  /** Settles once everything is kept; fails with the reason if it could not be. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.underway = this.underway.catch(() => {}).then(() => this.save());
    return this.underway;
  }

  private async save(): Promise<void> {
    const { shown, kept } = this;
    const isSame = shown.result === kept.result && shown.groundTruth === kept.groundTruth;
    // An annotation that was never begun is not made by looking at it.
    if (isSame || (kept.id === null && shown.result.length === 0 && !shown.groundTruth)) return;
    this.isLasting ||= shown.groundTruth;
    try {
      if (kept.id !== null && shown.result.length === 0 && !this.isLasting) {
        await ipc.deleteAnnotation(kept.id);
        this.keptAs(null, shown);
        this.onKept(undefined, this.kept);
        return;
      }
      const task = await ipc.saveAnnotation(this.taskId, {
        id: kept.id,
        result: shown.result.map((entry) => ({ ...entry })) as Entry[],
        ground_truth: shown.groundTruth,
      });
      // A new one has the highest id.
      this.keptAs(kept.id ?? Math.max(...task.annotations.map((annotation) => annotation.id)), shown);
      this.onKept(task, this.kept);
    } catch (error) {
      this.onFailed(error);
      throw error;
    }
  }

  private keptAs(id: number | null, shown: Kept): void {
    this.kept = { ...shown, id };
    this.wanted = { ...this.wanted, id };
  }
}
