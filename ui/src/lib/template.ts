/**
 * The template language, for highlighting and completion. The same grammar is in touchstone-domain's template.rs, which
 * decides what is sent; both are held to tests/fixtures/templates.json.
 *
 * `{…}` is a variable only if what it holds, trimmed, is a name or a path (`text`, `first name`, `user.name`, `items[0]`),
 * that does not begin with `_` and is no mere number. `{{` and `}}` stand for one brace only as a matched pair. Everything else is literal text.
 */
import type { VariableFormat } from "@/ipc/bindings";

/** A variable as it occurs; `from` and `to` are UTF-16 offsets, braces included. */
export type Variable = { path: string; from: number; to: number };

const WORD = String.raw`[\p{Alphabetic}\p{N}_-]+`;
const NAME = `(?!_)${WORD}(?: +${WORD})*`;
const PATH = new RegExp(String.raw`^(?![0-9]+(?:[.[]|$))${NAME}(?:\.${NAME}|\[${NAME}\])*$`, "u");

/** The variables that a template asks the data for; those inside a section of a mustache template are looked up there. */
export function variablesOf(template: string, format: VariableFormat): Variable[] {
  if (format === "MUSTACHE") return mustacheVariables(template);
  return format === "F_STRING" ? scan(template).variables : [];
}

/** A variable as it is written. */
export function written(path: string, format: VariableFormat): string {
  return format === "MUSTACHE" ? `{{${path}}}` : `{${path}}`;
}

/** The first name of a path: the key of the task's data that must exist. */
export function rootOf(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}

/** Braces that look like a variable and are literal text. */
export function literalsOf(template: string, format: VariableFormat): { from: number; to: number }[] {
  if (format === "NONE") return [];
  const taken =
    format === "F_STRING"
      ? [...scan(template).variables, ...escapesOf(template, format)]
      : mustacheTags(template).map(({ from, to }) => ({ from, to }));
  const found = [...template.matchAll(format === "F_STRING" ? /\{[^{}\n]*\}|[{}]/g : /\{\{[^{}\n]*\}\}/g)];
  return found
    .map((match) => ({ from: match.index, to: match.index + match[0].length }))
    .filter(({ from, to }) => !taken.some((other) => from < other.to && other.from < to));
}

type TagKind = "value" | "section" | "inverted" | "close" | "silent";
type Tag = { kind: TagKind; name: string; from: number; to: number };

const SIGILS: Record<string, TagKind> = {
  "!": "silent",
  "#": "section",
  "^": "inverted",
  "/": "close",
  ">": "silent",
  "&": "value",
};

function mustacheVariables(template: string): Variable[] {
  let depth = 0;
  const found: Variable[] = [];
  for (const { kind, name, from, to } of mustacheTags(template)) {
    if (["value", "section", "inverted"].includes(kind) && depth === 0 && name !== ".")
      found.push({ path: name, from, to });
    if (kind === "section" || kind === "inverted") depth += 1;
    if (kind === "close") depth = Math.max(0, depth - 1);
  }
  return found;
}

/** What stands between delimiters and is a tag; everything else is text. */
function mustacheTags(template: string): Tag[] {
  const tags: Tag[] = [];
  let [open, close] = ["{{", "}}"];
  let at = 0;
  for (let from = template.indexOf(open); from !== -1; from = template.indexOf(open, at)) {
    const found = tagAt(template, from, open, close);
    if (found === null) {
      at = from + open.length;
      continue;
    }
    tags.push(found.tag);
    at = found.next;
    if (found.delimiters !== undefined) [open, close] = found.delimiters;
  }
  return tags;
}

type FoundTag = { tag: Tag; next: number; delimiters?: [string, string] };

function tagAt(template: string, from: number, open: string, close: string): FoundTag | null {
  const inside = from + open.length;
  const ended = (kind: TagKind, name: string, end: number): FoundTag => {
    const to = end + close.length;
    return { tag: { kind, name, from, to }, next: kind === "value" ? to : afterOwnLine(template, from, to) };
  };
  const first = template[inside];
  if (first === "{" || first === "=") {
    const last = template.indexOf(first === "{" ? "}" : "=", inside + 1);
    if (last === -1 || !template.startsWith(close, last + 1)) return null;
    const content = template.slice(inside + 1, last);
    if (first === "{") return isName(content) ? ended("value", trimmed(content), last + 1) : null;
    const [opens, closes, ...more] = content.split(/\p{White_Space}+/u).filter((part) => part !== "");
    if (opens === undefined || closes === undefined || more.length > 0) return null;
    return { ...ended("silent", "", last + 1), delimiters: [opens, closes] };
  }
  const end = template.indexOf(close, inside);
  if (end === -1 || end === inside) return null;
  const content = template.slice(inside, end);
  const kind = SIGILS[content[0] ?? ""];
  if (kind === "silent" && content.startsWith("!")) return ended("silent", "", end);
  const name = kind === undefined ? content : content.slice(1);
  return isName(name) ? ended(kind ?? "value", trimmed(name), end) : null;
}

function isName(content: string): boolean {
  return trimmed(content) !== "" && !/[{}]/.test(content);
}

/** Where text goes on behind a tag that takes the line with it that it has to itself. */
function afterOwnLine(template: string, from: number, to: number): number {
  const before = template.slice(0, from).replace(/[ \t]+$/, "");
  if (before !== "" && !/[\n\r]$/.test(before)) return to;
  const [rest = ""] = /^[ \t]*/.exec(template.slice(to)) ?? [];
  const ending = /^(?:\r\n|\n|\r|$)/.exec(template.slice(to + rest.length));
  return ending === null ? to : to + rest.length + ending[0].length;
}

/** Where doubled braces stand for one, as ranges of the two characters. */
export function escapesOf(template: string, format: VariableFormat): { from: number; to: number }[] {
  return format === "F_STRING" ? scan(template).pairs.map((from) => ({ from, to: from + 2 })) : [];
}

function variableAt(template: string, from: number): Variable | null {
  const inside = /^[^{}]*/.exec(template.slice(from + 1))?.[0] ?? "";
  const to = from + 1 + inside.length + 1;
  if (template[to - 1] !== "}") return null;
  const path = trimmed(inside);
  return PATH.test(path) ? { path, from, to } : null;
}

/** Without the blanks around it that Unicode counts as such, which are not quite those of `String.trim`. */
function trimmed(text: string): string {
  return text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "");
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
