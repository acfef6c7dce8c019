/** Where the ticks of axes are. */

/** At most `most` of them, evenly, the first among them. */
export function thinned<Value>(values: readonly Value[], most: number): Value[] {
  const step = Math.max(1, Math.ceil(values.length / Math.max(1, most)));
  return values.filter((_, index) => index % step === 0);
}

/** The shares between which intervals lie, with some air, in whole steps of five points. */
export function shareDomain(lows: readonly number[], highs: readonly number[]): [low: number, high: number] {
  const low = Math.floor((Math.min(1, ...lows) - 0.02) * 20) / 20;
  const high = Math.ceil((Math.max(0, ...highs) + 0.02) * 20) / 20;
  return [Math.max(0, low), Math.min(1, high)];
}

type Box = { x: number; y: number; width: number; height: number };

/**
 * Where the names of points stand so that none lies on a point or on another name, as far as there is room: right of it,
 * left, above, below. Gives the left end and the baseline of each.
 */
export function placed(
  points: readonly { x: number; y: number; width: number }[],
  room: { width: number; height: number },
): { x: number; y: number }[] {
  const HEIGHT = 12;
  const AWAY = 9;
  const taken: Box[] = points.map(({ x, y }) => ({ x: x - 6, y: y - 6, width: 12, height: 12 }));
  return points.map(({ x, y, width }) => {
    const places: Box[] = [
      { x: x + AWAY, y: y - HEIGHT - 1, width, height: HEIGHT },
      { x: x - AWAY - width, y: y - HEIGHT - 1, width, height: HEIGHT },
      { x: x + AWAY, y: y + 2, width, height: HEIGHT },
      { x: x - AWAY - width, y: y + 2, width, height: HEIGHT },
      { x: x + AWAY, y: y - 2.5 * HEIGHT, width, height: HEIGHT },
      { x: x + AWAY, y: y + 1.5 * HEIGHT, width, height: HEIGHT },
    ];
    const isFree = (box: Box) =>
      box.x >= -4 && box.x + box.width <= room.width + 8 && box.y >= -8 && !taken.some((other) => overlap(box, other));
    const inRoom = places.find(({ x }) => x >= -4 && x + width <= room.width + 8);
    const box = places.find(isFree) ?? inRoom ?? { x, y, width, height: HEIGHT };
    taken.push(box);
    return { x: box.x, y: box.y + HEIGHT - 2 };
  });
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}
