import { expect, it } from "vitest";
import { SCROLL_BAR_PX, SELECTION_PX } from "@/components/table/DataTable";
import { countFitting } from "./ProjectTasks";

it("counts as many columns as have room, however wide the table is, and never less than two", () => {
  const columns = [84, 140, 140, 140, 140, 92, 110].map((least_px) => ({ least_px }));
  const needed_px = (count: number) =>
    columns.slice(0, count).reduce((sum, { least_px }) => sum + least_px, SELECTION_PX + SCROLL_BAR_PX);
  for (let width = 0; width <= 1200; width += 1) {
    const count = countFitting(columns, width);
    expect(count).toBeGreaterThanOrEqual(2);
    if (count > 2) expect(needed_px(count), `at ${width}`).toBeLessThanOrEqual(width);
    if (count < columns.length) expect(needed_px(count + 1), `at ${width}`).toBeGreaterThan(width);
  }
});
