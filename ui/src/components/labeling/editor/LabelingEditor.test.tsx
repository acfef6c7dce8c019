import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
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

function Editor() {
  const [result, setResult] = useState<Result>([]);
  return (
    <QueryClientProvider client={new QueryClient()}>
      <LabelingEditor taskId={1} outline={outline} data={{}} result={result} onEdit={setResult} />
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
