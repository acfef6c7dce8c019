import { scaleLinear, scalePoint } from "@visx/scale";
import { LinePath } from "@visx/shape";
import type { Interval } from "@/ipc/bindings";
import { formatPercent, formatShare } from "@/lib/format";
import { Figure } from "./Figure";
import { inside, Plot, Ring } from "./Plot";
import { usePoints } from "./points";
import { ErrorBar } from "./Scatter";
import { shareDomain, thinned } from "./ticks";

export type LineSeries = { name: string; points: readonly LinePoint[] };

type LinePoint = {
  /** Where it stands on the x axis: "v3". */
  x: string;
  /** In [0, 1]. */
  y: Interval;
};

type LineProps = {
  title: string;
  summary: string;
  xName: string;
  yName: string;
  /** Its places, in their order. */
  xs: readonly string[];
  series: readonly LineSeries[];
  className?: string;
};

const HEIGHT = 260;
/** Points that are nearer to each other have no intervals: they would be a fence. */
const DENSE_PX = 14;
/** Between points of several series at one place. */
const ASIDE_PX = 7;

/** How shares went from one thing to the next, with their intervals. */
export function Line({ title, summary, xName, yName, xs, series, className }: LineProps) {
  const points = series.flatMap(({ name, points }, place) => points.map((point) => ({ ...point, name, place })));
  const { at, group, point } = usePoints(points.length);
  const isSeveral = series.length > 1;
  const words = ({ x, y, name }: (typeof points)[number]) => `${isSeveral ? `${name}, ` : ""}${x}: ${formatShare(y)}`;
  const pointed = at === undefined ? undefined : points[at];
  return (
    <Figure
      title={title}
      summary={summary}
      height={HEIGHT}
      className={className}
      reading={pointed && words(pointed)}
      legend={
        isSeveral ? series.map(({ name }, place) => ({ name, mark: <Mark x={6} y={6} place={place} /> })) : undefined
      }
      table={{
        columns: [
          ...(isSeveral ? [{ title: "Series" }] : []),
          { title: xName },
          { title: yName, format: formatPercent },
          { title: "Low", format: formatPercent },
          { title: "High", format: formatPercent },
        ],
        rows: points.map(({ name, x, y }) => [...(isSeveral ? [name] : []), x, y.value, y.low, y.high]),
      }}
    >
      {({ width, height, describedBy }) => {
        const room = inside({ width, height });
        const x = scalePoint({ domain: [...xs], range: [0, room.width], padding: 0.5 });
        const domain = shareDomain(
          points.map(({ y }) => y.low),
          points.map(({ y }) => y.high),
        );
        const y = scaleLinear({ domain, range: [room.height, 0] });
        const isDense = x.step() < DENSE_PX * series.length;
        // Several at one place stand beside each other, or their intervals would lie on each other.
        const aside = (place: number) => (isDense ? 0 : (place - (series.length - 1) / 2) * ASIDE_PX);
        const spot = (one: LinePoint, place: number) => ({ x: (x(one.x) ?? 0) + aside(place), y: y(one.y.value) });
        return (
          <Plot
            width={width}
            height={height}
            label={title}
            describedBy={describedBy}
            x={{ name: xName, scale: x, ticks: thinned(xs, room.width / 44), format: (place) => place }}
            y={{ name: yName, scale: y, ticks: y.ticks(5), format: (share) => formatPercent(share, 0) }}
          >
            {series.map(({ name, points }, place) => (
              <LinePath
                key={name}
                aria-hidden
                data={[...points]}
                x={(one) => spot(one, place).x}
                y={(one) => spot(one, place).y}
                className={lookOf(place).line}
                strokeWidth={2}
                strokeDasharray={lookOf(place).dashes}
              />
            ))}
            <g {...group}>
              {points.map((one, index) => {
                const { x: left, y: top } = spot(one, one.place);
                return (
                  <g key={`${one.name} ${one.x}`} {...point(index, words(one))}>
                    {!isDense && <ErrorBar x={left} low={y(one.y.low)} high={y(one.y.high)} />}
                    <circle cx={left} cy={top} r={12} className="fill-transparent" />
                    {isDense ? (
                      <circle cx={left} cy={top} r={2.5} className={lookOf(one.place).mark} />
                    ) : (
                      <Mark x={left} y={top} place={one.place} />
                    )}
                  </g>
                );
              })}
            </g>
            {pointed !== undefined && <Ring {...spot(pointed, pointed.place)} radius={9} />}
          </Plot>
        );
      }}
    </Figure>
  );
}

/** Series differ by form and dashes, and not by their colour alone. */
const LOOKS = [
  { line: "stroke-chart-1", mark: "fill-chart-1", dashes: undefined, form: "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0Z" },
  { line: "stroke-chart-2", mark: "fill-chart-2", dashes: "7 3", form: "M-4.5 -4.5H4.5V4.5H-4.5Z" },
  { line: "stroke-chart-3", mark: "fill-chart-3", dashes: "2 3", form: "M0 -6L6 5H-6Z" },
  { line: "stroke-chart-5", mark: "fill-chart-5", dashes: "9 3 2 3", form: "M0 -6.5L6 0L0 6.5L-6 0Z" },
] as const;

function lookOf(place: number): (typeof LOOKS)[number] {
  return LOOKS[place % LOOKS.length] ?? LOOKS[0];
}

function Mark({ x, y, place }: { x: number; y: number; place: number }) {
  const { form, mark } = lookOf(place);
  return <path d={form} transform={`translate(${x} ${y})`} className={`stroke-background ${mark}`} strokeWidth={1.5} />;
}
