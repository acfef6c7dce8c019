import { scaleLinear } from "@visx/scale";
import { LinePath } from "@visx/shape";
import { formatNumber, formatPercent } from "@/lib/format";
import { Figure } from "./Figure";
import { inside, Plot, Ring } from "./Plot";
import { usePoints } from "./points";

export type ReliabilityBin = {
  /** Between which confidences its answers are, in [0, 1]. */
  low: number;
  high: number;
  count: number;
  /** Their mean confidence. */
  confidence: number;
  /** The share of them that is right. */
  accuracy: number;
};

type ReliabilityProps = { title: string; summary: string; bins: readonly ReliabilityBin[]; className?: string };

const HEIGHT = 260;
const SHARES = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** How often answers are right that a model was so sure of. On the diagonal it knows what it knows. */
export function Reliability({ title, summary, bins: all, className }: ReliabilityProps) {
  const bins = all.filter(({ count }) => count > 0);
  const { at, group, point } = usePoints(bins.length);
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const words = ({ low, high, count, confidence, accuracy }: ReliabilityBin) => {
    const off = confidence - accuracy;
    const said = `${formatPercent(low, 0)} to ${formatPercent(high, 0)} sure: right ${formatPercent(accuracy)} of ${formatNumber(count)}`;
    return Math.abs(off) < 0.005
      ? said
      : `${said}, ${formatPercent(Math.abs(off))} ${off > 0 ? "too sure" : "too unsure"}`;
  };
  const pointed = at === undefined ? undefined : bins[at];
  return (
    <Figure
      title={title}
      summary={summary}
      height={HEIGHT}
      className={className}
      reading={pointed && words(pointed)}
      table={{
        columns: [
          { title: "From", format: formatPercent },
          { title: "To", format: formatPercent },
          { title: "Answers", format: formatNumber },
          { title: "Confidence", format: formatPercent },
          { title: "Accuracy", format: formatPercent },
        ],
        rows: all.map(({ low, high, count, confidence, accuracy }) =>
          count === 0 ? [low, high, 0, null, null] : [low, high, count, confidence, accuracy],
        ),
      }}
    >
      {({ width, height, describedBy }) => {
        const room = inside({ width, height });
        const x = scaleLinear({ domain: [0, 1], range: [0, room.width] });
        const y = scaleLinear({ domain: [0, 1], range: [room.height, 0] });
        const radius = (count: number) => 3.5 + 6 * Math.sqrt(count / most);
        const format = (share: number) => formatPercent(share, 0);
        return (
          <Plot
            width={width}
            height={height}
            label={title}
            describedBy={describedBy}
            x={{ name: "Confidence", scale: x, ticks: SHARES, format }}
            y={{ name: "Accuracy", scale: y, ticks: SHARES, format }}
          >
            <line
              aria-hidden
              x1={x(0)}
              y1={y(0)}
              x2={x(1)}
              y2={y(1)}
              className="stroke-border-field"
              strokeWidth={1.5}
              strokeDasharray="5 4"
            />
            <LinePath
              aria-hidden
              data={bins}
              x={(bin) => x(bin.confidence)}
              y={(bin) => y(bin.accuracy)}
              className="stroke-chart-1"
              strokeWidth={2}
            />
            <g {...group}>
              {bins.map((bin, index) => (
                <g key={bin.low} {...point(index, words(bin))}>
                  <circle cx={x(bin.confidence)} cy={y(bin.accuracy)} r={12} className="fill-transparent" />
                  {/* How far off it is. */}
                  <line
                    x1={x(bin.confidence)}
                    x2={x(bin.confidence)}
                    y1={y(bin.confidence)}
                    y2={y(bin.accuracy)}
                    className="stroke-chart-2"
                    strokeWidth={1.5}
                  />
                  <circle
                    cx={x(bin.confidence)}
                    cy={y(bin.accuracy)}
                    r={radius(bin.count)}
                    className="fill-chart-1 stroke-background"
                    strokeWidth={1.5}
                  />
                </g>
              ))}
            </g>
            {pointed !== undefined && (
              <Ring x={x(pointed.confidence)} y={y(pointed.accuracy)} radius={radius(pointed.count) + 3} />
            )}
          </Plot>
        );
      }}
    </Figure>
  );
}
