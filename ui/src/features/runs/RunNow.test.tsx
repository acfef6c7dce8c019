import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import type { RunProgress, RunSummary } from "@/ipc/bindings";
import { connect, ipc } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { RunNow } from "./RunNow";

/** The run at work of a world, as its page has it. */
async function show(part: Partial<RunProgress> = {}, run: Partial<RunSummary> = {}) {
  const fake = createFake("running");
  connect(fake);
  const [known] = await ipc.activeRuns();
  if (known === undefined) throw new Error("the scene has a run under way");
  const progress = { ...known, ...part, run: { ...known.run, ...run } };
  const onShowError = vi.fn<(code: string | undefined) => void>();
  const page = (shownError?: string) => (
    <QueryClientProvider client={createQueryClient()}>
      <TipProvider>
        <RunNow
          run={progress.run}
          progress={progress}
          isFolded={false}
          shownError={shownError}
          onShowError={onShowError}
        />
      </TipProvider>
    </QueryClientProvider>
  );
  const { rerender } = render(page());
  return { user: userEvent.setup(), onShowError, press: (code: string) => rerender(page(code)) };
}

const card = (name: string) => screen.getByText(name).nextElementSibling?.textContent;

it("says how many requests are in flight against the limit, how long answers took, and why it is not faster", async () => {
  await show({}, { limit_micros: 2_000_000, cost_micros: 1_120_000 });
  expect(card("In flight")).toBe("8of 8 requests at once");
  expect(card("Speed")).toBe("8.4 a secondabout 15 min left");
  expect(card("Spent of the money stop")).toBe("$1.12 of $2.00");
  expect(screen.getByText("Tokens per minute 180k of 200k; spreading the rest over 12 s.")).toBeTruthy();
  expect((await screen.findByText(/^p95 /)).parentElement?.textContent).toMatch(/^\d.*s.*p95 /);
});

it("does not claim to know what another program has in flight", async () => {
  await show({ worker: { kind: "elsewhere" }, in_flight: 0, waiting: null });
  expect(card("In flight")).toMatch(/^Not known/);
});

it("tells why tasks failed, each way once, and leads to those tasks and back", async () => {
  const { user, onShowError, press } = await show();
  const causes = within(await screen.findByRole("region", { name: "Why tasks failed" }));
  const cause = await causes.findByRole("button", { name: /The answer was not JSON.*not_json/ });
  const counts = causes.getAllByRole("button").map((one) => Number.parseInt(one.textContent ?? "", 10));
  expect(counts.length).toBe(2);
  expect(counts, "the most frequent first").toEqual(counts.toSorted((a, b) => b - a));
  await user.click(cause);
  expect(onShowError).toHaveBeenLastCalledWith("not_json");
  press("not_json");
  const pressed = await screen.findByRole("button", { name: /not_json/, pressed: true });
  await user.click(pressed);
  expect(onShowError).toHaveBeenLastCalledWith(undefined);
});
