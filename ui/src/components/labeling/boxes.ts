/** Boxes on pictures: places in per cent of the picture, from its upper left corner, as Label Studio has them. */
import type { CSSProperties } from "react";
import type { Outline, OutlineNode, Region } from "@/ipc/bindings";
import { formatCount, formatNumber, formatPercent } from "@/lib/format";
import { classesOf, colourOf, spanOf, valueText } from "./regions";

export type BoxShape = {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Degrees, clockwise about the upper left corner. */
  rotation: number;
};

export type Box = BoxShape & {
  id: string;
  labels: string[];
  /** Of its first label. */
  colour: string;
  /** The picture that it is on, where there are several. */
  item: number;
};

/** A region's place on a picture, or `null` when it has none. */
export function boxOf(region: Region, control: OutlineNode | undefined): Box | null {
  const { x, y, width, height, rotation } = region.value;
  if (typeof x !== "number" || typeof y !== "number" || typeof width !== "number" || typeof height !== "number") {
    return null;
  }
  const item = (region as { item_index?: unknown }).item_index;
  const labels = classesOf(region);
  return {
    id: region.id,
    x,
    y,
    width,
    height,
    rotation: typeof rotation === "number" ? rotation : 0,
    labels,
    colour: colourOf(control, labels[0] ?? ""),
    item: typeof item === "number" ? item : 0,
  };
}

/** Whether a region is a place in a text or on a picture. */
export function isMark(region: Region): boolean {
  return spanOf(region) !== null || boxOf(region, undefined) !== null;
}

/** What an annotation holds, in a few words: the one answer itself, else how many; only places are regions. */
export function heldWords(entries: readonly Region[]): string {
  const held = entries
    .filter(({ type }) => type !== "relation")
    // A file may hold one without.
    .map((region): Region => (region.value instanceof Object ? region : { ...region, value: {} }));
  const places = held.filter(isMark).length;
  const answers = held.filter((region) => !isMark(region));
  const [answer] = answers;
  const words = places > 0 ? [formatCount(places, "region")] : [];
  if (answers.length > 1) words.push(formatCount(answers.length, "answer"));
  else if (answer !== undefined) words.push(valueText(answer) || "1 answer");
  return words.length === 0 ? "nothing marked" : words.join(", ");
}

/** The boxes on one picture of an object. */
export function boxesOn(node: OutlineNode, outline: Outline, regions: readonly Region[], item: number): Box[] {
  return regions
    .filter((region) => region.to_name === node.name && region.type === "rectanglelabels")
    .map((region) =>
      boxOf(
        region,
        outline.nodes.find((control) => control.name === region.from_name),
      ),
    )
    .filter((box) => box !== null && box.item === item) as Box[];
}

export function boxPlace({ x, y, width, height, rotation }: BoxShape): CSSProperties {
  return {
    left: `${x}%`,
    top: `${y}%`,
    width: `${width}%`,
    height: `${height}%`,
    ...(rotation === 0 ? {} : { transform: `rotate(${rotation}deg)`, transformOrigin: "0 0" }),
  };
}

/** "Car, at 10 %, 20 %, 30 by 40 %" */
export function boxName(box: Box): string {
  return `${box.labels.join(", ") || "Box"}, ${boxWords(box)}`;
}

/** "at 10 %, 20 %, 30 by 40 %" */
export function boxWords({ x, y, width, height }: BoxShape): string {
  const [left, top, high] = [x, y, height].map((value) => formatPercent(value / 100, 0));
  return `at ${left}, ${top}, ${formatNumber(Math.round(width))} by ${high}`;
}
