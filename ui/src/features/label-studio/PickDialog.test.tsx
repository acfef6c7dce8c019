import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { PickDialog } from "./PickDialog";

// Without a layout nothing has a height, and no row would be in sight.
beforeEach(() => void vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(480));

it.each([
  ["Street scenes", "Uses Video, which prompts cannot read yet."],
  ["Support tickets by topic", /^An ML backend is connected: /],
])("says what is to be minded of %s once, where the project is chosen too", async (title, words) => {
  connect(createFake("linked"));
  render(
    <QueryClientProvider client={createQueryClient()}>
      <TipProvider>
        <PickDialog onClose={() => {}} onCreatePrompt={() => {}} />
      </TipProvider>
    </QueryClientProvider>,
  );
  await userEvent.setup().click(await screen.findByText(title));
  expect(await screen.findAllByText(words)).toHaveLength(1);
});
