/** `name` with the first number that makes it a name nobody has. */
export function freeName(name: string, taken: readonly string[]): string {
  for (let number = 2; ; number += 1) {
    const free = `${name} ${number}`;
    if (!taken.includes(free)) return free;
  }
}
