/** How long a person waits for the history of many versions, and for two large ones against each other: printed only. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Chromium, launch } from "../ui/browser";

const VERSIONS = 10_000;
const MESSAGE_CHARS = 1_000_000;

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launch();
});
afterAll(() => chromium.close());

it("opens the history, and compares two messages of a megabyte", { timeout: 60_000 }, async () => {
  const page = await chromium.open({ at: "/prompts" });
  await page.getByRole("link", { name: "Sort support tickets" }).waitFor();
  await page.evaluate(
    ({ versions, chars }) => {
      const prompt = window.fake.world.prompts.find(({ id }) => id === "prompt-sample");
      const [first] = prompt?.versions ?? [];
      if (prompt === undefined || first === undefined) throw new Error("the sample has versions");
      const words = Array.from({ length: chars / 8 }, (_, index) =>
        index % 12 === 11 ? `w${index % 997}\n` : `w${index % 997}`,
      );
      const large = (change: string) => ({
        ...first.content,
        messages: [
          { role: "USER" as const, content: words.map((word, at) => (at % 5_000 === 0 ? change : word)).join(" ") },
        ],
      });
      const both = [large("new"), large("old")];
      prompt.versions = Array.from({ length: versions }, (_, index) => ({
        ...first,
        id: `many-${index}`,
        number: versions - index,
        content: both[index] ?? first.content,
      }));
      prompt.labels = {};
      prompt.runs = [];
    },
    { versions: VERSIONS, chars: MESSAGE_CHARS },
  );
  /** Milliseconds from a change of the address until `selector` has been painted. */
  const until = (hash: string, selector: string) =>
    page.evaluate(
      async ({ hash, selector }) => {
        const began = performance.now();
        let longest = 0;
        const observer = new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
        });
        observer.observe({ type: "longtask" });
        location.hash = hash;
        while (document.querySelector(selector) === null) await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
        const took = performance.now() - began;
        await new Promise((resolve) => setTimeout(resolve, 200));
        observer.disconnect();
        return { took, longest };
      },
      { hash, selector },
    );
  const told = ({ took, longest }: { took: number; longest: number }) =>
    `${took.toFixed(0)} ms, longest task ${longest.toFixed(0)} ms`;
  const open = "/prompts/prompt-sample?tab=";
  await until(`${open}runs`, ".cm-line");
  const small = await until(
    `${open}versions&version=many-9000`,
    "[role=grid][aria-label=Versions] [aria-rowindex='3']",
  );
  process.stdout.write(`history of ${VERSIONS} versions: ${told(small)}\n`);
  const large = await until(`${open}versions&version=many-0`, ".cm-changedLine, .cm-insertedLine");
  process.stdout.write(`diff of two messages of ${MESSAGE_CHARS} characters: ${told(large)}\n`);
  expect(large.took).toBeGreaterThan(0);
  await page.close();
});
