import { beforeEach, expect, it, vi } from "vitest";
import type { Result } from "@/components/labeling/editor/model";
import type { TaskDetail } from "@/ipc/bindings";
import { AnnotationKeeper } from "./keeper";

const save = vi.hoisted(() => vi.fn());
vi.mock("@/ipc/client", () => ({ ipc: { saveAnnotation: save } }));
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
