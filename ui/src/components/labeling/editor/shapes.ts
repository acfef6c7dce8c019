/** Boxes while they are drawn, moved and resized: always inside the picture, never turned inside out. */
import type { BoxShape } from "../boxes";

type Point = { x: number; y: number };

/** Per cent of the picture; a smaller drag was a click. */
const SIDE_MIN = 0.5;

const within = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most);
/** As exact as anyone can draw. */
const rounded = (value: number) => Math.round(value * 1e4) / 1e4;

/** The box between two points; `null` when that is none. */
export function drawn(from: Point, to: Point): BoxShape | null {
  const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)].map((x) => within(x, 0, 100)) as [
    number,
    number,
  ];
  const [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y)].map((y) => within(y, 0, 100)) as [
    number,
    number,
  ];
  if (right - left < SIDE_MIN || bottom - top < SIDE_MIN) return null;
  return shape({ x: left, y: top, width: right - left, height: bottom - top, rotation: 0 });
}

export function moved(was: BoxShape, by: Point): BoxShape {
  // A turned box leans over its own edges; only its corner is held inside.
  const [wide, high] = was.rotation === 0 ? [was.width, was.height] : [0, 0];
  return shape({
    ...was,
    x: within(was.x + by.x, 0, Math.max(0, 100 - wide)),
    y: within(was.y + by.y, 0, Math.max(0, 100 - high)),
  });
}

/** Draws one corner to another place; the one across from it stays. */
export function resized(was: BoxShape, corner: "nw" | "ne" | "sw" | "se", by: Point): BoxShape {
  let { x, y, width, height } = was;
  if (corner.includes("e")) width = within(width + by.x, SIDE_MIN, Math.max(SIDE_MIN, 100 - x));
  else {
    const right = x + width;
    x = within(x + by.x, 0, right - SIDE_MIN);
    width = right - x;
  }
  if (corner.includes("s")) height = within(height + by.y, SIDE_MIN, Math.max(SIDE_MIN, 100 - y));
  else {
    const bottom = y + height;
    y = within(y + by.y, 0, bottom - SIDE_MIN);
    height = bottom - y;
  }
  return shape({ x, y, width, height, rotation: was.rotation });
}

function shape({ x, y, width, height, rotation }: BoxShape): BoxShape {
  return { x: rounded(x), y: rounded(y), width: rounded(width), height: rounded(height), rotation };
}
