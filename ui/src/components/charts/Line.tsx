import { scaleLinear, scalePoint } from "@visx/scale";
import { LinePath } from "@visx/shape";
import type { Interval } from "@/ipc/bindings";
import { formatInterval, formatPercent } from "@/lib/format";
import { Figure } from "./Figure";
import { inside, Plot, Ring } from "./Plot";
import { usePoints } from "./points";
import { ErrorBar } from "./Scatter";
import { shareDomain, thinned } from "./ticks";

export type LinePoint = {
  id: string;
  /** Stands under it: "v3". */
  name: string;
  /** In [0, 1]. */
  y: Interval;
  /** What else is to be known of it: "87 of 100 correct". */
  note?: string;
};

type LineProps = {
  title: string;
  summary: string;
  xName: string;
  yName: string;
  /** In their order. */
  points: readonly LinePoint[];
  className?: string;
};

const HEIGHT = 260;

/** How a share went from one thing to the next, with its intervals. */
export function Line({ title, summary, xName, yName, points, className }: LineProps) {
  const { at, group, point } = usePoints(points.length);
  const words = ({ name, y, note }: LinePoint) =>
    `${name}: ${formatPercent(y.value)} (${formatInterval(y.low, y.high)})${note === undefined ? "" : `, ${note}`}`;
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
          { title: xName },
          { title: yName, format: formatPercent },
          { title: "Low", format: formatPercent },
          { title: "High", format: formatPercent },
        ],
        rows: points.map(({ name, y }) => [name, y.value, y.low, y.high]),
      }}
    >
      {({ width, height, describedBy }) => {
        const room = inside({ width, height });
        const x = scalePoint({ domain: points.map(({ id }) => id), range: [0, room.width], padding: 0.5 });
        const domain = shareDomain(
          points.map(({ y }) => y.low),
          points.map(({ y }) => y.high),
        );
        const y = scaleLinear({ domain, range: [room.height, 0] });
        const spot = (one: LinePoint) => ({ x: x(one.id) ?? 0, y: y(one.y.value) });
        const isDense = x.step() < 14;
        const nameOf = new Map(points.map(({ id, name }) => [id, name]));
        return (
          <Plot
            width={width}
            height={height}
            label={title}
            describedBy={describedBy}
            x={{
              name: xName,
              scale: x,
              ticks: thinned(x.domain(), room.width / 44),
              format: (id) => nameOf.get(id) ?? id,
            }}
            y={{ name: yName, scale: y, ticks: y.ticks(5), format: (share) => formatPercent(share, 0) }}
          >
            <LinePath
              aria-hidden
              data={[...points]}
              x={(one) => spot(one).x}
              y={(one) => spot(one).y}
              className="stroke-chart-1"
              strokeWidth={2}
            />
            <g {...group}>
              {points.map((one, index) => (
                <g key={one.id} {...point(index, words(one))}>
                  <rect
                    x={spot(one).x - x.step() / 2}
                    y={0}
                    width={Math.max(1, x.step())}
                    height={room.height}
                    className="fill-transparent"
                  />
                  {!isDense && <ErrorBar x={spot(one).x} low={y(one.y.low)} high={y(one.y.high)} />}
                  <circle
                    cx={spot(one).x}
                    cy={spot(one).y}
                    r={isDense ? 2.5 : 5}
                    className="fill-chart-1 stroke-background"
                    strokeWidth={isDense ? 0 : 1.5}
                  />
                </g>
              ))}
            </g>
            {pointed !== undefined && <Ring {...spot(pointed)} radius={9} />}
          </Plot>
        );
      }}
    </Figure>
  );
}
