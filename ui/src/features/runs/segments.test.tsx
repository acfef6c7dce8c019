import { QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, it } from "vitest";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { useSegments } from "./segments";

/** The segments of the newest or the oldest run of the sample prompt. */
async function segments(which: "newest" | "oldest") {
  const fake = createFake();
  connect(fake);
  const { runs } = fake.world.prompts.find(({ id }) => id === "prompt-sample") ?? { runs: [] };
  const all = await fake.commands.listRuns("prompt-sample");
  const run = await fake.commands.getRun((which === "newest" ? runs[0] : runs.at(-1))?.id ?? "");
  if (run.status !== "ok" || all.status !== "ok") throw new Error("the sample was run");
  const client = createQueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const { result } = renderHook(() => useSegments(run.data, all.data), { wrapper });
  const atFirst = result.current.options.map(({ value }) => value);
  const isCounted = () =>
    result.current.options.some(({ value, count }) => value === "needs_review" && count !== undefined);
  await waitFor(() => expect(isCounted()).toBe(true));
  return { result, atFirst };
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
  const changed = result.current.more.find(({ value }) => value === "changed");
  expect(changed?.disabledReason).toMatch(/^No earlier version/);
});
