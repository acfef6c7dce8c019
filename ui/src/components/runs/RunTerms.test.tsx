import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import type { EstimatedCost } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { runOf } from "@/lib/runs";
import { PLAIN, RunTerms, refusedTerms, type Terms } from "./RunTerms";

/** Of a model that a vendor prices. */
function show(onTerms: (terms: Terms) => void = () => undefined) {
  const fake = createFake("providers");
  const { estimateRun } = fake.commands;
  fake.commands.estimateRun = async (run) => {
    const estimate = await estimateRun(run);
    if (estimate.status === "ok") {
      const { requests } = estimate.data;
      const micros = { low: requests * 1_000, high: requests * 2_000 };
      const cost: EstimatedCost = { kind: "known", micros, batch_micros: null };
      const isShort = run.limit_micros !== null && run.limit_micros < 5_000;
      Object.assign(estimate.data, { cost, short: isShort ? "one answer may cost up to $0.005; set it higher" : null });
      estimate.data.batch_refused = null;
    }
    return estimate;
  };
  connect(fake);
  function Terms() {
    const [terms, setTerms] = useState(PLAIN);
    onTerms(terms);
    const run = runOf("prompt-sample", { kind: "sample", tasks: 20, seed: null }, terms);
    return <RunTerms run={run} onChange={(part) => setTerms((now) => ({ ...now, ...part }))} />;
  }
  render(
    <QueryClientProvider client={createQueryClient()}>
      <TipProvider>
        <Terms />
      </TipProvider>
    </QueryClientProvider>,
  );
}

it("offers to ask again what can be reused, for its price", async () => {
  const onTerms = vi.fn();
  show(onTerms);
  const again = await screen.findByRole("checkbox", { name: "Ask again" });
  expect(again.getAttribute("aria-checked")).toBe("false");
  await screen.findByText("2 answers can be reused; asking again pays for them: $0.02–$0.04 in all");
  await screen.findByText(/^20 tasks, 18 to ask, 2 reused/);
  await userEvent.setup().click(again);
  expect(onTerms).toHaveBeenLastCalledWith({ ...PLAIN, ask_again: true });
  await screen.findByText(/^20 tasks, 20 to ask ·/);
});

it("takes a money stop, and says which could not pay for one answer", async () => {
  const onTerms = vi.fn();
  show(onTerms);
  const user = userEvent.setup();
  const field = screen.getByRole("textbox", { name: /Money stop in dollars/ });
  await user.type(field, "0.004");
  expect(onTerms).toHaveBeenLastCalledWith({ ...PLAIN, limit_micros: 4_000 });
  await screen.findByText("One answer may cost up to $0.005; set it higher.");
  await user.clear(field);
  await user.type(field, "0");
  await screen.findByText("Enter more than $0, or nothing for no stop.");
  expect(refusedTerms({ ...PLAIN, limit_micros: 0 })).toBeDefined();
});

it("offers a batch where the vendor takes it", async () => {
  const onTerms = vi.fn();
  show(onTerms);
  await userEvent.setup().click(await screen.findByRole("checkbox", { name: /^As a batch/ }));
  expect(onTerms).toHaveBeenLastCalledWith({ ...PLAIN, batch: true });
});
