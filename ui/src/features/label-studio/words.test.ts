import { describe, expect, it } from "vitest";
import type { PullPlan, Push, PushPlan, PushState } from "@/ipc/bindings";
import {
  doneWords,
  isFree,
  mayDelete,
  nameOf,
  openPushes,
  prelabelWords,
  pullLines,
  pullsNothing,
  pushAction,
  pushAtWork,
  pushesNothing,
  pushLines,
  removalWords,
  serverWords,
} from "./words";

it.each([
  ["https://label.team.example/", "label.team.example"],
  ["label.team.example:8080/label", "label.team.example:8080"],
  ["http://127.0.0.1:8080", "127.0.0.1:8080"],
  ["", ""],
  ["http://", ""],
])("calls the server at %j %j", (address, name) => {
  expect(nameOf(address)).toBe(name);
});

it("says of a server what is known", () => {
  const unknown = { version: null, edition: null, user: null, role: null };
  expect(serverWords(unknown)).toBe("");
  expect(serverWords({ ...unknown, user: "ann@team.example" })).toBe("ann@team.example");
  expect(serverWords({ version: "2.36.0", edition: "enterprise", user: "Ann", role: "Manager" })).toBe(
    "Label Studio 2.36.0, Enterprise · Ann · Manager",
  );
});

it("says before a server is removed what stays and what is forgotten", () => {
  expect(removalWords({ linked: 0 }, 0)).toHaveLength(1);
  const words = removalWords({ linked: 2 }, 1).join(" ");
  expect(words).toContain("2 projects that came from it stay here");
  expect(words).toContain("1 run that waits");
});

const same: PullPlan = {
  is_new: false,
  title: "Contracts",
  tasks: 10,
  changed: 0,
  new: 0,
  gone: 0,
  kept: 0,
  edited_here: 0,
  config: null,
};

describe("a pull", () => {
  it("brings nothing where nothing is new, changed or gone there, whatever was kept or edited here", () => {
    expect(pullsNothing(same, false)).toBe(true);
    expect(pullsNothing({ ...same, kept: 3, edited_here: 2 }, true)).toBe(true);
    expect(pullsNothing({ ...same, new: 1 }, false)).toBe(false);
    expect(pullsNothing({ ...same, gone: 1 }, false)).toBe(false);
  });

  it("brings a config only when it is taken", () => {
    const config = { before: "<View/>", after: "<View></View>", faults: [], ineligible: null };
    expect(pullsNothing({ ...same, config }, false)).toBe(true);
    expect(pullsNothing({ ...same, config }, true)).toBe(false);
  });

  it("lists only what there is", () => {
    expect(pullLines({ ...same, new: 3, gone: 1 }).map(({ title, value }) => [title, value])).toEqual([
      ["New tasks", 3],
      ["Gone there", 1],
    ]);
  });
});

const plan: PushPlan = {
  model_version: "Contracts@9f3a1c7e",
  server_name: "Team",
  title: "Contracts",
  url: "https://label.team.example/projects/12",
  predictions: 0,
  of_other_data: 0,
  unchanged: 300,
  replaced: 0,
  failed_tasks: 0,
  not_there: 0,
  annotations: 0,
  ground_truths: 0,
  prelabels_with: null,
  prelabels_replaced: 0,
  covers_all: false,
  waiting: null,
};
const beside = { other_versions: "beside", annotations: false, ground_truth: false, prelabel: false } as const;

