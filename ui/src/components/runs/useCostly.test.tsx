import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import type { EstimatedCost, NewRun } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { runOf } from "@/lib/runs";
import { useCostly } from "./useCostly";

/** A button that starts a run which costs so much. */
function show(cost: EstimatedCost | "no estimate", part: Partial<NewRun> = {}) {
  const fake = createFake("providers");
  const { estimateRun } = fake.commands;
  fake.commands.estimateRun = async (run) => {
    if (cost === "no estimate") return { status: "error", error: { code: "invalid", message: "no", field: null } };
    const estimate = await estimateRun(run);
    return estimate.status === "ok" ? { ...estimate, data: { ...estimate.data, cost } } : estimate;
  };
  connect(fake);
  const start = vi.fn();
  const order: string[] = [];
  function Starter() {
    const costly = useCostly();
    const run = runOf("prompt-sample", { kind: "all" }, part);
    const prepare = async () => void order.push("prepared");
    return (
      <>
        <button type="button" onClick={() => void costly.check(run, start, prepare)}>
          Start
        </button>
        {costly.dialog}
      </>
    );
  }
  render(
    <QueryClientProvider client={createQueryClient()}>
      <TipProvider>
        <Starter />
      </TipProvider>
    </QueryClientProvider>,
  );
  return { start, order, user: userEvent.setup() };
}

const known = (high: number): EstimatedCost => ({ kind: "known", micros: { low: 1, high }, batch_micros: null });

it("asks once more, with the sum, before what may cost much is started", async () => {
  const { start, order, user } = show(known(115_206_600));
  await user.click(screen.getByRole("button", { name: "Start" }));
  await screen.findByRole("heading", { name: "This may cost up to $115.21" });
  expect(order).toEqual(["prepared"]);
  expect(start).not.toHaveBeenCalled();
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  expect(start).not.toHaveBeenCalled();
  await user.click(screen.getByRole("button", { name: "Start" }));
  await user.click(await screen.findByRole("button", { name: "Start for up to $115.21" }));
  expect(start).toHaveBeenCalledOnce();
});

it("asks by the price of batches what is asked as one", async () => {
  const cost: EstimatedCost = {
    kind: "known",
    micros: { low: 1_214_000, high: 115_206_600 },
    batch_micros: { low: 607_000, high: 57_603_300 },
  };
  const { user } = show(cost, { batch: true });
  await user.click(screen.getByRole("button", { name: "Start" }));
  const question = await screen.findByRole("alertdialog", { name: "This may cost up to $57.60" });
  expect(question.textContent).toContain("As a batch · $0.61–$57.60 · within 24 h.");
  expect(question.textContent).not.toContain("$115.21");
});

it.each<[what: string, cost: EstimatedCost | "no estimate", part?: Partial<NewRun>]>([
  ["little", known(19_990_000)],
  ["no more than its money stop", known(115_206_600), { limit_micros: 5_000_000 }],
  ["what nobody knows", { kind: "unknown", why: "price" }],
  ["nothing", { kind: "free" }],
  ["what is not told, as it is refused", "no estimate"],
])("starts at once what costs %s", async (_, cost, part) => {
  const { start, user } = show(cost, part);
  await user.click(screen.getByRole("button", { name: "Start" }));
  await vi.waitFor(() => expect(start).toHaveBeenCalledOnce());
  expect(screen.queryByRole("heading", { name: /^This may cost/ })).toBeNull();
});
