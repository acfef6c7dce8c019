import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { connect, ipc } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { CodeDialog } from "./CodeDialog";

async function show(versionId: string): Promise<void> {
  connect(createFake("providers"));
  const { summary } = await ipc.getVersion(versionId);
  render(
    <QueryClientProvider client={createQueryClient()}>
      <CodeDialog version={summary} onClose={vi.fn()} />
    </QueryClientProvider>,
  );
}

it("goes through the languages by keyboard and copies what is shown", async () => {
  const user = userEvent.setup();
  await show("version-sample-2");
  await user.click(await screen.findByRole("tab", { name: "curl" }));
  await user.keyboard("{ArrowRight}");
  expect((await screen.findByRole("tab", { name: "Python" })).getAttribute("aria-selected")).toBe("true");
  expect(screen.getByText(/it reads OPENAI_API_KEY from the environment/)).toBeTruthy();
  expect(screen.getByText(/temperature is not sent/)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Copy" }));
  expect(await navigator.clipboard.readText()).toContain("from openai import OpenAI");
});

it("says why a version has no code", async () => {
  await show("version-sample-1");
  expect(await screen.findByText(/practice model is part of Touchstone/)).toBeTruthy();
  expect(screen.queryByRole("tab")).toBeNull();
});
