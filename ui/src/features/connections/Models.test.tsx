import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { connect } from "@/ipc/client";
import { followEvents } from "@/ipc/events";
import { createFake } from "@/ipc/fake";
import { connectionsQuery, createQueryClient } from "@/ipc/queries";
import { Models } from "./Models";

function OpenAiModels() {
  const connection = useQuery(connectionsQuery()).data?.find(({ provider }) => provider === "open_ai");
  return connection === undefined ? null : <Models connection={connection} unasked={undefined} />;
}

it("takes a price of one's own, says what is wrong with another, and goes back to the catalogue's", async () => {
  const fake = createFake("providers");
  connect(fake);
  const client = createQueryClient();
  followEvents(client);
  render(
    <QueryClientProvider client={client}>
      <OpenAiModels />
    </QueryClientProvider>,
  );
  const user = userEvent.setup();
  const row = async () => (await screen.findByText("gpt-6-luna")).closest("tr") as HTMLElement;
  const words = (await row()).textContent;
  for (const said of [
    "Effort low, medium, high, xhigh, max; also without reasoning (none).",
    "Does not take temperature, top_p.",
    " out$0.10cached $0.01batch $0.05$0.50batch $0.25",
  ]) {
    expect(words).toContain(said);
  }
  await user.click(within(await row()).getByLabelText("Change the price of gpt-6-luna"));
  const input = (await screen.findByLabelText("Input")) as HTMLInputElement;
  expect(input.value).toBe("0.1");
  await user.clear(input);
  await user.type(input, "free{Enter}");
  expect(await screen.findByText(/“free” is no amount/)).toBeTruthy();
  await user.clear(input);
  await user.type(input, "0.075{Enter}");
  await waitFor(async () => expect((await row()).textContent).toMatch(/\$0\.075.*\$0\.50your price/));
  const sent = vi.spyOn(fake.commands, "setModelPrice");
  await user.click(within(await row()).getByLabelText("Change the price of gpt-6-luna"));
  await user.click(await screen.findByText("Use the catalogue’s"));
  await waitFor(async () => expect((await row()).textContent).not.toContain("your price"));
  expect(sent).toHaveBeenCalledWith("connection-openai", "gpt-6-luna", null);
});
