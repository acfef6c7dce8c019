import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { TipProvider } from "@/components/ui/Tip";
import type { ImportIssue } from "@/ipc/bindings";
import { Issues } from "./ImportReportView";

const issue: ImportIssue = {
  kind: "duplicate",
  file: "Feedback",
  item: 2,
  line: null,
  remote_id: 4_711,
  message: "its data equals that of task 4709",
};

function shown(issues: ImportIssue[]) {
  render(
    <TipProvider>
      <Issues projectId="p" issues={issues} more={0} />
    </TipProvider>,
  );
  const texts = (role: string) => screen.getAllByRole(role).map(({ textContent }) => textContent);
  return { heads: texts("columnheader"), cells: texts("cell") };
}

it("names a task of a server by its id there", () => {
  const { heads, cells } = shown([issue]);
  expect(heads).toEqual(["Task", "What", "Why"]);
  expect(cells).toEqual(["4711", "Duplicate", "Its data equals that of task 4709."]);
});

it("names an item of a file by its place", () => {
  const { heads, cells } = shown([{ ...issue, line: 7, remote_id: null, message: "its data equals that of item 1" }]);
  expect(heads).toEqual(["Line", "Item", "What", "Why"]);
  expect(cells.slice(0, 2)).toEqual(["7", "2"]);
});
