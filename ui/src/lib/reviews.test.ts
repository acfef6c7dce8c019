import { describe, expect, it } from "vitest";
import type { ReviewItem, ReviewPage } from "@/ipc/bindings";
import {
  decidedWords,
  movedUp,
  type PlacedPage,
  passedOverWords,
  reasonWords,
  undoneWords,
  withoutTasks,
} from "./reviews";

const item = (task_id: number, part: Partial<ReviewItem> = {}): ReviewItem => ({
  task_id,
  position: task_id - 1,
  data: {},
  prediction: [],
  error: null,
  reasons: ["disagreement"],
  confidence: null,
  others: [],
  answered: 0,
  ...part,
});

const page = (items: ReviewItem[], total: number): ReviewPage => ({
  total,
  total_is_final: true,
  counts: { failed: 0, disagreement: total, low_confidence: 1 },
  items,
});

const ids = (pages: PlacedPage[]) => pages.map((placed) => placed.page.items.map(({ task_id }) => task_id));

describe("the pages of a queue", () => {
  const pages = [
    { offset: 2, limit: 2, page: page([item(3), item(4)], 6) },
    { offset: 0, limit: 2, page: page([item(1), item(2, { reasons: ["disagreement", "low_confidence"] })], 6) },
  ];

  it("move up where a task leaves, from page to page", () => {
    const moved = movedUp(pages, new Set([2]));
    expect(ids(moved)).toEqual([[4], [1, 3]]);
    expect(moved.map(({ page }) => page.total)).toEqual([5, 5]);
    expect(moved[0]?.page.counts).toEqual({ failed: 0, disagreement: 5, low_confidence: 0 });
  });

  it("leave what comes behind a gap to be read again", () => {
    const moved = movedUp([...pages, { offset: 8, limit: 2, page: page([item(9), item(10)], 6) }], new Set([1]));
    expect(ids(moved)).toEqual([[4], [2, 3], [10]]);
  });

  it("stay what they are without the task", () => {
    expect(ids(movedUp(pages, new Set([77])))).toEqual([
      [3, 4],
      [1, 2],
    ]);
    const [, first] = pages;
    expect(first && withoutTasks(first.page, new Set([77]))).toBe(first?.page);
  });

  it("count one that is read while it is decided about no more", () => {
    const read = withoutTasks(page([item(1), item(2)], 6), new Set([1]));
    expect(read.items.map(({ task_id }) => task_id)).toEqual([2]);
    expect(read.total).toBe(5);
  });
});

describe("what is said", () => {
  it("gives the reasons their numbers", () => {
    const others = [1, 2, 3].map((number) => ({ run_id: String(number), prediction: [] }));
    const doubtful = { others, answered: 4, confidence: 0.543 };
    expect(reasonWords("disagreement", doubtful)).toBe("Runs disagree 3 of 4");
    expect(reasonWords("low_confidence", doubtful)).toBe("Confidence 54\u202f%");
  });

  it("tells one decision from many, and what was passed over", () => {
    expect(decidedWords({ kind: "accept", ground_truth: false }, { decided: 1 })).toBe("Accepted as an annotation");
    expect(decidedWords({ kind: "reject" }, { decided: 1200 })).toBe("1,200 predictions rejected");
    expect(passedOverWords({ passed_over: 0 })).toBeUndefined();
    expect(passedOverWords({ passed_over: 1 })).toBe("1 task without a usable answer stays in the queue.");
  });

  it("says when not everything could be taken back", () => {
    expect(undoneWords(1, 1)).toBe("The decision is taken back");
    expect(undoneWords(231, 231)).toBe("231 decisions taken back");
    expect(undoneWords(3, 4)).toBe("3 of 4 decisions taken back");
  });
});
