import { QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, it } from "vitest";
import type { RunSummary } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { useRunMetrics } from "./useRunMetrics";

it("shows nothing of a pause once the run goes on", async () => {
  const fake = createFake();
  connect(fake);
  const { runs } = fake.world.prompts.find(({ id }) => id === "prompt-sample") ?? { runs: [] };
  const read = await fake.commands.getRun(runs[0]?.id ?? "");
  if (read.status !== "ok") throw new Error("the sample was run");
  const client = createQueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const paused: RunSummary = { ...read.data, status: "paused" };
  const { result, rerender } = renderHook(useRunMetrics, { wrapper, initialProps: paused });
  await waitFor(() => expect(result.current?.latency).toBeTruthy());
  rerender({ ...paused, status: "in_progress" });
  expect(result.current).toBeUndefined();
  rerender(paused);
  expect(result.current?.latency).toBeTruthy();
});
