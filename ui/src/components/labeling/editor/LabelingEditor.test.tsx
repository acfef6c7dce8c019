import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it, vi } from "vitest";
import type { OutlineClass, OutlineNode } from "@/ipc/bindings";
import { LabelingEditor } from "./LabelingEditor";
import type { Result } from "./model";

const names = Array.from({ length: 30 }, (_, index) => `Place ${index + 1}`);
const taxonomy = {
  kind: "control",
  tag: "Taxonomy",
  name: "place",
  to_name: ["text"],
  classes: names.map((value): OutlineClass => ({ value, alias: null, colour: "#FFA39E", hotkey: null })),
  paths: names.map((name) => [name]),
  multiple: true,
  visible_when: [] as OutlineNode["visible_when"],
  needs: null,
  skipped: null,
} as OutlineNode;
const outline = { nodes: [taxonomy] };

const text = {
  ...taxonomy,
  kind: "object",
  tag: "Text",
  name: "text",
  value: "$text",
  variable: "text",
  classes: [],
  to_name: [],
};
const labels = {
  ...taxonomy,
  tag: "Labels",
  name: "ner",
  paths: [],
  multiple: false,
  classes: taxonomy.classes.slice(0, 2),
};
const spans = { nodes: [labels, text] as OutlineNode[] };

function Editor({ of = outline }: { of?: { nodes: OutlineNode[] } }) {
  const [result, setResult] = useState<Result>([]);
  return (
    <QueryClientProvider client={new QueryClient()}>
      <button type="button" onClick={() => setResult([])}>
        Undo
      </button>
      <LabelingEditor taskId={1} outline={of} data={{ text: "Anna in Oslo" }} result={result} onEdit={setResult} />
    </QueryClientProvider>
  );
}

it("says of a taxonomy that it takes several, as it does", async () => {
  render(<Editor />);
  const list = screen.getByRole("listbox", { name: "Classes of place" });
  expect(list.getAttribute("aria-multiselectable")).toBe("true");
  for (const name of ["Place 2", "Place 5"]) await userEvent.click(screen.getByRole("option", { name }));
  expect(screen.getAllByRole("option", { selected: true })).toHaveLength(2);
});

it("tells what was marked, and not when it was taken back or some time has passed", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
  render(<Editor of={spans} />);
  const told = () => screen.getAllByRole("status").at(-1)?.textContent;
  const markFirst = async () => {
    screen.getByRole("textbox", { name: /^text/ }).focus();
    await user.keyboard("{Home}{Control>}{Shift>}{ArrowRight}{/Shift}{/Control}1");
  };
  await markFirst();
  expect(told()).toBe("Marked “Anna” as Place 1");
  await user.click(screen.getByRole("button", { name: "Undo" }));
  expect(told()).toBe("");
  await markFirst();
  expect(told()).toBe("Marked “Anna” as Place 1");
  act(() => void vi.advanceTimersByTime(6_000));
  expect(told()).toBe("");
  vi.useRealTimers();
});
