import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import type { NewRun } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { runOf } from "@/lib/runs";
import { SeveralDialog } from "./SeveralDialog";

it("starts a run for each version and repetition, once what was typed is kept", async () => {
  const fake = createFake();
  const started: NewRun[][] = [];
  const flush = vi.fn(async () => {});
  const startRuns = fake.commands.startRuns;
  fake.commands.startRuns = async (runs) => {
    expect(flush).toHaveBeenCalled();
    started.push(runs);
    return startRuns(runs);
  };
  connect(fake);
  const onStarted = vi.fn();
  const run = runOf("prompt-sample", { kind: "ground-truth" }, { limit_micros: 5 });
  render(
    <QueryClientProvider client={createQueryClient()}>
      <TipProvider>
        <SeveralDialog run={run} tasks={20} flush={flush} onStarted={onStarted} onClose={() => {}} />
      </TipProvider>
    </QueryClientProvider>,
  );
  const user = userEvent.setup();
  await user.click(await screen.findByRole("checkbox", { name: /^Version 1:/ }));
  const repetitions = screen.getByRole("textbox", { name: "Repetitions" });
  await user.clear(repetitions);
  await user.type(repetitions, "11");
  expect(screen.getByText("Enter a number from 1 to 10.")).toBeTruthy();
  await user.clear(repetitions);
  await user.type(repetitions, "2");
  expect(screen.getByText("4 runs, each over 20 tasks")).toBeTruthy();
  await user.keyboard("{Enter}");
  await vi.waitFor(() => expect(onStarted).toHaveBeenCalledOnce());
  const told = started[0]?.map((one) => [one.version_id, one.model, one.repetition, one.limit_micros]);
  expect(told).toEqual([
    [null, null, { number: 1, of: 2 }, 5],
    [null, null, { number: 2, of: 2 }, 5],
    ["version-sample-1", null, { number: 1, of: 2 }, 5],
    ["version-sample-1", null, { number: 2, of: 2 }, 5],
  ]);
});
