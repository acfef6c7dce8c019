import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
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
  await screen.findByText(/^20 tasks, 18 to ask, 2 owned · price unknown/);
  choose({ ...run, subset: { kind: "sample", tasks: 10, seed: null } });
  await screen.findByText(/^10 tasks, 9 to ask, 1 owned/);
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
