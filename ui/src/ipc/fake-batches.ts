/** Runs of the scripted boundary that ask by batch: one task is asked first, and the others wait at the vendor. */
import type { RunBatch } from "./bindings";

export function batchOf(total: number, vendor: string, now: Date): RunBatch {
  const [requests, done] = [total - 1, Math.floor((total - 1) / 3)];
  const submitted_at = new Date(now.getTime() - 2 * 3_600_000).toISOString();
  const waiting = `Waiting for the batch at ${vendor} (handed over on 2026-11-28 at 18:00 UTC, ready within 24 hours); ${done} of ${requests} requests are done.`;
  return { parts: 1, open: 1, requests, done, submitted_at, waiting };
}
