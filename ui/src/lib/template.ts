/**
 * The template language, for highlighting and completion. The same grammar is in touchstone-domain's template.rs, which
 * decides what is sent; both are held to tests/fixtures/templates.json.
 *
 * `{…}` is a variable only if what it holds, trimmed, is a name or a path (`text`, `user.name`, `items[0]`). `{{` and `}}`
 * stand for one brace only as a matched pair. Everything else is literal text.
 */
import type { VariableFormat } from "@/ipc/bindings";

/** A variable as it occurs; `from` and `to` are UTF-16 offsets, braces included. */
export type Variable = { path: string; from: number; to: number };

const NAME = String.raw`[\p{Alphabetic}\p{N}_-]+`;
const PATH = new RegExp(String.raw`^${NAME}(?:\.${NAME}|\[${NAME}\])*$`, "u");

export function variablesOf(template: string, format: VariableFormat): Variable[] {
  return format === "F_STRING" ? scan(template).variables : [];
}

/** The first name of a path: the key of the task's data that must exist. */
export function rootOf(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}

/** Where doubled braces stand for one, as ranges of the two characters. */
export function escapesOf(template: string, format: VariableFormat): { from: number; to: number }[] {
  return format === "F_STRING" ? scan(template).pairs.map((from) => ({ from, to: from + 2 })) : [];
}

function variableAt(template: string, from: number): Variable | null {
  const inside = /^[^{}]*/.exec(template.slice(from + 1))?.[0] ?? "";
  const to = from + 1 + inside.length + 1;
  if (template[to - 1] !== "}") return null;
  const path = inside.trim();
  return PATH.test(path) ? { path, from, to } : null;
}

function doubled(template: string, at: number): boolean {
  const brace = template[at];
  return (brace === "{" || brace === "}") && template[at + 1] === brace;
}

function scan(template: string): { variables: Variable[]; pairs: number[] } {
  const pairs = escapedBraces(template);
  const escaped = new Set(pairs);
  const variables: Variable[] = [];
  for (let at = 0; at < template.length; ) {
    if (escaped.has(at) || doubled(template, at)) {
      at += 2;
      continue;
    }
    const variable = template[at] === "{" ? variableAt(template, at) : null;
    if (variable !== null) variables.push(variable);
    at = variable?.to ?? at + 1;
  }
  return { variables, pairs };
}

/** Where the doubled braces stand that pair up, `{{` with the nearest later `}}`. */
function escapedBraces(template: string): number[] {
  const open: number[] = [];
  const pairs: number[] = [];
  for (let at = 0; at < template.length; ) {
    if (doubled(template, at)) {
      if (template[at] === "{") open.push(at);
      else {
        const start = open.pop();
        if (start !== undefined) pairs.push(start, at);
      }
      at += 2;
      continue;
    }
    at = (template[at] === "{" ? variableAt(template, at)?.to : undefined) ?? at + 1;
  }
  return pairs.sort((a, b) => a - b);
}

/** The known name nearest to a misspelled one, if it is near: at most a third of its letters differ. */
export function nearestName(name: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.floor(name.length / 3) + 1;
  for (const other of known) {
    const distance = editDistance(name.toLowerCase(), other.toLowerCase());
    if (distance < least) {
      best = other;
      least = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
