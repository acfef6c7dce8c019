import { describe, expect, it } from "vitest";
import { drawn, moved, resized } from "./shapes";

const box = { x: 10, y: 20, width: 30, height: 40, rotation: 0 };

describe("a box on a picture", () => {
  it("is drawn from any corner, and stays inside", () => {
    expect(drawn({ x: 40, y: 60 }, { x: 10, y: 20 })).toEqual(box);
    expect(drawn({ x: -5, y: 90 }, { x: 5, y: 120 })).toEqual({ x: 0, y: 90, width: 5, height: 10, rotation: 0 });
    expect(drawn({ x: 10, y: 10 }, { x: 10.2, y: 50 })).toBeNull();
  });

  it("is moved up to the edges", () => {
    expect(moved(box, { x: 1, y: -1 })).toEqual({ ...box, x: 11, y: 19 });
    expect(moved(box, { x: 500, y: 500 })).toEqual({ ...box, x: 70, y: 60 });
    expect(moved({ ...box, rotation: 45 }, { x: 500, y: 0 })).toEqual({ ...box, rotation: 45, x: 100 });
  });

  it("is resized by each corner, and never turned inside out", () => {
    expect(resized(box, "se", { x: 5, y: 5 })).toEqual({ ...box, width: 35, height: 45 });
    expect(resized(box, "nw", { x: 5, y: 5 })).toEqual({ ...box, x: 15, y: 25, width: 25, height: 35 });
    expect(resized(box, "nw", { x: 500, y: 0 })).toEqual({ ...box, x: 39.5, width: 0.5 });
    expect(resized(box, "se", { x: 500, y: 500 })).toEqual({ ...box, width: 90, height: 80 });
  });
});
