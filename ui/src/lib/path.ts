/** The last part of a path or address, of whichever system. */
export function fileName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path;
}
