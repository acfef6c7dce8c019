import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { LocalModels } from "./LocalModels";

function opened() {
  const fake = createFake("first-run");
  connect(fake);
  const look = vi.spyOn(fake.commands, "findLocalServers");
  const nothing = () => {};
  const { unmount } = render(
    <QueryClientProvider client={createQueryClient()}>
      <LocalModels onAdded={nothing} onShowConnection={nothing} onEnterKey={nothing} />
    </QueryClientProvider>,
  );
  return { fake, look, unmount, user: userEvent.setup() };
}

const button = (name: string) => screen.getByRole("button", { name });
const isRefused = (name: string) => button(name).getAttribute("aria-disabled") === "true";
const status = () => screen.getByRole("status").textContent ?? "";

it("tests one model at a time, and adds none meanwhile", async () => {
  const { fake, user } = opened();
  const asked = vi.spyOn(fake.commands, "testLocalModel");
  await user.click(await screen.findByRole("button", { name: "Test gemma3:4b" }));
  await screen.findByRole("button", { name: "Cancel" });
  expect(["Test qwen3:8b", "Add qwen3:8b", "Add gemma3:4b"].filter((name) => !isRefused(name))).toEqual([]);
  await user.click(button("Test qwen3:8b"));
  expect(asked, "of one model").toHaveBeenCalledTimes(1);
  await user.click(button("Cancel"));
  await screen.findByRole("button", { name: "Test gemma3:4b" });
  expect(status()).toBe("The test was canceled");
  expect(isRefused("Add qwen3:8b")).toBe(false);
});

it("tells the steps of its own test and what came of it, where screen readers listen from the start", async () => {
  const { fake, user } = opened();
  const teller = screen.getByRole("status");
  await waitFor(() => expect(status()).toBe("3 servers found"));
  await user.click(button("Test gemma3:4b"));
  await waitFor(() => expect(status()).toContain("4 requests at once"));
  fake.send.localTest({ port: 8080, model: "another", step: "schema", parallel: null });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(status(), "of another model nothing is told").toContain("4 requests at once");
  await waitFor(() => expect(status()).toMatch(/^Works: gemma3:4b answered/), { timeout: 3000 });
  expect(screen.getByRole("status")).toBe(teller);
});

it("asks another port again with the usual ones, and shows what Rust knows of each model", async () => {
  const { look, user } = opened();
  const field = await screen.findByRole("textbox", { name: "Another port" });
  await user.type(field, "70000{Enter}");
  expect(await screen.findByText("Enter a port from 1 to 65535.")).toBeTruthy();
  await user.clear(field);
  await user.type(field, "8082{Enter}");
  expect(await screen.findByText("No model server answers on port 8082.")).toBeTruthy();
  await user.type(field, "8081{Enter}");
  const other = await screen.findByRole("region", { name: "Model server on port 8081" });
  await user.click(within(other).getByRole("button", { name: /^Test mistralai/ }));
  await within(other).findByRole("button", { name: /^Test again/ }, { timeout: 3000 });
  look.mockClear();
  await user.click(button("Look again"));
  await waitFor(() => expect(status()).toBe("4 servers found"));
  expect(look.mock.calls.flat()).toEqual([[], [8082], [8081]]);
  expect(within(other).getByText(/Up to 4 requests at once help/)).toBeTruthy();
});

it("tests a model before it is added, unless that was done, and adds none whose test was canceled", async () => {
  const { fake, user } = opened();
  const added = vi.spyOn(fake.commands, "addLocalModel");
  await user.click(await screen.findByRole("button", { name: "Add gemma3:4b" }));
  await user.click(await screen.findByRole("button", { name: "Cancel" }));
  await screen.findByRole("button", { name: "Test gemma3:4b" });
  expect(added).not.toHaveBeenCalled();
  expect(screen.queryByRole("alert")).toBeNull();
  await user.click(button("Add gemma3:4b"));
  await waitFor(() => expect(added).toHaveBeenCalledTimes(1), { timeout: 3000 });
  expect(await screen.findByText(/Up to 4 requests at once help/)).toBeTruthy();
});

it("ends a test that nobody waits for any more", async () => {
  const { fake, user, unmount } = opened();
  const end = vi.spyOn(fake.commands, "cancelLocalTest");
  await user.click(await screen.findByRole("button", { name: "Test gemma3:4b" }));
  await screen.findByRole("button", { name: "Cancel" });
  unmount();
  expect(end).toHaveBeenCalledTimes(1);
});
