import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { runOf } from "@/lib/runs";
import { SampleDialog } from "./SampleDialog";
import { SAMPLE, type Sample } from "./subsets";

it("says what is wrong with a number as it is typed, and takes no more tasks than there are", async () => {
  connect(createFake());
  const onChoose = vi.fn<(sample: Sample) => void>();
  const user = userEvent.setup();
  render(
    <QueryClientProvider client={createQueryClient()}>
      <TipProvider>
        <SampleDialog
          initial={SAMPLE}
          most={400}
          runOf={(sample) => runOf("prompt-sample", sample)}
          onChoose={onChoose}
          onClose={() => undefined}
        />
      </TipProvider>
    </QueryClientProvider>,
  );
  const field = screen.getByRole("textbox", { name: "How many tasks" });
  for (const typed of ["0", "abc", "1e3", "-5", "401", " "]) {
    await user.clear(field);
    await user.type(field, typed);
    expect(screen.getByText("Enter a whole number from 1 to 400."), typed).toBeTruthy();
    await user.keyboard("{Enter}");
  }
  expect(onChoose).not.toHaveBeenCalled();
  await user.clear(field);
  await user.type(field, "400");
  expect(screen.queryByText(/^Enter a whole number/)).toBeNull();
  await user.keyboard("{Enter}");
  expect(onChoose).toHaveBeenCalledWith({ kind: "sample", tasks: 400, seed: null });
});
