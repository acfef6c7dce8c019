import { keep, readKept } from "@/lib/kept";

/** The project that was reviewed last on this machine. */
const KEY = "touchstone.review-project";

export function lastProject(): string | undefined {
  const kept = readKept(KEY);
  return typeof kept === "string" ? kept : undefined;
}

export function keepLastProject(projectId: string): void {
  keep(KEY, projectId);
}
