import { scaleLinear } from "@visx/scale";
import { Bar } from "@visx/shape";
import { formatNumber, formatPercent } from "@/lib/format";
import { Figure } from "./Figure";
import { inside, Plot } from "./Plot";
import { usePoints } from "./points";
import { thinned } from "./ticks";

type HistogramProps = {
  title: string;
  summary: string;
  /** What is counted: "answers". */
  counted: string;
  xName: string;
  /** Without a gap between them, lowest first. */
  bins: readonly { low: number; high: number; count: number }[];
  /** Values that are marked across the bars, and what is said of each: "p50 1.2 s". */
  marks: readonly { value: number; words: string }[];
  format: (value: number) => string;
  className?: string;
};

const HEIGHT = 220;
/** So much higher than its bars is a chart with marks, whose names stand over the bars then. */
const ROOM_FOR_NAMES = 1.4;
/** Between the names of marks that would lie on each other. */
const LINE_HEIGHT = 13;

/** How often values lie between which bounds. Bins are drawn equally wide, whatever they span. */
export function Histogram(props: HistogramProps) {
  const { title, summary, counted, xName, bins, marks, format, className } = props;
  const { at, group, point } = usePoints(bins.length);
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const words = ({ low, high, count }: HistogramProps["bins"][number]) =>
    `${format(low)} to ${format(high)}: ${formatNumber(count)} ${counted}, ${formatPercent(count / Math.max(1, total))}`;
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
          { title: "From", format },
          { title: "To", format },
          { title: sentenceCase(counted), format: formatNumber },
        ],
        rows: bins.map(({ low, high, count }) => [low, high, count]),
      }}
    >
      {({ width, height, describedBy }) => {
        const room = inside({ width, height });
        const y = scaleLinear({
          domain: [0, most * (marks.length > 0 ? ROOM_FOR_NAMES : 1)],
          range: [room.height, 0],
          nice: true,
        });
        const edges = [...bins.map(({ low }) => low), ...bins.slice(-1).map(({ high }) => high)];
        // Through every edge, so that a mark within a bin lies at its place there.
        const step = room.width / Math.max(1, bins.length);
        const x = scaleLinear({ domain: edges, range: edges.map((_, index) => index * step), clamp: true });
        return (
          <Plot
            width={width}
            height={height}
            label={title}
            describedBy={describedBy}
            x={{ name: xName, scale: x, ticks: thinned(edges, room.width / 64), format }}
            y={{
              name: sentenceCase(counted),
              scale: y,
              ticks: y.ticks(4).filter(Number.isInteger),
              format: formatNumber,
            }}
          >
            <g {...group}>
              {bins.map((bin, index) => (
                <g key={bin.low} {...point(index, words(bin))}>
                  {/* As high as the chart, so that an empty or a low bin can be pointed at. */}
                  <rect x={index * step} y={0} width={step} height={room.height} className="fill-transparent" />
                  <Bar
                    x={index * step + 1}
                    width={Math.max(1, step - 2)}
                    y={y(bin.count)}
                    height={room.height - y(bin.count)}
                    className={at === index ? "fill-primary-content" : "fill-chart-1"}
                  />
                </g>
              ))}
            </g>
            {pointed !== undefined && at !== undefined && (
              <rect
                data-focus
                x={at * step}
                y={0}
                width={step}
                height={room.height}
                className="pointer-events-none fill-none stroke-focus"
                strokeWidth={2}
              />
            )}
            <g aria-hidden className="pointer-events-none">
              {marks.map(({ value, words }, index) => {
                const left = x(value);
                const isRight = left > room.width * 0.6;
                return (
                  <g key={words}>
                    <line
                      x1={left}
                      x2={left}
                      y1={-4}
                      y2={room.height}
                      className="stroke-content"
                      strokeWidth={1.5}
                      strokeDasharray={DASHES[index % DASHES.length]}
                    />
                    <text
                      x={left + (isRight ? -5 : 5)}
                      y={6 + index * LINE_HEIGHT}
                      textAnchor={isRight ? "end" : "start"}
                      className="fill-content stroke-background text-2xs font-semibold [paint-order:stroke]"
                      strokeWidth={3}
                    >
                      {words}
                    </text>
                  </g>
                );
              })}
            </g>
          </Plot>
        );
      }}
    </Figure>
  );
}

function sentenceCase(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Marks differ by more than their places. */
const DASHES = [undefined, "6 3", "2 3"];
