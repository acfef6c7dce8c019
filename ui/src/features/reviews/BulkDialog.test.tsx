import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import type { ReviewVerdict } from "@/ipc/bindings";
import { type Bulk, BulkDialog } from "./BulkDialog";

const truth: Bulk["verdict"] = { kind: "accept", ground_truth: true };

function show(bulk: Partial<Bulk>) {
  const onDecide = vi.fn<(verdict: ReviewVerdict) => void>();
  render(
    <TipProvider>
      <BulkDialog
        verdict={truth}
        count={231}
        failed={19}
        tasks={{ kind: "all", reasons: [] }}
        isGrowing={false}
        waiting={false}
        onDecide={onDecide}
        onClose={() => {}}
        {...bulk}
      />
    </TipProvider>,
  );
  return { onDecide, user: userEvent.setup() };
}

it("says how many become what, and how many stay", async () => {
  const { onDecide, user } = show({});
  screen.getByRole("heading", { name: "Accept 212 predictions?" });
  screen.getByText("19 tasks without a usable answer stay in the queue.");
  screen.getByText(/runs are scored against it from now on/);
  await user.click(screen.getByRole("radio", { name: "Annotations only" }));
  screen.getByText(/No score changes/);
  await user.click(screen.getByRole("button", { name: "Accept 212" }));
  expect(onDecide).toHaveBeenCalledWith({ kind: "accept", ground_truth: false });
});

it("rejects those that failed too", async () => {
  const { onDecide, user } = show({ verdict: { kind: "reject" } });
  await user.click(screen.getByRole("button", { name: "Reject 231" }));
  expect(onDecide).toHaveBeenCalledWith({ kind: "reject" });
});

it("accepts nothing where nothing was answered", async () => {
  const { onDecide, user } = show({ count: 2, failed: 2 });
  await user.click(screen.getByRole("button", { name: "Accept 0" }));
  expect(onDecide).not.toHaveBeenCalled();
});
