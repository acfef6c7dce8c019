import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { ImportPlan } from "@/ipc/bindings";
import { FilePreview } from "./FilePreview";

/** How the items of a file are counted, the first of which are on these lines. */
function counted(lines: readonly (number | null)[]): string[] {
  const preview = lines.map((line, index) => ({ item: index + 1, line, data: { text: "It came." }, problem: null }));
  const plan = { columns: [{ name: "text", sample: "" }], preview, unmapped: [] } as unknown as ImportPlan;
  const { unmount } = render(<FilePreview plan={plan} trusted />);
  const cells = [screen.getAllByRole("columnheader")[0], ...screen.getAllByRole("cell")];
  const words = cells.filter((_, index) => index === 0 || index % 2 === 1).map((cell) => cell?.textContent ?? "");
  unmount();
  return words;
}

it("counts lines where they tell items apart, and items otherwise", () => {
  expect(counted([2, 4])).toEqual(["Line", "2", "4"]);
  expect(counted([1, 1, 1]), "all on one line").toEqual(["Item", "1", "2", "3"]);
  expect(counted([null, null]), "without lines").toEqual(["Item", "1", "2"]);
  expect(counted([3])).toEqual(["Line", "3"]);
});