describe("a push", () => {
  it.each<[Partial<PushPlan>, string]>([
    [{}, "Give back"],
    [{ predictions: 1 }, "Write 1 prediction"],
    [{ predictions: 1204, annotations: 37 }, "Write 1,204 predictions and 37 annotations"],
    [
      { predictions: 1204, annotations: 37, ground_truths: 1, replaced: 412 },
      "Write 1,204 predictions, 37 annotations and 1 mark, delete 412",
    ],
    [{ replaced: 412 }, "Delete 412"],
    [{ predictions: 5, waiting: "offline is on" }, "Give back once it is reached"],
  ])("with %j is the button “%s”", (part, words) => {
    expect(pushAction({ ...plan, ...part })).toBe(words);
  });

  it("writes nothing where all is there, and waits even so while the server is not reached", () => {
    expect(pushesNothing(plan, beside)).toBe(true);
    expect(pushesNothing({ ...plan, waiting: "offline is on" }, beside)).toBe(false);
    expect(pushesNothing({ ...plan, replaced: 1 }, beside)).toBe(false);
  });

  it("writes which version tasks begin with, where it is another one", () => {
    const prelabel = { ...beside, prelabel: true };
    expect(pushesNothing(plan, prelabel)).toBe(false);
    expect(pushesNothing({ ...plan, prelabels_with: plan.model_version }, prelabel)).toBe(true);
    expect(prelabelWords({ ...plan, prelabels_with: "Other @1" })).toContain("It names “Other\u00a0@1” now.");
    const replaced = { ...plan, prelabels_with: "Earlier @1", prelabels_replaced: 40 };
    expect(prelabelWords(replaced)).toContain("40 predictions of it are deleted");
    expect(isFree(plan)).toBe(true);
    expect(isFree({ ...plan, prelabels_with: "Other @1", covers_all: true })).toBe(false);
    expect(isFree(replaced), "other tasks begin with it still").toBe(false);
    expect(isFree({ ...replaced, covers_all: true })).toBe(true);
    expect(isFree({ ...plan, waiting: "offline is on" })).toBe(false);
    expect(prelabelWords({ ...plan, waiting: "offline is on" })).toContain("is not known before");
  });

  it("is asked about again where it deletes, or may", () => {
    const replace = { ...beside, other_versions: "replace" } as const;
    expect(mayDelete({ ...plan, replaced: 1 }, replace)).toBe(true);
    expect(mayDelete(plan, replace), "there is nothing to delete").toBe(false);
    expect(mayDelete({ ...plan, waiting: "offline is on" }, replace), "how much is not known").toBe(true);
    expect(mayDelete({ ...plan, waiting: "offline is on" }, beside)).toBe(false);
  });

  it("tells of what is chosen even where there is none of it", () => {
    const { written, left } = pushLines({ ...plan, not_there: 4 }, beside);
    expect(written).toEqual([{ title: "Predictions to write", value: 0 }]);
    expect(left.map(({ value }) => value)).toEqual([300, 0, 4]);
    const waits = pushLines({ ...plan, unchanged: 0, waiting: "offline is on" }, beside).left;
    expect(
      waits.map(({ title }) => title),
      "what is there is not known",
    ).toEqual(["Failed here", "Not there"]);
    const all = { other_versions: "replace", annotations: true, ground_truth: true, prelabel: true } as const;
    expect(pushLines(plan, all).written.map(({ value }) => value)).toEqual([0, 0, 0, 0]);
    const stale = pushLines({ ...plan, predictions: 9, of_other_data: 2 }, beside).written;
    expect(
      stale.map(({ value }) => value),
      "what is not of the data of now is told beside them",
    ).toEqual([9, 2]);
  });
});

it("says how far a push has come", () => {
  expect(doneWords({ written: 0, unchanged: 0, failed: 0 })).toBe("Nothing written yet");
  expect(doneWords({ written: 1204, unchanged: 300, failed: 2 })).toBe("1,204 written, 300 were there, 2 failed");
});

describe("pushes that are listed", () => {
  const listed = (id: number, state: PushState, part: Partial<Push> = {}): Push => ({
    id,
    run_id: "run-1",
    prompt_name: "Find parties",
    version: 1,
    server_name: "Team",
    title: "Contracts",
    state,
    written: 0,
    unchanged: 0,
    failed: 0,
    reason: null,
    created_at: "2026-03-01T09:00:00Z",
    finished_at: null,
    ...part,
  });

  it("are those that are not done, and those of which something failed", () => {
    const all = [
      listed(1, "waiting"),
      listed(2, "under_way"),
      listed(3, "failed"),
      listed(4, "done", { written: 310 }),
      listed(5, "done", { written: 310, failed: 2, reason: "the server refused them" }),
    ];
    expect(openPushes(all).map(({ id }) => id)).toEqual([1, 2, 3, 5]);
  });

  it("have at most one of a run at work, also before it was taken", () => {
    const other = listed(9, "under_way", { run_id: "run-2" });
    const over = [listed(4, "done"), listed(3, "failed")];
    expect(pushAtWork([other, ...over], "run-1")).toBeUndefined();
    expect(pushAtWork([other, listed(5, "waiting"), ...over], "run-1")?.id).toBe(5);
    expect(pushAtWork([listed(6, "waiting"), listed(5, "under_way")], "run-1")?.id).toBe(5);
  });
});
