import { beforeEach, expect, it, vi } from "vitest";
import type { Result } from "@/components/labeling/editor/model";
import type { TaskDetail } from "@/ipc/bindings";
import { AnnotationKeeper } from "./keeper";

const save = vi.hoisted(() => vi.fn());
const remove = vi.hoisted(() => vi.fn());
vi.mock("@/ipc/client", () => ({
  ipc: { saveAnnotation: save, deleteAnnotation: remove, getTask: async () => ({ annotations: [] }) },
}));
beforeEach(() => {
  save.mockReset().mockResolvedValue({ annotations: [{ id: 7 }] } as unknown as TaskDetail);
});

const result: Result = [{ id: "a", from_name: "topic", value: { choices: ["Bug"] } }];
const other: Result = [{ id: "a", from_name: "topic", value: { choices: ["Question"] } }];
const keeper = (failed = () => {}) => new AnnotationKeeper(3, { id: 7, result, groundTruth: true }, () => {}, failed);

it("leaves alone what is only looked at", async () => {
  const kept = keeper();
  kept.edit(result);
  await kept.flush();
  expect(save).not.toHaveBeenCalled();
});

it("keeps an edit, once", async () => {
  const kept = keeper();
  kept.edit(other);
  await kept.flush();
  await kept.flush();
  expect(save).toHaveBeenCalledExactlyOnceWith(3, { id: 7, result: other, ground_truth: true });
});

it("keeps what was emptied as no ground truth until it says something again or is meant to say nothing", async () => {
  const kept = keeper();
  const keptAs = () => save.mock.lastCall?.[1];
  kept.edit([]);
  expect(kept.shown.groundTruth, "also before it is kept").toBe(false);
  await kept.flush();
  await kept.flush();
  expect(save).toHaveBeenCalledExactlyOnceWith(3, { id: 7, result: [], ground_truth: false });
  kept.edit(result);
  await kept.flush();
  expect(keptAs()).toEqual({ id: 7, result, ground_truth: true });
  kept.edit([]);
  await kept.mark(true);
  await kept.flush();
  expect(keptAs()).toEqual({ id: 7, result: [], ground_truth: true });
});

it("keeps none that was begun here and says nothing again, unless it was ground truth", async () => {
  const begun = () =>
    new AnnotationKeeper(
      3,
      { id: null, result: [], groundTruth: false },
      () => {},
      () => {},
    );
  const kept = begun();
  const edit = async (keeper: AnnotationKeeper, next: Result) => {
    keeper.edit(next);
    await keeper.flush();
  };
  await edit(kept, result);
  await edit(kept, []);
  expect(remove).toHaveBeenCalledExactlyOnceWith(7);
  expect(kept.shown).toEqual({ id: null, result: [], groundTruth: false });
  await edit(kept, result);
  expect(save, "and is made anew").toHaveBeenLastCalledWith(3, { id: null, result, ground_truth: false });
  const truth = begun();
  await edit(truth, result);
  await truth.mark(true);
  await truth.mark(false);
  await edit(truth, []);
  expect(remove).toHaveBeenCalledTimes(1);
});

it("says what could not be kept until it is given up", async () => {
  save.mockRejectedValue(new Error("full"));
  const failed = vi.fn();
  const kept = keeper(failed);
  kept.edit([]);
  await expect(kept.flush()).rejects.toThrow("full");
  await expect(kept.flush(), "it is tried again").rejects.toThrow("full");
  expect(failed).toHaveBeenCalledTimes(2);
  kept.drop();
  await kept.flush();
  expect(save).toHaveBeenCalledTimes(2);
});
