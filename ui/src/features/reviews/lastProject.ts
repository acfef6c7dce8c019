/** The project that was reviewed last on this machine. */
const KEY = "touchstone.review-project";

export function lastProject(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function keepLastProject(projectId: string): void {
  try {
    localStorage.setItem(KEY, projectId);
  } catch {
    // Storage is full or switched off.
  }
}
