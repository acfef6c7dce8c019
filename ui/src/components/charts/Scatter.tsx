import { scaleLinear } from "@visx/scale";
import type { Interval } from "@/ipc/bindings";
import { formatPercent, formatShare } from "@/lib/format";
import { Figure } from "./Figure";
import { inside, Plot, Ring } from "./Plot";
import { usePoints } from "./points";
import { placed, shareDomain } from "./ticks";

export type ScatterPoint = {
  id: string;
  name: string;
  x: number;
  /** In [0, 1]. */
  y: Interval;
  /** No other point is better in one and no worse in the other. */
  isBest: boolean;
};

type ScatterProps = {
  title: string;
  summary: string;
  xName: string;
  yName: string;
  points: readonly ScatterPoint[];
  format: (x: number) => string;
  className?: string;
};

const HEIGHT = 260;
/** Of a letter of a name, on the average, in pixels. */
const LETTER_PX = 5.8;
const NAME_LETTERS_MAX = 28;

/** What is paid against what is got for it, with the line of those that no other one beats. Lower is better on the x axis. */
export function Scatter({ title, summary, xName, yName, points: unordered, format, className }: ScatterProps) {
  const points = [...unordered].sort((a, b) => a.x - b.x || a.y.value - b.y.value);
  const { at, group, point } = usePoints(points.length);
  const words = ({ name, x, y, isBest }: ScatterPoint) =>
    `${name}: ${format(x)}, ${formatShare(y)}${isBest ? "; none is better for less" : ""}`;
  const pointed = at === undefined ? undefined : points[at];
  return (
    <Figure
      title={title}
      summary={summary}
      height={HEIGHT}
      className={className}
      reading={pointed && words(pointed)}
      table={{
        columns: [
          { title: "Name" },
          { title: xName, format },
          { title: yName, format: formatPercent },
          { title: "Low", format: formatPercent },
          { title: "High", format: formatPercent },
          { title: "On the frontier" },
        ],
        rows: points.map(({ name, x, y, isBest }) => [name, x, y.value, y.low, y.high, isBest ? "yes" : "no"]),
      }}
    >
      {({ width, height, describedBy }) => {
        const room = inside({ width, height });
        const dearest = Math.max(...points.map(({ x }) => x));
        const x = scaleLinear({ domain: [0, dearest === 0 ? 1 : dearest * 1.12], range: [0, room.width], nice: true });
        const domain = shareDomain(
          points.map(({ y }) => y.low),
          points.map(({ y }) => y.high),
        );
        const y = scaleLinear({ domain, range: [room.height, 0] });
        const spots = points.map((one) => ({
          x: x(one.x),
          y: y(one.y.value),
          width: shortName(one).length * LETTER_PX,
        }));
        const names = placed(spots, room);
        const best = points.filter(({ isBest }) => isBest);
        return (
          <Plot
            width={width}
            height={height}
            label={title}
            describedBy={describedBy}
            x={{ name: xName, scale: x, ticks: x.ticks(Math.max(2, Math.floor(room.width / 90))), format }}
            y={{ name: yName, scale: y, ticks: y.ticks(5), format: (share) => formatPercent(share, 0) }}
          >
            <path
              aria-hidden
              // From one to the next by what it costs first: between them, the cheaper one is what there is.
              d={best.map((one, index) => (index === 0 ? `M${x(one.x)} ` : `H${x(one.x)}V`) + y(one.y.value)).join("")}
              className="fill-none stroke-chart-3"
              strokeWidth={2}
              strokeDasharray="5 4"
            />
            <g {...group}>
              {points.map((one, index) => (
                <g key={one.id} {...point(index, words(one))}>
                  <ErrorBar x={x(one.x)} low={y(one.y.low)} high={y(one.y.high)} />
                  <circle cx={x(one.x)} cy={y(one.y.value)} r={12} className="fill-transparent" />
                  <circle
                    cx={x(one.x)}
                    cy={y(one.y.value)}
                    r={5}
                    className={one.isBest ? "fill-chart-3 stroke-chart-3" : "fill-background stroke-chart-1"}
                    strokeWidth={2}
                  />
                </g>
              ))}
            </g>
            {pointed !== undefined && <Ring x={x(pointed.x)} y={y(pointed.y.value)} radius={9} />}
            <g aria-hidden className="pointer-events-none">
              {points.map((one, index) => (
                <text
                  key={one.id}
                  {...names[index]}
                  className="fill-content stroke-background text-2xs [paint-order:stroke]"
                  strokeWidth={3}
                >
                  {shortName(one)}
                </text>
              ))}
            </g>
          </Plot>
        );
      }}
    </Figure>
  );
}

function shortName({ name }: ScatterPoint): string {
  return name.length > NAME_LETTERS_MAX ? `${name.slice(0, NAME_LETTERS_MAX - 1)}…` : name;
}

/** Where the true value may be, with ends that are seen where the line is not. */
export function ErrorBar({ x, low, high }: { x: number; low: number; high: number }) {
  return (
    <path
      d={`M${x - 4} ${low}H${x + 4}M${x} ${low}V${high}M${x - 4} ${high}H${x + 4}`}
      className="fill-none stroke-border-field"
      strokeWidth={1.5}
    />
  );
}
