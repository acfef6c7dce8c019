import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DraftContent } from "@/ipc/bindings";
import { DraftKeeper } from "./draftKeeper";

const content = (text: string): DraftContent => ({
  messages: [{ role: "USER", content: text }],
  input_variable_format: "F_STRING",
  connection_id: null,
  model: "",
  provider: "custom",
  invocation_params: {},
  provider_params: {},
  extra: {},
});
const textOf = (draft: DraftContent) => draft.messages[0]?.content ?? undefined;

describe("draft keeper", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("saves within half a second of the last key, once", async () => {
    const save = vi.fn(async () => {});
    const keeper = new DraftKeeper(content(""), save);
    keeper.edit(content("a"));
    keeper.edit(content("ab"));
    expect(keeper.snapshot().saving).toBe("unsaved");
    await vi.advanceTimersByTimeAsync(500);
    expect(save.mock.calls).toEqual([[content("ab")]]);
    expect(keeper.snapshot().saving).toBe("saved");
  });

  it("saves within a second while somebody types on and on", async () => {
    const save = vi.fn(async (_: DraftContent) => {});
    const keeper = new DraftKeeper(content(""), save);
    for (let key = 1; key <= 20; key += 1) {
      keeper.edit(content("x".repeat(key)));
      await vi.advanceTimersByTimeAsync(150);
    }
    const lengths = save.mock.calls.map(([draft]) => textOf(draft)?.length);
    expect(lengths.length).toBeGreaterThanOrEqual(3);
    expect(lengths[0]).toBeLessThanOrEqual(7);
  });

  it("flushes at once, and what is typed meanwhile too", async () => {
    const saved: (string | undefined)[] = [];
    const keeper = new DraftKeeper(content(""), async (draft) => {
      saved.push(textOf(draft));
      if (textOf(draft) === "a") keeper.edit(content("b"));
    });
    keeper.edit(content("a"));
    await keeper.flush();
    expect(saved).toEqual(["a", "b"]);
  });

  it("does not let an arriving draft replace what is not saved yet", async () => {
    const keeper = new DraftKeeper(content("old"), async () => {});
    keeper.edit(content("typed"));
    keeper.arrive(content("restored"));
    expect(textOf(keeper.snapshot().content)).toBe("typed");
    await keeper.flush();
    keeper.arrive(content("restored"));
    expect(textOf(keeper.snapshot().content)).toBe("restored");
  });

  it("keeps the text and says why when it cannot be saved", async () => {
    const save = vi.fn().mockRejectedValueOnce(new Error("The disk is full.")).mockResolvedValue(undefined);
    const keeper = new DraftKeeper(content(""), save);
    keeper.edit(content("a"));
    await expect(keeper.flush()).rejects.toThrow("The disk is full.");
    expect(keeper.snapshot()).toMatchObject({ saving: "failed", content: content("a") });
    await keeper.flush();
    expect(keeper.snapshot().saving).toBe("saved");
  });
});
