import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import type { NewRun } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { createFake, type Fake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { EstimateLine } from "./EstimateLine";

const run: NewRun = {
  prompt_id: "prompt-sample",
  version_id: null,
  model: null,
  repetition: null,
  ask_again: false,
  subset: { kind: "sample", tasks: 20, seed: null },
  picked: null,
  only: null,
  concurrency: null,
  batch: false,
  limit_micros: null,
};

function show(change: (fake: Fake) => void = () => undefined, shown: NewRun = run) {
  const fake = createFake("providers");
  change(fake);
  connect(fake);
  const client = createQueryClient();
  const line = (run: NewRun) => (
    <QueryClientProvider client={client}>
      <TipProvider>
        <EstimateLine run={run} />
      </TipProvider>
    </QueryClientProvider>
  );
  const { rerender } = render(line(shown));
  return (run: NewRun) => rerender(line(run));
}

it("follows what is chosen", async () => {
  const choose = show();
  expect(screen.getByText("Estimating what it takes")).toBeTruthy();
  await screen.findByText(/^20 tasks, 18 to ask, 2 reused · price unknown/);
  choose({ ...run, subset: { kind: "sample", tasks: 10, seed: null } });
  await screen.findByText(/^10 tasks, 9 to ask, 1 reused/);
});

it("says why such a run would be refused", async () => {
  show(undefined, { ...run, limit_micros: 1_000_000 });
  await screen.findByText(/^A money stop could not be kept: the price of gpt-4 is not known/);
});

it("says in words why there is no estimate", async () => {
  show((fake) => {
    const error = { code: "invalid", message: "write a user message", field: null } as const;
    fake.commands.estimateRun = async () => ({ status: "error", error });
  });
  await screen.findByText("No estimate: Write a user message.");
});

it("shows what is known at once, and then what the vendor counts, unless it does not", async () => {
  const waiting: (() => void)[] = [];
  let fails = false;
  const blind = (fake: Fake) => {
    const { estimateRun, countedEstimate } = fake.commands;
    fake.commands.estimateRun = async (run) => {
      const estimate = await estimateRun(run);
      if (estimate.status === "ok") {
        estimate.data.basis = { kind: "rule_of_thumb" };
        estimate.data.cost = { kind: "known", micros: { low: 100, high: 90_000 }, batch_micros: null };
      }
      return estimate;
    };
    fake.commands.countedEstimate = async (runs) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (fails) return { status: "error", error: { code: "internal", message: "broken", field: null } };
      const estimate = await countedEstimate(runs);
      if (estimate.status === "ok") estimate.data.basis = { kind: "counted", tasks: 5, by: "anthropic" };
      return estimate;
    };
  };
  const choose = show(blind);
  await screen.findByText("By rule of thumb: the model has not answered yet.");
  await vi.waitFor(() => expect(waiting.length).toBe(1));
  waiting.pop()?.();
  await screen.findByText("By Anthropic’s count of the input of 5 tasks; output by rule of thumb.");

  fails = true;
  choose({ ...run, subset: { kind: "sample", tasks: 10, seed: null } });
  await screen.findByText(/^10 tasks, 9 to ask, 1 reused/);
  await vi.waitFor(() => expect(waiting.length).toBe(1));
  waiting.pop()?.();
  await screen.findByText("By rule of thumb: the model has not answered yet.");
});
