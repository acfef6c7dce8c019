import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { connect } from "@/ipc/client";
import { followEvents } from "@/ipc/events";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { NetworkSection } from "./NetworkSection";

function opened(fake = createFake("lived")) {
  connect(fake);
  const client = createQueryClient();
  followEvents(client);
  render(
    <QueryClientProvider client={client}>
      <NetworkSection offline={false} onOffline={() => {}} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

it("goes on with the line of an empty list once it is cleared", async () => {
  const user = opened();
  await user.click(await screen.findByRole("button", { name: "Clear the list" }));
  const line = await screen.findByText(/^No host is listed/);
  await waitFor(() => expect(document.activeElement).toBe(line));
});

it("leaves the focus of others alone while no host was contacted", async () => {
  const user = opened(createFake("first-run"));
  await screen.findByText(/^No host is listed/);
  expect(document.activeElement).toBe(document.body);
  await user.tab();
  expect(document.activeElement).toBe(screen.getByRole("checkbox", { name: /Offline/ }));
  await user.tab();
  expect(document.activeElement, "the line is no stop for Tab").toBe(document.body);
});

it("goes on in the list when all of a long one is shown", async () => {
  const fake = createFake("lived");
  const listed = await fake.commands.listContacts();
  if (listed.status === "error") throw new Error(listed.error.message);
  const [contact] = listed.data;
  if (contact === undefined) throw new Error("a world of some weeks has contacted somebody");
  const many = Array.from({ length: 60 }, (_, at) => ({ ...contact, host: `pictures-${at}.example.org` }));
  vi.spyOn(fake.commands, "listContacts").mockResolvedValue({ status: "ok", data: many });
  const user = opened(fake);
  await user.click(await screen.findByRole("button", { name: "Show all 60 entries" }));
  expect(screen.getByText("pictures-59.example.org")).toBeTruthy();
  expect(document.activeElement).toBe(screen.getByRole("region", { name: "Hosts that were contacted" }));
  const heads = screen.getAllByRole("columnheader").map((head) => head.getAttribute("scope"));
  expect(heads).toEqual(["col", "col", "col", "col"]);
});

it("tells a host where nothing answered from one that did", async () => {
  opened();
  const row = async (host: string) => (await screen.findByText(host)).closest("tr")?.textContent;
  expect(await row("192.168.0.7:8080")).toContain("2 requests: nothing answered");
  expect(await row("upload.wikimedia.org")).not.toContain("nothing answered");
});
