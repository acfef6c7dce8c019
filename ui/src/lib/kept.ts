/** What the window keeps on this machine beside the workspace. Where nothing can be kept, it lives as long as its screen. */

/** What was kept, to be checked by who knows what it should be; `undefined` where there is nothing that can be read. */
export function readKept(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a value, or with `undefined` none. */
export function keep(key: string, value: unknown): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage is full or switched off.
  }
}
