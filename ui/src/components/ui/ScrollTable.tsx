import type { ReactNode, Ref } from "react";
import { MoreBeside } from "@/components/ui/MoreBeside";
import { classes } from "@/lib/classes";
import { ScrollRegion } from "./ScrollRegion";

type ScrollTableProps = {
  label: string;
  columns: readonly { title: string; className?: string }[];
  ref?: Ref<HTMLElement>;
  /** Its rows, with cells of the class `scrollCell`. */
  children: ReactNode;
};

/** A table that is read, with nothing in it to press: it scrolls below its head, by keyboard too. */
export function ScrollTable({ label, columns, ref, children }: ScrollTableProps) {
  return (
    <MoreBeside className="w-full">
      <ScrollRegion ref={ref} label={label} className="max-h-72 w-full rounded-md border">
        <table className="w-full text-left text-sm">
          <thead className="sticky top-0 bg-surface text-xs text-subtle">
            <tr>
              {columns.map(({ title, className }) => (
                <th key={title} scope="col" className={classes("h-8 px-3 font-semibold", className)}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y border-t">{children}</tbody>
        </table>
      </ScrollRegion>
    </MoreBeside>
  );
}

export const scrollCell = "px-3 py-1.5 align-top";
