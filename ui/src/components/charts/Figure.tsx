/** The frame around a chart: its title, the same as a table, and its copies. */
import { ChartColumn as ChartIcon, Copy, Table } from "lucide-react";
import { type ReactNode, type RefObject, useId, useRef, useState } from "react";
import { IconButton } from "@/components/ui/Button";
import { Menu, MenuItem } from "@/components/ui/Menu";
import { MoreBeside } from "@/components/ui/MoreBeside";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { toast } from "@/components/ui/toast";
import { useSize } from "@/components/useSize";
import { classes } from "@/lib/classes";
import { type LegendEntry, pictureOf, pngOf } from "./picture";
import { type ChartTable, cellWords, csvOf } from "./table";

/** Where nothing is laid out, as in a test. */
const WIDTH_PX = 480;
// Of one that is hidden there is none.
const widthOf = ({ clientWidth }: HTMLElement) => clientWidth || undefined;

type FigureProps = {
  title: string;
  /** What there is to be seen, in a sentence or two; under the chart, and read with it. */
  summary: string;
  table: ChartTable;
  /** Of the chart, in pixels; the table in its place is no higher. */
  height: number;
  /** What the point stands for that has the focus or is pointed at; in the place of the summary. */
  reading?: string | undefined;
  /** What its marks mean, each within twelve by twelve pixels. */
  legend?: readonly { name: string; mark: ReactNode }[] | undefined;
  className?: string | undefined;
  /** The chart, as wide as there is room, with this text as its description. */
  children: (size: { width: number; height: number; describedBy: string }) => ReactNode;
};

export function Figure({ title, summary, table, height, reading, legend, className, children }: FigureProps) {
  const [isTable, setTable] = useState(false);
  const room = useRef<HTMLDivElement>(null);
  const width = useSize(room, widthOf) ?? WIDTH_PX;
  const describedBy = useId();
  return (
    <figure aria-label={title} className={classes("flex min-w-0 flex-col rounded-md border p-3", className)}>
      <div className="flex items-center gap-1">
        <h3 className="min-w-0 flex-1 truncate text-sm font-semibold">{title}</h3>
        <IconButton
          icon={isTable ? ChartIcon : Table}
          size="small"
          label={isTable ? `Show “${title}” as a chart` : `Show “${title}” as a table`}
          onClick={() => setTable(!isTable)}
        />
        <CopyMenu title={title} table={table} room={room} />
      </div>
      {/* Its chart stays where it is under the table: pictures are made of it. */}
      <div ref={room} hidden={isTable} className="mt-1 overflow-hidden">
        {children({ width, height, describedBy })}
      </div>
      {legend !== undefined && (
        <ul data-legend hidden={isTable} className="flex flex-wrap gap-x-4 gap-y-0.5 pl-1 text-xs text-subtle">
          {legend.map(({ name, mark }) => (
            <li key={name} className="flex items-center gap-1.5">
              <svg aria-hidden width={12} height={12} className="overflow-visible">
                {mark}
              </svg>
              {name}
            </li>
          ))}
        </ul>
      )}
      {isTable && <TableOf title={title} table={table} height={height} />}
      <figcaption id={describedBy} className="mt-1 min-h-8 text-xs text-subtler select-text">
        {reading === undefined ? summary : <span className="text-content">{reading}</span>}
      </figcaption>
    </figure>
  );
}

function TableOf({ title, table: { columns, rows }, height }: Pick<FigureProps, "title" | "table" | "height">) {
  return (
    <div className="mt-1" style={{ height }}>
      <MoreBeside className="h-full">
        <ScrollRegion label={`${title}, as a table`} className="h-full">
          <table className="w-full text-left text-sm">
            <thead className="sticky top-0 bg-background text-xs text-subtle">
              <tr className="border-b">
                {columns.map((column) => (
                  <th
                    key={column.title}
                    scope="col"
                    className={classes("h-8 px-2 font-semibold", ending(column.format))}
                  >
                    {column.title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="divide-y">
              {rows.map((row, index) => (
                <tr key={index}>
                  {columns.map((column, at) => (
                    <td key={column.title} dir="auto" className={classes("px-2 py-1", ending(column.format))}>
                      {cellWords(column, row[at] ?? null)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      </MoreBeside>
    </div>
  );
}

function ending(format: unknown): string {
  return format === undefined ? "" : "text-right tabular-nums";
}

type CopyMenuProps = Pick<FigureProps, "title" | "table"> & { room: RefObject<HTMLDivElement | null> };

function CopyMenu({ title, table, room }: CopyMenuProps) {
  const picture = () => {
    const chart = room.current?.querySelector<SVGSVGElement>(":scope > svg");
    if (chart == null) throw new Error("there is no chart to copy");
    const entries = room.current?.parentElement?.querySelectorAll("[data-legend] li") ?? [];
    const legend = [...entries].flatMap((entry): LegendEntry[] => {
      const mark = entry.querySelector("svg");
      return mark === null ? [] : [{ name: entry.textContent, mark }];
    });
    return pictureOf(chart, title, legend);
  };
  const copy = async (kind: string, write: () => Promise<void>) => {
    try {
      await write();
      toast({ title: `“${title}” is copied as ${kind}` });
    } catch {
      toast({ kind: "failed", title: `The clipboard did not take the ${kind}` });
    }
  };
  const copyText = (kind: string, text: () => string) => copy(kind, () => navigator.clipboard.writeText(text()));
  return (
    <Menu align="end" trigger={<IconButton icon={Copy} size="small" label={`Copy “${title}”`} />}>
      <MenuItem
        hint="A picture, for documents and chats"
        onClick={() =>
          void copy("PNG", () =>
            // The promise itself: some engines take nothing any more once they were made to wait.
            navigator.clipboard.write([new ClipboardItem({ "image/png": pngOf(picture()) })]),
          )
        }
      >
        Copy as PNG
      </MenuItem>
      <MenuItem hint="A drawing that stays sharp at any size" onClick={() => void copyText("SVG", () => picture().svg)}>
        Copy as SVG
      </MenuItem>
      <MenuItem hint="The numbers, for a spreadsheet" onClick={() => void copyText("CSV", () => csvOf(table))}>
        Copy as CSV
      </MenuItem>
    </Menu>
  );
}
