import { scaleLinear } from "@visx/scale";
import { AreaClosed, LinePath } from "@visx/shape";
import { Figure } from "@/components/charts/Figure";
import { inside, Plot, Ring } from "@/components/charts/Plot";
import { usePoints } from "@/components/charts/points";
import { formatDuration, formatNumber } from "@/lib/format";
import { type Rate, SHOWN_S, STEP_S } from "./pace";

const HEIGHT = 158;

/** How many tasks a second a run did over the last five minutes. */
export function Throughput({ rates, isAtWork }: { rates: readonly Rate[]; isAtWork: boolean }) {
  const { at, group, point } = usePoints(rates.length);
  const pointed = at === undefined ? undefined : rates[at];
  const end = isAtWork ? "now" : "at the end";
  const ago = (ago_s: number) => (ago_s === 0 ? end : `${formatDuration(ago_s * 1000)} before`);
  const words = ({ ago_s, rate }: Rate) => `${speedWords(rate)}, ${ago(ago_s)}`;
  return (
    <Figure
      title="Tasks a second"
      summary={`Over the last 5 minutes${isAtWork ? "" : " at work"}, as far as this window was open; each point is the mean of ${STEP_S} s.`}
      height={HEIGHT}
      reading={pointed && words(pointed)}
      table={{
        columns: [
          { title: "Seconds before", format: formatNumber },
          { title: "Tasks a second", format: oneDigit },
        ],
        rows: rates.map(({ ago_s, rate }) => [ago_s, rate]),
      }}
    >
      {({ width, height, describedBy }) => {
        const room = inside({ width, height });
        const x = scaleLinear({ domain: [-SHOWN_S, 0], range: [0, room.width] });
        const y = scaleLinear({
          domain: [0, Math.max(1, ...rates.map(({ rate }) => rate))],
          range: [room.height, 0],
          nice: 2,
        });
        const spot = ({ ago_s, rate }: Rate) => ({ x: x(-ago_s), y: y(rate) });
        const line = { data: [...rates], x: (one: Rate) => spot(one).x, y: (one: Rate) => spot(one).y };
        const step = x(STEP_S) - x(0);
        return (
          <Plot
            width={width}
            height={height}
            label="Tasks a second"
            describedBy={describedBy}
            x={{
              name: "minutes before",
              scale: x,
              ticks: [-300, -240, -180, -120, -60, 0],
              format: (seconds) => (seconds === 0 ? end : formatNumber(-seconds / 60)),
            }}
            y={{ name: "tasks a second", scale: y, ticks: y.ticks(2), format: formatNumber }}
          >
            <AreaClosed aria-hidden {...line} yScale={y} className="fill-chart-1/20" />
            <LinePath aria-hidden {...line} className="stroke-chart-1" strokeWidth={2} />
            <g {...group}>
              {rates.map((one, index) => (
                <rect
                  key={one.ago_s}
                  {...point(index, words(one))}
                  x={spot(one).x - step / 2}
                  y={0}
                  width={step}
                  height={room.height}
                  fill="transparent"
                />
              ))}
            </g>
            {pointed !== undefined && <Ring {...spot(pointed)} radius={6} />}
          </Plot>
        );
      }}
    </Figure>
  );
}

function oneDigit(rate: number): string {
  return formatNumber(Math.round(rate * 10) / 10);
}

/** "8.4 a second" */
function speedWords(rate: number): string {
  return `${oneDigit(rate)} a second`;
}
