/** A prompt in its states, light and dark: nothing for axe to object to, and a picture to look at. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { SMALL, ZOOMED } from "./browser";
import { checkScreens, type Screen } from "./checkScreens";

const sample = "/prompts/prompt-sample";
const contracts = "/prompts/prompt-contracts?tab=results";

/** Whether nothing cuts an element off. */
function isWhole(element: Element): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const corners = [left + 8, right - 8].flatMap((x) => [top + 8, bottom - 8].map((y) => [x, y] as const));
  return corners.every(([x, y]) => element.contains(document.elementFromPoint(x, y)));
}

/** Whether something around an element can be scrolled sideways. */
function scrollsSideways(element: Element): boolean {
  for (let around: Element | null = element; around !== null; around = around.parentElement) {
    const can = !["visible", "hidden", "clip"].includes(getComputedStyle(around).overflowX);
    if (can && around.scrollWidth > around.clientWidth) return true;
  }
  return false;
}
const results = (page: Page) => page.getByRole("row").nth(3).waitFor();

const screens: Screen[] = [
  { name: "prompt", at: sample, ready: results },
  { name: "prompt-small", at: sample, size: SMALL, ready: results },
  {
    name: "prompt-result",
    at: sample,
    ready: async (page) => {
      await page.getByRole("row").nth(2).click();
      await page.getByRole("heading", { name: "How it was answered" }).waitFor();
    },
  },
  {
    name: "prompt-asked-again",
    at: `${sample}?filter=failed`,
    ready: async (page) => {
      await page.getByRole("row").nth(1).click();
      await page.getByText("Asked again once: the answer holds no JSON object.").waitFor();
    },
  },
  {
    name: "prompt-asked-again-raw",
    at: `${sample}?filter=failed`,
    ready: async (page) => {
      await page.getByRole("row").nth(1).click();
      await page.getByRole("tab", { name: "Raw answer" }).click();
      await page.getByText("This is about money, I think.").waitFor();
    },
  },
  {
    name: "prompt-attempts",
    at: `${sample}?filter=failed`,
    ready: async (page) => {
      await page.getByRole("row").nth(1).click();
      await page.getByRole("tab", { name: "Attempts" }).click();
      await page.getByText("An answer that could not be used").waitFor();
    },
  },
  {
    name: "prompt-history",
    at: sample,
    ready: async (page) => {
      await page.getByRole("row").nth(1).click();
      await page.getByRole("tab", { name: "History" }).click();
      await page.getByRole("tabpanel").getByText("ben@example.org").waitFor();
    },
  },
  {
    name: "prompt-decided",
    at: `${sample}?filter=wrong`,
    ready: async (page) => {
      await page.getByRole("row").nth(1).click();
      await page.getByRole("button", { name: "Reject" }).click();
      await page.getByRole("button", { name: "Undo" }).waitFor();
    },
  },
  {
    name: "prompt-needs-review",
    scene: "reviewed",
    at: `${sample}?filter=needs_review&sort=confidence_ascending`,
    ready: (page) => page.getByRole("grid").getByRole("row").nth(3).waitFor(),
  },
  {
    name: "prompt-needs-review-small",
    scene: "reviewed",
    at: `${sample}?filter=needs_review`,
    size: SMALL,
    ready: async (page) => {
      await results(page);
      await page.keyboard.press("Control+j");
    },
  },
  {
    name: "prompt-needs-review-none",
    at: `${sample}?filter=needs_review`,
    ready: async (page) => {
      const rows = page.getByRole("grid").getByRole("row");
      await rows.nth(1).waitFor();
      for (let left = 12; left > 0 && (await rows.count()) > 1; left -= 1) {
        await rows.nth(1).click();
        await page.getByRole("button", { name: "Reject" }).click();
      }
      await page.getByText("Everything that needed a review").waitFor();
    },
  },
  {
    name: "prompt-not-changed",
    at: `${sample}?run=run-sample-1`,
    ready: async (page) => {
      await results(page);
      await page.getByRole("button", { name: "More", exact: true }).click();
      await page.getByRole("menuitem", { name: /^Changed.*No earlier version/ }).waitFor();
    },
  },
  { name: "prompt-changed-answers", at: `${sample}?filter=changed`, ready: results },
  {
    name: "prompt-segments",
    at: contracts,
    ready: async (page) => {
      await results(page);
      await page.getByRole("button", { name: "More", exact: true }).click();
      await page.getByRole("menuitem", { name: /^Not scored/ }).waitFor();
    },
  },
  {
    name: "prompt-columns",
    at: sample,
    ready: async (page) => {
      await results(page);
      await page.getByRole("button", { name: "Columns" }).click();
      await page.getByRole("checkbox", { name: /^Outcome/ }).hover();
    },
  },
  {
    name: "prompt-columns-wide",
    at: sample,
    size: SMALL,
    ready: async (page) => {
      await results(page);
      await page.keyboard.press("Control+j");
      await page.getByRole("button", { name: "Columns" }).click();
      for (const name of [/^Confidence/, /^Tokens in/, /^Tokens out/, /^Cost/])
        await page.getByRole("checkbox", { name }).click();
      await page.keyboard.press("Escape");
      await page.getByRole("grid").evaluate((table) => {
        table.scrollLeft = 260;
      });
      await page.evaluate(() => localStorage.clear());
    },
  },
  { name: "prompt-wrong", at: `${sample}?filter=wrong`, ready: results },
  { name: "prompt-no-match", at: `${sample}?q=zebra`, ready: (page) => page.getByText("No result matches").waitFor() },
  {
    name: "prompt-labels",
    at: `${sample}?tab=versions`,
    ready: async (page) => {
      await page.getByRole("button", { name: "Labels" }).click();
      await page.getByRole("menuitem", { name: /Promote to “production”/ }).waitFor();
    },
  },
  {
    name: "prompt-label-moves",
    at: `${sample}?tab=versions`,
    ready: async (page) => {
      await page.getByRole("button", { name: "Labels" }).click();
      await page.getByRole("menuitem", { name: "Where labels were" }).click();
      await page.getByText("moved from version 2 to version 1").waitFor();
    },
  },
  {
    name: "prompt-label-dragged",
    at: `${sample}?tab=versions`,
    ready: async (page) => {
      const versions = page.getByRole("grid", { name: "Versions" });
      await versions.getByText("production", { exact: true }).hover();
      await page.mouse.down();
      await versions.getByRole("row", { name: /Say what each topic means/ }).hover();
      await page.locator("[data-dragging] body > [aria-hidden]", { hasText: "production" }).waitFor();
    },
  },
  {
    name: "prompt-elsewhere",
    at: "/prompts/prompt-elsewhere?tab=versions",
    ready: (page) => page.getByText("No target project yet").waitFor(),
  },
  {
    name: "prompt-literal",
    at: sample,
    ready: async (page) => {
      const editor = page.getByRole("textbox", { name: "User message" });
      await editor.fill('Answer {text} as {"topic": "…"}, and without } alone.');
      const marks = page.locator(".cm-literal");
      await marks.nth(1).waitFor();
      const whys = await marks.evaluateAll((all) => all.map((mark) => mark.getAttribute("title") ?? ""));
      expect(whys.map((why) => why.includes("without its other half"))).toEqual([false, true]);
    },
  },
  {
    name: "prompt-suggestions",
    at: sample,
    ready: async (page) => {
      const editor = page.getByRole("textbox", { name: "User message" });
      await editor.fill("Words that take the cursor near to the edge of the column ");
      await editor.press("End");
      await editor.pressSequentially("{");
      const list = page.locator(".cm-tooltip-autocomplete");
      await list.getByRole("option").first().waitFor();
      expect(await list.evaluate(isWhole)).toBe(true);
      expect(await editor.evaluate(scrollsSideways)).toBe(false);
    },
  },
  {
    name: "prompt-duplicate",
    at: `${sample}?tab=versions`,
    ready: (page) => page.getByRole("button", { name: "Duplicate as a new prompt" }).click(),
  },
  ...["curl", "Python", "TypeScript"].map((language) => ({
    name: `prompt-code-${language.toLowerCase()}`,
    scene: "providers" as const,
    at: `${sample}?tab=versions`,
    ready: async (page: Page) => {
      await page.getByRole("button", { name: "Show as code" }).click();
      await page.getByRole("tab", { name: language }).click();
      await page.getByRole("textbox", { name: `${language} code` }).waitFor();
    },
  })),
  {
    name: "prompt-code-small",
    scene: "providers",
    at: `${sample}?tab=versions`,
    size: SMALL,
    ready: async (page) => {
      await page.getByRole("heading", { name: /^Version 2/ }).waitFor();
      await page.keyboard.press("Control+Shift+C");
      await page.getByRole("textbox", { name: "curl code" }).waitFor();
    },
  },
  {
    name: "prompt-code-none",
    at: `${sample}?tab=versions`,
    ready: async (page) => {
      await page.getByRole("button", { name: "Show as code" }).click();
      await page.getByText("The practice model is part of Touchstone").waitFor();
    },
  },
  {
    name: "prompt-versions",
    at: `${sample}?tab=versions`,
    ready: (page) => page.locator(".cm-deletedChunk, .cm-insertedLine, .cm-changedLine").first().waitFor(),
  },
  {
    name: "prompt-versions-small",
    at: `${sample}?tab=versions`,
    size: SMALL,
    ready: async (page) => {
      await page.locator(".cm-deletedChunk, .cm-insertedLine, .cm-changedLine").first().waitFor();
      const table = page.getByRole("grid", { name: "Versions" });
      const overflow = await table.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      expect(overflow, "the list of versions does not scroll sideways").toBe(0);
      const chip = table.getByText("production", { exact: true });
      const cut = await chip.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      expect(cut, "a label can be read").toBe(0);
    },
  },
  {
    name: "prompt-versions-side",
    at: `${sample}?tab=versions`,
    ready: async (page) => {
      await page.getByRole("radio", { name: "Side by side" }).click();
      await page.locator(".cm-merge-a .cm-line").first().waitFor();
    },
  },
  {
    name: "prompt-runs",
    at: `${sample}?tab=runs`,
    ready: (page) => page.getByRole("button", { name: "Run 2" }).waitFor(),
  },
  {
    name: "prompt-batch",
    scene: "providers",
    at: "/prompts/prompt-new",
    ready: async (page) => {
      await page.getByRole("button", { name: "Which tasks to run" }).click();
      await page.getByRole("menuitemradio", { name: "As a batch" }).click();
      await page.getByRole("button", { name: / as a batch$/ }).waitFor();
      await page.getByRole("button", { name: "Which tasks to run" }).click();
      await page.getByRole("menuitemradio", { name: "As a batch", checked: true }).waitFor();
    },
  },
  ...(["results", "runs"] as const).map(
    (tab): Screen => ({
      name: `prompt-batch-waits-${tab}`,
      scene: "providers",
      at: "/prompts/prompt-new",
      ready: async (page) => {
        await page.getByRole("button", { name: "Which tasks to run" }).click();
        await page.getByRole("menuitemradio", { name: "As a batch" }).click();
        await page.getByRole("button", { name: / as a batch$/ }).click();
        await page.getByText("Waiting for the batch at OpenAI").waitFor();
        if (tab === "runs") {
          await page.getByRole("tab", { name: "Runs" }).click();
          await page.getByText(/^Batch: /).waitFor();
        }
      },
    }),
  ),
  { name: "prompt-spans", at: "/prompts/prompt-contracts", ready: (page) => page.getByText("Task 1 of").waitFor() },
  {
    name: "prompt-spans-result",
    at: "/prompts/prompt-contracts",
    ready: async (page) => {
      await page.getByRole("row").nth(1).click();
      await page.getByRole("heading", { name: "How it was answered" }).waitFor();
    },
  },
  {
    name: "prompt-changed-small",
    at: "/prompts/prompt-contracts",
    size: SMALL,
    ready: (page) => page.getByText("Unsaved changes since").waitFor(),
  },
  { name: "prompt-zoomed", at: sample, size: ZOOMED, ready: (page) => page.getByText("of 59 correct").waitFor() },
  {
    name: "prompt-error",
    scene: "failing",
    at: sample,
    ready: (page) => page.getByText("could not be opened").waitFor(),
  },
  {
    name: "prompt-loading",
    scene: "loading",
    at: sample,
    ready: (page) => page.getByRole("status", { name: "Opening the prompt" }).waitFor(),
  },
  { name: "prompt-rtl", at: "/prompts/prompt-arabic", ready: (page) => page.getByText("Task 1 of").waitFor() },
  { name: "prompt-new", at: "/prompts/prompt-new", ready: (page) => page.getByText("Task 1 of").waitFor() },
  {
    name: "prompt-body",
    at: sample,
    ready: async (page) => {
      await page.getByRole("tab", { name: "JSON" }).click();
      await page.getByRole("tabpanel").locator("pre").first().waitFor();
    },
  },
  {
    name: "prompt-save",
    at: sample,
    ready: async (page) => {
      await results(page);
      await page.getByRole("textbox", { name: "User message" }).pressSequentially("Please. ");
      await page.keyboard.press("Control+s");
      await page.getByRole("textbox", { name: "Message" }).waitFor();
    },
  },
  {
    name: "prompt-parameters",
    at: sample,
    ready: async (page) => {
      await page.getByRole("button", { name: /Parameters/ }).click();
      await page.getByRole("textbox", { name: "Temperature" }).fill("9");
    },
  },
];

checkScreens(screens);
