/** The editor's grammar against Rust's, which decides what is sent: the same variables at the same places. */
import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import type { VariableFormat } from "@/ipc/bindings";
import { variablesOf } from "@/lib/template";

const PROGRAM = process.env.TOUCHSTONE_CLI;
const COUNT = 20_000;
/** Another every day, and told when it fails, so that it can be run again. */
const SEED = Number(process.env.SEED ?? Math.floor(Date.now() / 86_400_000));

const PIECES = [
  "{",
  "}",
  "{{",
  "}}",
  "{{{",
  "}}}",
  "a",
  "b.c",
  "x[0]",
  "x[-1]",
  "é",
  "名",
  "🙂",
  " ",
  "\n",
  "\t",
  "\u0085",
  "\ufeff",
].concat([
  "#",
  "^",
  "/",
  "!",
  ">",
  "&",
  "=",
  "<%",
  "%>",
  "{{=<% %>=}}",
  ".",
  "-",
  "_",
  "1",
  '"k":',
  "[",
  "]",
  "\\",
  "{{#a}}",
  "{{/a}}",
  "\r\n",
  "\u2028",
]);

/** Numbers that follow from a seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

it(`reads ${COUNT.toLocaleString("en")} random templates as Rust does (seed ${SEED})`, () => {
  if (PROGRAM === undefined) throw new Error("TOUCHSTONE_CLI names the built command line");
  const random = numbers(SEED);
  const formats: VariableFormat[] = ["F_STRING", "MUSTACHE", "NONE"];
  const asked = Array.from({ length: COUNT }, (_, index) => ({
    format: formats[index % formats.length] as VariableFormat,
    template: Array.from(
      { length: 1 + Math.floor(random() * 12) },
      () => PIECES[Math.floor(random() * PIECES.length)],
    ).join(""),
  }));
  const input = asked.map((one) => JSON.stringify(one)).join("\n");
  const reply = spawnSync(PROGRAM, ["template-variables"], { input, encoding: "utf8", maxBuffer: 1 << 28 });
  expect(reply.status, reply.stderr).toBe(0);
  const answers = reply.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.length).toBe(COUNT);
  asked.forEach(({ format, template }, index) => {
    expect(variablesOf(template, format), `${format} ${JSON.stringify(template)}`).toEqual(answers[index].variables);
  });
});
