import { describe, expect, it } from "vitest";
import {
  clampOffset,
  edgeSpeed,
  type Geometry,
  isCompressed,
  lastOffset,
  offsetAt,
  offsetShowing,
  physicalHeight,
  rowsDrawnMax,
  rowsToDraw,
  scrollTopAt,
} from "./rowWindow";

const million: Geometry = { count: 1_000_000, rowHeight: 44, viewport: 600 };
const hundred: Geometry = { count: 100, rowHeight: 44, viewport: 600 };

describe("row window", () => {
  it("reaches the last of a million rows at the end of the scrollbar", () => {
    expect(isCompressed(million)).toBe(true);
    expect(physicalHeight(million)).toBeLessThan(8_388_607);
    const end = offsetAt(million, physicalHeight(million) - million.viewport);
    expect(rowsToDraw(million, end, 0).end).toBe(1_000_000);
    expect(offsetAt(million, 0)).toBe(0);
  });

  it("moves by exact rows although the scrollbar is compressed", () => {
    const offset = 500_000 * 44;
    expect(offsetAt(million, scrollTopAt(million, offset))).toBeCloseTo(offset, 3);
    expect(rowsToDraw(million, clampOffset(million, offset + 3 * 44), 0).start).toBe(500_001);
  });

  it("is plain scrolling where everything fits", () => {
    expect(isCompressed(hundred)).toBe(false);
    expect(offsetAt(hundred, 1234)).toBe(1234);
    expect(rowsToDraw(hundred, 440, 2)).toEqual({ start: 6, end: 27 });
  });

  it("never looks past the ends", () => {
    expect(rowsToDraw({ ...hundred, count: 3 }, 0, 6)).toEqual({ start: 0, end: 3 });
    expect(rowsToDraw({ ...hundred, count: 0 }, 0, 6)).toEqual({ start: 0, end: 0 });
    expect(lastOffset({ ...hundred, count: 1 })).toBe(0);
  });

  it("draws every row in sight, and never more rows than there are elements for", () => {
    for (let offset = 0; offset <= lastOffset(hundred); offset += 7) {
      const { start, end } = rowsToDraw(hundred, offset, 2);
      expect(start).toBeLessThanOrEqual(Math.max(0, Math.floor(offset / 44) - 2));
      expect(end).toBeGreaterThanOrEqual(Math.min(100, Math.ceil((offset + hundred.viewport) / 44) + 2));
      expect(end - start).toBeLessThanOrEqual(rowsDrawnMax(hundred, 2));
    }
  });

  it("scrolls no further than needed to show a row", () => {
    expect(offsetShowing(hundred, 440, 12)).toBe(440);
    expect(offsetShowing(hundred, 440, 5)).toBe(220);
    expect(offsetShowing(hundred, 0, 20)).toBe(21 * 44 - 600);
    expect(offsetShowing(million, 0, 999_999)).toBe(lastOffset(million));
  });

  it("scrolls faster the nearer to an edge something is held", () => {
    const speeds = [99, 100, 120, 139, 140, 250, 360, 361, 380, 400, 401].map((y) => edgeSpeed(y, 100, 400));
    expect(speeds.map((speed) => Number(speed.toFixed(2)))).toEqual([
      -0.8, -0.8, -0.4, -0.02, 0, 0, 0, 0.02, 0.4, 0.8, 0.8,
    ]);
  });

  it("has a place that does not scroll in a table of few rows", () => {
    expect(edgeSpeed(30, 0, 60)).toBe(0);
  });
});
