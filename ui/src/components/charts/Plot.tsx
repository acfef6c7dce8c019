// biome-ignore-all lint/a11y/useSemanticElements: an <svg> cannot be a <fieldset>
/** The ground that charts are drawn on: two axes with their names, and faint lines across. */
import { AxisBottom, AxisLeft, type AxisScale } from "@visx/axis";
import { GridRows } from "@visx/grid";
import { Group } from "@visx/group";
import type { ReactNode } from "react";

const MARGIN = { top: 26, right: 26, bottom: 42, left: 52 };

export type Size = { width: number; height: number };

/** What is left between the axes of a chart of this size. */
export function inside({ width, height }: Size): Size {
  return {
    width: Math.max(40, width - MARGIN.left - MARGIN.right),
    height: Math.max(40, height - MARGIN.top - MARGIN.bottom),
  };
}

type AxisOf<Value> = {
  /** With its unit, if the ticks do not have it. */
  name: string;
  // The scales of one chart differ from those of another; what an axis is drawn by is the same.
  scale: AxisScale;
  ticks: readonly Value[];
  format: (value: Value) => string;
};

type PlotProps<X> = Size & {
  /** What the chart shows, and the element that says it at more length. */
  label: string;
  describedBy: string;
  x: AxisOf<X>;
  y: AxisOf<number>;
  children: ReactNode;
};

const tickLabel = { fontFamily: "inherit", fontSize: 11, fill: "var(--subtler)", stroke: "none" };

export function Plot<X extends string | number>({ width, height, label, describedBy, x, y, children }: PlotProps<X>) {
  const room = inside({ width, height });
  return (
    <svg
      width={width}
      height={height}
      role="group"
      aria-label={label}
      aria-roledescription="chart"
      aria-describedby={describedBy}
      className="block font-sans text-content [print-color-adjust:exact]"
    >
      <Group left={MARGIN.left} top={MARGIN.top}>
        <g aria-hidden>
          <GridRows scale={y.scale} width={room.width} tickValues={[...y.ticks]} stroke="var(--border)" />
          <AxisLeft
            scale={y.scale}
            tickValues={[...y.ticks]}
            tickFormat={(value) => y.format(value as number)}
            hideAxisLine
            hideTicks
            tickLabelProps={tickLabel}
          />
          <AxisBottom
            top={room.height}
            scale={x.scale}
            tickValues={[...x.ticks]}
            tickFormat={(value) => x.format(value as X)}
            stroke="var(--border-field)"
            tickStroke="var(--border-field)"
            tickLength={5}
            tickLabelProps={tickLabel}
          />
          {/* Upright and over its axis, it is read without turning the head. */}
          <text x={-MARGIN.left + 4} y={-12} className="fill-subtle text-2xs font-semibold">
            {y.name}
          </text>
          <text x={room.width} y={room.height + 36} textAnchor="end" className="fill-subtle text-2xs font-semibold">
            {x.name}
          </text>
        </g>
        {children}
      </Group>
    </svg>
  );
}

/** The ring around the point that has the focus or is pointed at; no part of a picture that is copied. */
export function Ring({ x, y, radius }: { x: number; y: number; radius: number }) {
  return <circle data-focus cx={x} cy={y} r={radius} className="fill-none stroke-focus" strokeWidth={2} />;
}
