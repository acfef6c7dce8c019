/** Holds what is typed and brings it to Rust soon: the draft survives a crash but for the last second. */
import type { DraftContent } from "@/ipc/bindings";

/** How long typing must rest before it is saved, and how long it is waited for at most while it does not. */
const REST_MS = 400;
const WAIT_MS_MAX = 800;

export type DraftState = {
  content: DraftContent;
  /** `unsaved`: on its way; `failed`: `error` says why, and the next edit tries again. */
  saving: "saved" | "unsaved" | "failed";
  error: unknown;
};

export class DraftKeeper {
  private state: DraftState;
  private readonly save: (content: DraftContent) => Promise<unknown>;
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When the oldest edit that is not on its way to Rust was made. */
  private waitsSince: number | undefined;
  private underway: Promise<void> | null = null;

  constructor(content: DraftContent, save: (content: DraftContent) => Promise<unknown>) {
    this.state = { content, saving: "saved", error: null };
    this.save = save;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): DraftState => this.state;

  edit(content: DraftContent): void {
    this.change({ content, saving: "unsaved", error: null });
    clearTimeout(this.timer);
    const now = performance.now();
    this.waitsSince ??= now;
    const rest = Math.min(REST_MS, this.waitsSince + WAIT_MS_MAX - now);
    this.timer = setTimeout(() => void this.flush().catch(() => {}), Math.max(rest, 0));
  }

  /** Content that did not come from typing here: a restored version. What is typed and not saved yet goes before it. */
  arrive(content: DraftContent): void {
    if (this.state.saving === "saved" && this.underway === null) this.change({ content, saving: "saved", error: null });
  }

  /** Settles once everything typed so far is kept; fails with the reason if it could not be. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.underway ??= this.drain().finally(() => {
      this.underway = null;
    });
    return this.underway;
  }

  private async drain(): Promise<void> {
    while (this.state.saving !== "saved") {
      const { content } = this.state;
      this.waitsSince = undefined;
      try {
        await this.save(content);
      } catch (error) {
        this.change({ content: this.state.content, saving: "failed", error });
        throw error;
      }
      // Typed on while it was being saved: once more.
      if (this.state.content === content) this.change({ content, saving: "saved", error: null });
    }
  }

  private change(state: DraftState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}
