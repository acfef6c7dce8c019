import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { connect, ipc } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { NOW } from "@/ipc/fake-world";
import { createQueryClient } from "@/ipc/queries";
import { ModelSelect } from "./ModelSelect";
import { RetirementBanner, useRetirement } from "./RetirementBanner";

/** The banner of a draft that asks OpenAI's model of this name, if there is one. */
function Warning({ model, onReplace }: { model: string; onReplace: (model: string) => void }) {
  const retirement = useRetirement({ connection_id: "connection-openai", model });
  return retirement && <RetirementBanner retirement={retirement} onReplace={onReplace} />;
}

async function show(children: ReactNode, { offline } = { offline: false }): Promise<void> {
  connect(createFake("providers"));
  await ipc.setSettings({ ...(await ipc.settings()), offline });
  render(<QueryClientProvider client={createQueryClient()}>{children}</QueryClientProvider>);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

it("finds a model of any connection by a part of its name", async () => {
  const onChange = vi.fn();
  const user = userEvent.setup();
  await show(<ModelSelect value={{ connection_id: null, provider: "custom", model: "" }} onChange={onChange} />);
  const select = await screen.findByRole("combobox", { name: "Base model" });
  expect(select.textContent, "no label runs into it").toBe("Choose a model");
  await user.click(select);
  await user.type(await screen.findByRole("combobox", { name: "Search models" }), "sonnet");
  const found = await screen.findByRole("option", { name: /claude-sonnet-4-5/ });
  expect(found.textContent).toContain("Retires Nov 30, 2026");
  expect(found.textContent).toContain("$3.00 in, $15.00 out");
  expect(screen.getAllByRole("option")).toHaveLength(1);
  await user.keyboard("{Enter}");
  expect(onChange).toHaveBeenCalledWith({ connection_id: "connection-anthropic", model: "claude-sonnet-4-5" });
});

it.each([false, true])(
  "says which models cannot be asked while Offline is on (%j), and offers them",
  async (offline) => {
    const user = userEvent.setup();
    const value = { connection_id: "connection-openai", provider: "open_ai", model: "gpt-4.1" } as const;
    const onChange = vi.fn();
    await show(<ModelSelect value={value} onChange={onChange} />, { offline });
    const select = await screen.findByRole("combobox", { name: "Base model" });
    await waitFor(() => expect(select.textContent).toBe(`Modelgpt-4.1${offline ? "Offline" : ""}`));
    await user.click(select);
    const isOff = async (name: RegExp) =>
      within(await screen.findByRole("option", { name })).queryByText("Offline") !== null;
    expect(await isOff(/^claude-sonnet-4-5/)).toBe(offline);
    expect(await isOff(/^qwen3:8b/), "it is on this computer").toBe(false);
    expect(await isOff(/^Practice model/)).toBe(false);
    await user.click(screen.getByRole("option", { name: /^claude-sonnet-4-5/ }));
    expect(onChange).toHaveBeenCalledWith({ connection_id: "connection-anthropic", model: "claude-sonnet-4-5" });
  },
);

it.each<[model: string, words: RegExp]>([
  ["gpt-4", /gpt-4 was retired on Oct 23, 2026/],
  ["gpt-4.1", /gpt-4.1 retires on Jan 14, 2027/],
])("warns of %s", async (model, words) => {
  const onReplace = vi.fn();
  const user = userEvent.setup();
  await show(<Warning model={model} onReplace={onReplace} />);
  expect(await screen.findByText(words)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Use gpt-6.1-sol" }));
  expect(onReplace).toHaveBeenCalledWith("gpt-6.1-sol");
});

it("says nothing of a model whose end is far", async () => {
  await show(
    <>
      <Warning model="gpt-5.4-nano" onReplace={vi.fn()} />
      <Warning model="gpt-4" onReplace={vi.fn()} />
    </>,
  );
  await screen.findByText(/gpt-4 was retired/);
  expect(screen.queryByText(/nano/)).toBeNull();
});
