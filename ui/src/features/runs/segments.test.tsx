import { QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, it } from "vitest";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { useSegments } from "./segments";

type Which = "newest" | "oldest" | { number: number; version: number; oneBefore: number };

/** The segments of the newest or the oldest run of the sample prompt, or of one that is said to be beside one other. */
async function segments(which: Which) {
  const fake = createFake();
  connect(fake);
  const listed = await fake.commands.listRuns("prompt-sample");
  if (listed.status !== "ok") throw new Error("the sample was run");
  const [newest, oldest] = [listed.data[0], listed.data.at(-1)];
  if (newest === undefined || oldest === undefined) throw new Error("the sample was run");
  const run =
    typeof which === "object"
      ? { ...newest, number: which.number, version_number: which.version }
      : which === "newest"
        ? newest
        : oldest;
  const runs =
    typeof which === "object" ? [run, { ...oldest, number: 2, version_number: which.oneBefore }] : listed.data;
  const client = createQueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const { result } = renderHook(() => useSegments(run, runs), { wrapper });
  const { options, more } = result.current;
  const atFirst = options.map(({ value }) => value);
  const inMenuAtFirst = more.map(({ value }) => value);
  const reasonAtFirst = more.find(({ value }) => value === "changed")?.disabledReason;
  const isCounted = () =>
    result.current.options.some(({ value, count }) => value === "needs_review" && count !== undefined);
  await waitFor(() => expect(isCounted()).toBe(true));
  return { result, atFirst, inMenuAtFirst, reasonAtFirst };
}

it("says since which run answers changed", async () => {
  const { result, atFirst } = await segments("newest");
  expect(atFirst, "it pushes nothing away when it is known").toContain("changed");
  await waitFor(() => expect(result.current.since).toBe("since run 1, version 1"));
  expect(result.current.options.map(({ label }) => label)).toEqual([
    "All",
    "Needs review",
    "Changed",
    "Wrong",
    "Failed",
  ]);
});

it("says why nothing can have changed where no earlier version was run", async () => {
  const { result, atFirst } = await segments("oldest");
  expect(atFirst).not.toContain("changed");
  expect(result.current.options.map(({ value }) => value)).not.toContain("changed");
  const changed = () => result.current.more.find(({ value }) => value === "changed");
  await waitFor(() => expect(changed()?.disabledReason).toMatch(/^No earlier version/));
});

it("claims nothing of earlier versions before that is known", async () => {
  const { inMenuAtFirst, reasonAtFirst } = await segments("oldest");
  expect(inMenuAtFirst).toContain("changed");
  expect(reasonAtFirst).toBe("Not known yet");
});

it("guesses by versions, whatever the order of their runs, and always has the segment somewhere", async () => {
  const later = await segments({ number: 1, version: 2, oneBefore: 1 });
  expect(later.atFirst, "the earlier version was run after it").toContain("changed");
  expect(later.inMenuAtFirst).not.toContain("changed");
  const older = await segments({ number: 3, version: 1, oneBefore: 2 });
  expect(older.atFirst, "an older version that was run again").not.toContain("changed");
  expect(older.inMenuAtFirst).toContain("changed");
});
